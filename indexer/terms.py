"""Text → terms for BM25, the same for passages and questions; and the BM25 index over them."""

import json
import logging
import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

import numpy as np
import Stemmer

from indexer.files import write_durably, written_durably

_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+")
_POSSESSIVE = re.compile(r"['’]s\b")
STOPWORDS = frozenset(
    """
    a an the of to in on at for from by with and or but is are was were be been being do does did has have had having
    what which who whom whose when where why how that this these those it its as into about than then there their they
    them he she his her him i you we us our your my me not no nor so if can could would should will shall may might must
    also such any some all each both more most other own same very just only over under again s t
    """.split()
)
_K1, _B = 1.2, 0.75  # Lucene's defaults

_stemmer = Stemmer.Stemmer("english")


def words(text: str) -> list[str]:
    """Lower-case words and numbers of `text` without accents; `1,000` is one word, `1000`."""
    folded = unicodedata.normalize("NFKD", _POSSESSIVE.sub("", text)).casefold()
    plain = "".join(char for char in folded if not unicodedata.combining(char)) if not folded.isascii() else folded
    return [token.replace(",", "").rstrip(".") if token[0].isdigit() else token for token in _TOKEN.findall(plain)]


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """Snowball's English stem of a lower-case word."""
    return str(_stemmer.stemWord(word))


def terms(text: str) -> list[str]:
    """Stems of the words of `text` that are not stop words, in order and with repetitions."""
    return [stem(word) for word in words(text) if word not in STOPWORDS]


@dataclass(frozen=True, eq=False)
class DocumentTerms:
    """The terms of an article's passages, numbered in `vocabulary`.

    `numbers` (int32) holds the terms of all passages one after another, `lengths` (int32) how many each has.
    """

    vocabulary: tuple[str, ...]
    numbers: np.ndarray
    lengths: np.ndarray

    @classmethod
    def of(cls, passages: Sequence[Sequence[str]]) -> "DocumentTerms":
        """Number the terms of passages."""
        vocabulary: dict[str, int] = {}
        numbers = [vocabulary.setdefault(term, len(vocabulary)) for passage in passages for term in passage]
        lengths = [len(passage) for passage in passages]
        return cls(tuple(vocabulary), np.array(numbers, dtype=np.int32), np.array(lengths, dtype=np.int32))


class _Stream:
    """What numpy does not take for a file, so that it writes by `write` and hears of every error."""

    def __init__(self, stream: BinaryIO) -> None:
        self.write = stream.write


class TermIndex:
    """BM25 (Lucene's variant, by bm25s) over the terms of all passages, row for row as in the vector index.

    What a term adds to the score of the passages that hold it is reckoned as the index is built. Of term number n that
    is `data[p[n] : p[n + 1]]`, in the rows `indices[p[n] : p[n + 1]]`, with p for `pointers`.
    """

    def __init__(
        self, vocabulary: dict[str, int], data: np.ndarray, indices: np.ndarray, pointers: np.ndarray, rows: int
    ) -> None:
        """`vocabulary` tells each term's number."""
        self.vocabulary, self.rows = vocabulary, rows
        self._data, self._indices, self._pointers = data, indices, pointers

    @classmethod
    def empty(cls, rows: int) -> "TermIndex":
        """For passages none of which holds a term; all scores are 0 then."""
        return cls({}, np.zeros(0, np.float32), np.zeros(0, np.int32), np.zeros(1, np.int64), rows)

    @classmethod
    def build(cls, documents: Iterable[DocumentTerms]) -> "TermIndex":
        """Index the passages of all documents, in their order."""
        vocabulary: dict[str, int] = {}
        rows: list[list[int]] = []
        for document in documents:
            shared = np.array([vocabulary.setdefault(t, len(vocabulary)) for t in document.vocabulary], dtype=np.int64)
            ends = np.cumsum(document.lengths).tolist()
            numbers = shared[document.numbers].tolist() if len(shared) else []
            rows.extend(numbers[end - size : end] for end, size in zip(ends, document.lengths.tolist(), strict=True))
        if not vocabulary:
            return cls.empty(len(rows))
        import bm25s  # a while to import; only a build needs it

        logging.getLogger("bm25s").setLevel(logging.WARNING)  # it tells of every index it builds
        bm25 = bm25s.BM25(k1=_K1, b=_B, method="lucene")
        bm25.index((rows, vocabulary), show_progress=False, create_empty_token=False)
        scores = bm25.scores
        return cls(bm25.vocab_dict, scores["data"], scores["indices"], scores["indptr"], len(rows))

    def scores(self, question_terms: Sequence[str]) -> np.ndarray:
        """BM25 score of every passage for the question, shape (rows,), float32."""
        found = np.zeros(self.rows, dtype=np.float32)
        for term in dict.fromkeys(question_terms):
            held = self._held(term)
            found[self._indices[held]] += self._data[held]
        return found

    def best_rows(self, term: str, k: int) -> list[int]:
        """At most k rows of passages that hold a term, those that score best for it first."""
        held = self._held(term)
        best = np.argsort(-self._data[held], kind="stable")[:k]
        return [int(row) for row in self._indices[held][best]]

    def holding(self, term: str) -> int:
        """How many passages hold a term."""
        held = self._held(term)
        return int(held.stop - held.start)

    def _held(self, term: str) -> slice:
        number = self.vocabulary.get(term)
        return slice(0, 0) if number is None else slice(self._pointers[number], self._pointers[number + 1])

    def idf(self, term: str) -> float:
        """Inverse document frequency of a term, `ln(1 + (N − n + ½) / (n + ½))` with N passages, n holding the term."""
        holding = self.holding(term)
        return math.log(1 + (self.rows - holding + 0.5) / (holding + 0.5))

    def save(self, folder: Path) -> None:
        """Write the index's files into `folder`, durably; they are named as bm25s names them.

        It is not asked to, for numpy overlooks that a disk is full as it closes a small file.
        """
        if not self.vocabulary:
            return
        for name, array in (("data", self._data), ("indices", self._indices), ("indptr", self._pointers)):
            with written_durably(folder / f"{name}.csc.index.npy") as stream:
                np.save(_Stream(stream), array, allow_pickle=False)
        write_durably(folder / "vocab.index.json", json.dumps(self.vocabulary, ensure_ascii=False).encode())

    @classmethod
    def load(cls, folder: Path, rows: int) -> "TermIndex":
        """Load what `save` wrote; `rows` is the manifest's number of passages."""
        if not (folder / "vocab.index.json").exists():
            return cls.empty(rows)
        vocabulary = json.loads((folder / "vocab.index.json").read_bytes())
        names = ("data", "indices", "indptr")
        data, indices, pointers = (np.load(folder / f"{name}.csc.index.npy", allow_pickle=False) for name in names)
        return cls(vocabulary, data, indices, pointers, rows)
