"""Text → terms for BM25, the same for passages and questions; and the BM25 index over them."""

import logging
import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import bm25s
import numpy as np
import Stemmer

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

logging.getLogger("bm25s").setLevel(logging.WARNING)  # it tells of every index it builds
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


class TermIndex:
    """BM25 (Lucene's variant, by bm25s) over the terms of all passages, row for row as in the vector index."""

    def __init__(self, bm25: bm25s.BM25 | None, rows: int) -> None:
        """`bm25` is None where no passage holds a term; all scores are 0 then."""
        self._bm25, self.rows = bm25, rows

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
            return cls(None, len(rows))
        bm25 = bm25s.BM25(k1=_K1, b=_B, method="lucene")
        bm25.index((rows, vocabulary), show_progress=False, create_empty_token=False)
        return cls(bm25, len(rows))

    def scores(self, question_terms: Sequence[str]) -> np.ndarray:
        """BM25 score of every passage for the question, shape (rows,), float32."""
        known = [term for term in dict.fromkeys(question_terms) if term in self.vocabulary]
        if self._bm25 is None or not known:
            return np.zeros(self.rows, dtype=np.float32)
        return np.asarray(self._bm25.get_scores(known), dtype=np.float32)

    @property
    def vocabulary(self) -> dict[str, int]:
        """Term → its number."""
        return {} if self._bm25 is None else self._bm25.vocab_dict

    def holding(self, term: str) -> int:
        """How many passages hold a term."""
        number = self.vocabulary.get(term)
        if number is None or self._bm25 is None:
            return 0
        pointers = self._bm25.scores["indptr"]
        return int(pointers[number + 1] - pointers[number])

    def idf(self, term: str) -> float:
        """Inverse document frequency of a term, `ln(1 + (N − n + ½) / (n + ½))` with N passages, n holding the term."""
        holding = self.holding(term)
        return math.log(1 + (self.rows - holding + 0.5) / (holding + 0.5))

    def save(self, folder: Path) -> None:
        """Write the index's files into `folder`."""
        if self._bm25 is not None:
            self._bm25.save(str(folder), show_progress=False)

    @classmethod
    def load(cls, folder: Path, rows: int) -> "TermIndex":
        """Load what `save` wrote; `rows` is the manifest's number of passages."""
        if not any(folder.iterdir()):
            return cls(None, rows)
        return cls(bm25s.BM25.load(str(folder), mmap=False, load_corpus=False), rows)
