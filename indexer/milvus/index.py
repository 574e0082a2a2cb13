"""A generation in Milvus as chat searches it; see `indexer.Index`, whose place it takes."""

import time
import weakref
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from indexer.errors import IndexDamaged, IndexMismatch
from indexer.index import Candidates
from indexer.manifest import ArticleEntry, Segment
from indexer.milvus.blobs import Blobs
from indexer.milvus.client import Milvus
from indexer.milvus.generation import READER_SECONDS, Generation, current_generation, current_marker
from indexer.milvus.layers import Layer, folded, read_layers
from indexer.milvus.models import fetch_question_model
from indexer.milvus.schema import among, article_and_passage, bm25, idf, load_epoch, passages_of, thoroughness
from indexer.record import Record, parsed_record
from indexer.types import ModelInfo, PassageSettings

_RECORDS_IN_MEMORY = 512
_SCORED_ANEW = 32
# So long after it was opened, a generation is searched with all writes to it waited for; from then on they are known
# to have arrived everywhere (Milvus promises 5 seconds), and a search need not wait.
_SETTLED_SECONDS = 30.0


@dataclass(frozen=True)
class MilvusManifest:
    """What a generation holds and how it was made; as `indexer.Manifest`, without files."""

    generation: str
    built: str
    corpus: str
    model: ModelInfo
    settings: PassageSettings
    tools: str
    articles: tuple[ArticleEntry, ...]
    passages: int
    segments: tuple[Segment, ...] = ()  # Milvus sees to its own


class MilvusTerms:
    """How many passages hold a term: counted by the builds, and held in memory by every reader."""

    def __init__(self, index: "MilvusIndex", holding: dict[str, int], terms: int, rows: int) -> None:
        """`terms` is how many terms the `rows` passages have together."""
        self._index, self.vocabulary, self.rows = weakref.proxy(index), holding, rows
        self.average = terms / rows if rows else 0.0

    def holding(self, term: str) -> int:
        """How many passages hold a term."""
        return self.vocabulary.get(term, 0)

    def idf(self, term: str) -> float:
        """Inverse document frequency of a term; see `TermIndex.idf`."""
        return idf(self.holding(term), self.rows)

    def score(self, asked: Iterable[str], text: str) -> float:
        """BM25 score of a passage by its terms, joined by spaces."""
        return bm25(asked, text, self.vocabulary, self.rows, self.average)

    def best_rows(self, term: str, k: int) -> list[int]:
        """At most k rows of passages that hold a term, those that score best for it first."""
        rows: list[int] = self._index.best_rows(term, k)
        return rows


