"""BM25 over the living passages of all segments: the same scores however the passages are spread."""

import math
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

import numpy as np

from indexer.postings import DocumentTerms, Postings

_K1, _B = 1.2, 0.75  # Lucene's defaults


class TermIndex:
    """BM25, Lucene's variant: the sum over a question's terms of `idf · tf / (tf + k1 · (1 − b + b · length / mean))`.

    Scores are reckoned as a question is asked, from how often each living passage holds a term, so that what was
    removed counts nowhere, and a score does not depend on which segment a passage lies in.
    """

    def __init__(self, parts: Sequence[Postings], rows: np.ndarray) -> None:
        """`rows` (int32) tells the row of each passage, one part after the other; −1 for one that is gone."""
        self._parts = parts
        self._ends = np.cumsum([len(part.lengths) for part in parts], dtype=np.int64).tolist()
        self._rows = [rows[end - len(p.lengths) : end] for p, end in zip(parts, self._ends, strict=True)]
        self._whole = [not len(own) or bool(own.min() >= 0) for own in self._rows]
        self.rows = int((rows >= 0).sum())
        lengths = np.zeros(self.rows, dtype=np.int32)
        for part, own in zip(parts, self._rows, strict=True):
            lengths[own[own >= 0]] = part.lengths[own >= 0]
        mean = float(lengths.sum(dtype=np.int64)) / max(1, self.rows)
        self._weight = (_K1 * (1 - _B + _B * lengths / (mean or 1.0))).astype(np.float32)

    @classmethod
    def build(cls, documents: Iterable[DocumentTerms]) -> "TermIndex":
        """Index the passages of all documents, in their order."""
        part = Postings.of(documents)
        return cls([part], np.arange(len(part.lengths), dtype=np.int32))

    def scores(self, question_terms: Sequence[str]) -> np.ndarray:
        """BM25 score of every passage for the question, shape (rows,), float32."""
        found = np.zeros(self.rows, dtype=np.float32)
        for term in dict.fromkeys(question_terms):
            for rows, added in self._added(term):
                found[rows] += added
        return found

    def best_rows(self, term: str, k: int) -> list[int]:
        """At most k rows of passages that hold a term, those that score best for it first."""
        added = [*self._added(term)]
        if not added:
            return []
        rows, scores = (np.concatenate(each) for each in zip(*added, strict=True))
        return [int(row) for row in rows[np.lexsort((rows, -scores))[:k]]]

    def holding(self, term: str) -> int:
        """How many passages hold a term."""
        return sum(len(rows) for rows, _ in self._living(term))

    def idf(self, term: str) -> float:
        """Inverse document frequency of a term, `ln(1 + (N − n + ½) / (n + ½))` with N passages, n holding the term."""
        return self._idf(self.holding(term))

    @cached_property
    def vocabulary(self) -> tuple[str, ...]:
        """The terms that a passage holds, sorted as UTF-8."""
        held = (
            part.vocabulary(None if whole else own >= 0)
            for part, own, whole in zip(self._parts, self._rows, self._whole, strict=True)
        )
        return tuple(sorted(set().union(*held)))

    def _idf(self, holding: int) -> float:
        return math.log(1 + (self.rows - holding + 0.5) / (holding + 0.5))

    def _added(self, term: str) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """The living rows that hold a term, and what it adds to the score of each, a pair for each part with some."""
        living = [*self._living(term)]
        idf = np.float32(self._idf(sum(len(rows) for rows, _ in living)))
        for rows, counts in living:
            often = counts.astype(np.float32)
            yield rows, idf * (often / (often + self._weight[rows]))

    def _living(self, term: str) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """The living rows that hold a term, and how often, a pair for each part that has some."""
        for part, own, whole in zip(self._parts, self._rows, self._whole, strict=True):
            held = part.held(term)
            if held.start == held.stop:
                continue
            rows, counts = own[part.rows[held]], part.counts[held]
            if not whole:
                rows, counts = rows[rows >= 0], counts[rows >= 0]
            if len(rows):
                yield rows, counts
