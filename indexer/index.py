"""A loaded generation: search its passages, open its articles. Everything in it is of one and the same build."""

import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from indexer.bm25 import TermIndex
from indexer.errors import IndexDamaged
from indexer.generation import HeldGeneration, current_name, hold_current, record_path
from indexer.manifest import ArticleEntry, Manifest
from indexer.record import Record, read_record
from indexer.seen import mark
from indexer.segment import OpenSegment, damaged, open_segment
from indexer.vectors import Vectors

_RECORDS_IN_MEMORY = 512


@dataclass(frozen=True, eq=False)
class Candidates:
    """Passages that may fit a question: their rows, ascending, int64 (n,); cosine and BM25 score of each, (n,)."""

    rows: np.ndarray
    cosine: np.ndarray
    bm25: np.ndarray


class Index:
    """One generation of an index, immutable; it stays readable after newer ones have replaced it."""

    def __init__(self, root: Path, held: HeldGeneration, segments: Sequence[OpenSegment]) -> None:
        """Use `Index.open`."""
        self.root, self._held = root, held
        weakref.finalize(self, held.lock.close)  # an index that nobody uses any more lets its generation go
        self.articles: tuple[ArticleEntry, ...] = held.manifest.articles
        self._first_row = np.concatenate([[0], np.cumsum([entry.passages for entry in self.articles])]).astype(np.int64)
        self._number = {entry.path: number for number, entry in enumerate(self.articles)}
        self._record = lru_cache(maxsize=_RECORDS_IN_MEMORY)(self._read_record)
        # Where each row is stored, counted over all segments, and which row is stored there; -1 for none any more.
        moved = np.repeat(held.manifest.starts - self._first_row[:-1], np.diff(self._first_row))
        self._stored = (np.arange(len(moved)) + moved).astype(np.int32)
        ends = np.cumsum([0, *(segment.vectors.rows for segment in segments)]).tolist()
        rows = np.full(ends[-1], -1, dtype=np.int32)
        rows[self._stored] = np.arange(len(moved), dtype=np.int32)
        self._parts = [
            _Part(s.vectors, first, rows[first:end]) for s, first, end in zip(segments, ends, ends[1:], strict=False)
        ]
        self._mapped = [file for segment in segments for file in segment.mapped]
        self.terms = TermIndex([segment.postings for segment in segments], rows)

    @classmethod
    def open(cls, root: Path) -> "Index":
        """Load the current generation below `root`.

        Raises `IndexMissing`, or `IndexDamaged` if a file is not what its checksum says.
        """
        held = hold_current(root)
        try:
            segments = [open_segment(root, segment) for segment in held.manifest.segments]
        except BaseException:
            held.lock.close()
            raise
        return cls(root, held, segments)

    def close(self) -> None:
        """Let the generation go; a build may remove it then."""
        self._held.lock.close()

    @property
    def manifest(self) -> Manifest:
        """What the generation holds and how it was made."""
        return self._held.manifest

    @property
    def is_current(self) -> bool:
        """Whether no newer generation has been made current."""
        return current_name(self.root) == self.manifest.generation

    def must_be_whole(self) -> None:
        """Raises `IndexDamaged` if a file that is mapped has been cut short: reading on would end this process."""
        for file in self._mapped:
            if file.is_cut:
                raise damaged(self.root, file.path)

    def article_number(self, path: str) -> int | None:
        """The number of the article at `path`, or None."""
        return self._number.get(path)

    def record(self, article: int) -> Record:
        """Text, sentences, passages and vectors of an article; its checksum is checked as it is read."""
        return self._record(article)

    def _read_record(self, article: int) -> Record:
        entry = self.articles[article]
        try:
            return read_record(record_path(self.root, entry.record), entry.record_sha256)
        except IndexDamaged:
            mark(record_path(self.root, entry.record))
            raise

    def locate(self, row: int) -> tuple[int, int]:
        """(article number, passage number within the article) of a passage's row."""
        article = int(np.searchsorted(self._first_row, row, side="right")) - 1
        return article, row - int(self._first_row[article])

    def row(self, article: int, passage: int) -> int:
        """The row of a passage; the inverse of `locate`."""
        return int(self._first_row[article]) + passage

    def candidates(
        self, asked: Sequence[str], vector: np.ndarray, k: int, articles: Sequence[int] | None = None
    ) -> Candidates:
        """The k passages nearest to `vector` (dimension,), and the k that score best for the terms `asked`, by BM25.

        Only passages of `articles`, where they are given.
        """
        near, _ = self.nearest(vector, k, articles)
        bm25 = self.terms.scores(asked)
        found = np.flatnonzero(bm25)
        if articles is not None:
            found = found[self._chosen(articles)[found]]
        rows = np.unique(np.concatenate([near, found[_best(bm25[found], found, k)]]))
        return Candidates(rows, self.products(vector, rows), bm25[rows])

    def rows(self, articles: Sequence[int]) -> np.ndarray:
        """The rows of all passages of the articles, ascending, each once, int64."""
        return np.flatnonzero(self._chosen(articles))

    def nearest(
        self, vector: np.ndarray, k: int, articles: Sequence[int] | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """The k rows of greatest inner product with `vector` (dimension,), best first, and their products.

        Only rows of `articles`, where they are given. Fewer than k where there are fewer. Of equal ones the first row
        comes first. Where a segment is searched by inverted lists, a few may be missed: see its `recall`.
        """
        among, k = None if articles is None else self._chosen(articles), max(k, 1)
        rows = np.concatenate([np.zeros(0, np.int64), *(part.nearest(vector, k, among) for part in self._parts)])
        products = self.products(vector, rows)
        best = np.lexsort((rows, -products))[:k]
        return np.asarray(rows[best]), products[best]

    def _chosen(self, articles: Sequence[int]) -> np.ndarray:
        """Whether each row is of one of the articles, shape (rows,), bool."""
        chosen = np.zeros(self.manifest.passages, dtype=bool)
        for article in articles:
            chosen[self._first_row[article] : self._first_row[article + 1]] = True
        return chosen

    def products(self, vector: np.ndarray, rows: Sequence[int] | np.ndarray) -> np.ndarray:
        """Inner product of `vector` with each of the rows, shape (len(rows),), float32."""
        stored, found = self._stored[np.asarray(rows, dtype=np.int64)], np.zeros(len(rows), dtype=np.float32)
        for part in self._parts:
            here = np.flatnonzero((stored >= part.first) & (stored < part.first + part.vectors.rows))
            # In double precision, so that a product does not depend on which others are reckoned with it.
            found[here] = part.vectors.of(stored[here] - part.first).astype(np.float64) @ vector.astype(np.float64)
        return found


class _Part:
    """The vectors of a segment and their rows in the generation; −1 for those that are gone."""

    def __init__(self, vectors: Vectors, first: int, rows: np.ndarray) -> None:
        self.vectors, self.first, self._rows = vectors, first, rows
        self._whole = not len(rows) or bool(rows.min() >= 0)

    def nearest(self, vector: np.ndarray, k: int, chosen: np.ndarray | None) -> np.ndarray:
        """The k rows nearest to `vector`, and some more, int64; only those for which `chosen`, bool, holds."""
        among = None if self._whole else self._rows >= 0
        if chosen is not None:
            among = (self._rows >= 0) & chosen[self._rows]
        rows: np.ndarray = self._rows[self.vectors.nearest(vector, k, among)].astype(np.int64)
        return rows


def _best(scores: np.ndarray, rows: np.ndarray, k: int) -> np.ndarray:
    """Where the k greatest scores stand, of equal ones that of the first row; in no order."""
    if len(scores) <= k:
        return np.arange(len(scores))
    least = np.partition(scores, len(scores) - k)[len(scores) - k]
    among = np.flatnonzero(scores >= least)
    return among[np.lexsort((rows[among], -scores[among]))[:k]]