class MilvusIndex:
    """One generation of an index in Milvus; safe to use from many threads at once.

    Everything comes from the server: passages are searched there, records are fetched when they are read. Article
    entries and term counts are held in memory.
    """

    def __init__(self, root: Path, store: Milvus, generation: Generation, layer: Layer, search: dict[str, int]) -> None:
        """Use `MilvusIndex.open`. `layer` is the sum of the generation's layers."""
        self.root, self._store, self._generation, self._search = root, store, generation, search
        self._blobs, self._collection = Blobs(store, generation.epoch), passages_of(generation.epoch)
        numbered = sorted(layer.added.items(), key=lambda item: item[1].path)
        self.articles: tuple[ArticleEntry, ...] = tuple(entry for _, entry in numbered)
        self._ids = [number for number, _ in numbered]  # the articles' numbers in Milvus
        self._place = {number: place for place, number in enumerate(self._ids)}
        self._first_row = np.concatenate([[0], np.cumsum([entry.passages for entry in self.articles])]).astype(np.int64)
        self._number = {entry.path: number for number, entry in enumerate(self.articles)}
        self.terms = MilvusTerms(self, layer.holding, layer.terms, generation.passages)
        self._record = lru_cache(maxsize=_RECORDS_IN_MEMORY)(self._read_record)
        self._opened = self._confirmed = time.monotonic()
        made = (generation.built, generation.corpus, generation.model, generation.settings, generation.tools)
        self.manifest = MilvusManifest(generation.name, *made, self.articles, generation.passages)
        weakref.finalize(self, store.close)

    @classmethod
    def open(cls, root: Path, uri: str) -> "MilvusIndex":
        """Read the current generation; `root` is where the model for questions is kept on this machine.

        Raises `IndexMissing`, `IndexDamaged`, `StoreUnavailable`.
        """
        store = Milvus(uri)
        try:
            generation = current_generation(store)
            load_epoch(store, generation.epoch)
            blobs = Blobs(store, generation.epoch)
            layer = folded(read_layers(blobs, generation.layers))
            if sum(entry.passages for entry in layer.added.values()) != generation.passages:
                raise IndexDamaged(f"{uri}: its layers are not those of {generation.passages} passages; {blobs.repair}")
            fetch_question_model(blobs, root, generation.question_model)
            return cls(root, store, generation, layer, thoroughness(store, generation.epoch))
        except BaseException:
            store.close()
            raise

    def close(self) -> None:
        """End the connection."""
        self._store.close()

    @property
    def is_current(self) -> bool:
        """Whether no newer generation has been made current."""
        current = current_marker(self._store) == (self._generation.epoch, self._generation.name)
        if current:
            self._confirmed = time.monotonic()
        return current

    def must_be_whole(self) -> None:
        """Nothing of it is a file that could be cut short."""

    def article_number(self, path: str) -> int | None:
        """The number of the article at `path`, or None."""
        return self._number.get(path)

    def record(self, article: int) -> Record:
        """Text, sentences, passages and vectors of an article; its checksum is checked as it is read."""
        return self._record(article)

    def _read_record(self, article: int) -> Record:
        self._must_be_whole()
        entry = self.articles[article]
        return parsed_record(self._blobs.get(entry.record), f"{entry.path}: its record", entry.record_sha256)

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

        Only passages of `articles`, where they are given. Milvus finds them; their scores are reckoned here, from
        their vectors, their terms and the counts of the whole generation: the same as `indexer.Index` gives.
        """
        condition = self._condition(articles)
        hits = self._hits("dense", np.asarray(vector, dtype=np.float32), k, condition)
        if asked:
            hits |= self._hits("sparse", " ".join(asked), k, condition)
        rows = np.array(sorted(hits), dtype=np.int64)
        if not len(rows):
            return Candidates(rows, np.zeros(0, np.float32), np.zeros(0, np.float32))
        found = [hits[row] for row in rows.tolist()]
        cosine = np.array([hit["dense"] for hit in found], dtype=np.float32) @ vector
        scores = np.array([self.terms.score(asked, hit["terms"]) for hit in found], dtype=np.float32)
        return Candidates(rows, cosine, scores)

    def best_rows(self, term: str, k: int) -> list[int]:
        """See `MilvusTerms.best_rows`."""
        hits = self._hits("sparse", term, max(k, _SCORED_ANEW), self._condition(None))
        scores = {row: self.terms.score([term], hit["terms"]) for row, hit in hits.items()}
        return sorted((row for row in scores if scores[row] > 0), key=lambda row: (-scores[row], row))[:k]

    def _hits(self, field: str, asked: np.ndarray | str, k: int, condition: str) -> dict[int, dict[str, Any]]:
        """The k rows that a search finds, with their terms and vectors."""
        self._must_be_whole()
        kind = {"metric_type": "IP", "params": self._search} if field == "dense" else {"metric_type": "BM25"}
        settled = time.monotonic() - self._opened > _SETTLED_SECONDS
        found = self._store.call(
            "search",
            self._collection,
            [asked],
            condition,
            max(k, 1),
            ["terms", "dense"],
            kind,
            anns_field=field,
            consistency_level="Bounded" if settled else "Strong",
        )
        return {self._row_of(hit["id"]): hit["entity"] for hit in found[0]}

    def _row_of(self, row_id: int) -> int:
        number, passage = article_and_passage(row_id)
        return self.row(self._place[number], passage)

    def _condition(self, articles: Sequence[int] | None) -> str:
        """What holds for the passages to be searched: an interval of dates where that says it, else the articles."""
        if articles is None:
            return self._generation.visible
        chosen = {*articles}
        dates = [self.articles[number].date for number in chosen]
        since, until = min(dates, default=""), max(dates, default="")
        if sum(since <= entry.date <= until for entry in self.articles) == len(chosen):
            return f'{self._generation.visible} and date >= "{since}" and date <= "{until}"'
        return among("article", sorted(self._ids[number] for number in chosen))

    def _must_be_whole(self) -> None:
        """Raises `IndexMismatch` once what this generation needs may have been removed."""
        if time.monotonic() - self._confirmed > READER_SECONDS and not self.is_current:
            raise IndexMismatch(f"the index in {self._store.where} was replaced meanwhile: ask again")
