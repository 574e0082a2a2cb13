"""A loaded generation: search its passages, open its articles. Everything in it is of one and the same build."""

import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import faiss
import numpy as np

from indexer.errors import IndexDamaged
from indexer.generation import HeldGeneration, current_name, damaged_file, hold_current, record_path
from indexer.manifest import ArticleEntry, Manifest
from indexer.record import Record, read_record
from indexer.terms import TermIndex

_RECORDS_IN_MEMORY = 512


@dataclass(frozen=True, eq=False)
class Candidates:
    """Passages that may fit a question: their rows, ascending, int64 (n,); cosine and BM25 score of each, (n,)."""

    rows: np.ndarray
    cosine: np.ndarray
    bm25: np.ndarray


class Index:
    """One generation of an index, immutable; it stays readable after newer ones have replaced it."""

    def __init__(self, root: Path, held: HeldGeneration, vectors: faiss.Index, terms: TermIndex) -> None:
        """Use `Index.open`."""
        self.root, self._held, self._vectors, self.terms = root, held, vectors, terms
        weakref.finalize(self, held.lock.close)  # an index that nobody uses any more lets its generation go
        self.articles: tuple[ArticleEntry, ...] = held.manifest.articles
        self._first_row = np.concatenate([[0], np.cumsum([entry.passages for entry in self.articles])]).astype(np.int64)
        self._number = {entry.path: number for number, entry in enumerate(self.articles)}
        self._record = lru_cache(maxsize=_RECORDS_IN_MEMORY)(self._read_record)

    @classmethod
    def open(cls, root: Path) -> "Index":
        """Load the current generation below `root`.

        Raises `IndexMissing`, or `IndexDamaged` if a file is not what its checksum says.
        """
        held = hold_current(root)
        try:
            damaged = damaged_file(held)
            if damaged:
                raise IndexDamaged(f"{damaged}: is missing or altered; run python -m indexer --index {root}")
            vectors = faiss.read_index(str(held.folder / "passages.faiss"))
            terms = TermIndex.load(held.folder / "terms", held.manifest.passages)
            if vectors.ntotal != held.manifest.passages:
                raise IndexDamaged(
                    f"{root}: {vectors.ntotal} vectors for {held.manifest.passages} passages; "
                    f"run python -m indexer --full --index {root}"
                )
        except BaseException:
            held.lock.close()
            raise
        return cls(root, held, vectors, terms)

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

    def article_number(self, path: str) -> int | None:
        """The number of the article at `path`, or None."""
        return self._number.get(path)

    def record(self, article: int) -> Record:
        """Text, sentences, passages and vectors of an article; its checksum is checked as it is read."""
        return self._record(article)

    def _read_record(self, article: int) -> Record:
        entry = self.articles[article]
        return read_record(record_path(self.root, entry.record), entry.record_sha256)

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
        among = None if articles is None else self.rows(articles)
        found = _best(bm25, k) if among is None else among[_best(bm25[among], k)]
        rows = np.unique(np.concatenate([near, found[bm25[found] > 0]])).astype(np.int64)
        return Candidates(rows, self.products(vector, rows), bm25[rows])

    def rows(self, articles: Sequence[int]) -> np.ndarray:
        """The rows of all passages of the articles, ascending, each once, int64."""
        return np.flatnonzero(self._chosen(articles))

    def nearest(
        self, vector: np.ndarray, k: int, articles: Sequence[int] | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """The k rows of greatest inner product with `vector` (dimension,), best first, and their products.

        Only rows of `articles`, where they are given. Fewer than k where there are fewer: FAISS pads with row -1,
        which is no passage.
        """
        asked, parameters = np.ascontiguousarray(vector[None], dtype=np.float32), None
        if articles is not None:
            bits = np.packbits(self._chosen(articles), bitorder="little")
            selector = faiss.IDSelectorBitmap(bits)  # type: ignore[call-arg, arg-type]  # faiss adds to what it declares
            parameters = faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]
        products, rows = self._vectors.search(asked, max(k, 1), params=parameters)
        real = rows[0] >= 0
        return rows[0][real], products[0][real]

    def _chosen(self, articles: Sequence[int]) -> np.ndarray:
        """Whether each row is of one of the articles, shape (rows,), bool."""
        chosen = np.zeros(self.manifest.passages, dtype=bool)
        for article in articles:
            chosen[self._first_row[article] : self._first_row[article + 1]] = True
        return chosen

    def products(self, vector: np.ndarray, rows: Sequence[int] | np.ndarray) -> np.ndarray:
        """Inner product of `vector` with each of the rows, shape (len(rows),)."""
        if not len(rows):
            return np.zeros(0, dtype=np.float32)
        found: np.ndarray = np.stack([self._vectors.reconstruct(int(row)) for row in rows]) @ vector
        return found


def _best(scores: np.ndarray, k: int) -> np.ndarray:
    """Where the k greatest scores stand, in no order."""
    if not len(scores):
        return np.zeros(0, dtype=np.int64)
    return np.argpartition(-scores, min(k, len(scores) - 1))[:k]
