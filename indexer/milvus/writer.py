"""Writes articles: their records, their passages, and what the layer of the build is to say of them."""

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Iterator

from indexer.embedding import Embedder
from indexer.making import groups
from indexer.manifest import ArticleEntry, entry_of
from indexer.milvus.blobs import BlobInfo, Blobs
from indexer.milvus.client import Milvus
from indexer.milvus.layers import Layer, holding_of
from indexer.milvus.schema import insert, passage_rows, passages_of
from indexer.milvus.stock import Stock
from indexer.passage import cut
from indexer.record import Record, make_record, parsed_record, record_bytes
from indexer.types import Article, PassageSettings

_FETCHED = 64  # records at once
_DIGITS = 32  # of the content's SHA-256 in a record's name, as in indexer/store.py


class Writer:
    """Adds articles to an epoch, numbered from `first` on. Until a generation is switched to, no reader sees them."""

    def __init__(self, store: Milvus, blobs: Blobs, epoch: str, first: int, since: dict[tuple[str, str], str]) -> None:
        """`since`: by path and content hash, when an article came into the index; now, where it says nothing."""
        self._store, self._blobs, self._passages, self._since = store, blobs, passages_of(epoch), since
        self.number, self.passages, self.terms = first, 0, 0
        self.added: dict[int, ArticleEntry] = {}
        self.holding: Counter[str] = Counter()

    def add(self, article: Article, info: BlobInfo, record: Record, now: str) -> None:
        """Write the passages of an article whose record is stored."""
        rows = passage_rows(self.number, article.path, article.date, record.passage_vectors, record.terms)
        insert(self._store, self._passages, rows)
        self.added[self.number] = entry_of(
            article,
            info.name,
            info.sha256,
            sentences=len(record.sentence_rows),
            passages=len(record.passage_rows),
            indexed=self._since.get((article.path, article.content_hash), now),
        )
        self.holding.update(holding_of(record))
        self.terms += len(record.terms.numbers)
        self.passages += len(rows)
        self.number += 1

    def add_stored(self, stock: Stock, now: str) -> None:
        """Write the articles whose records are there. One that is damaged is left to be made."""
        paths = [path for path, made in stock.made.items() if made in stock.stored]
        for at in range(0, len(paths), _FETCHED):
            some = paths[at : at + _FETCHED]
            infos = {path: stock.stored[stock.made[path]] for path in some}
            found = self._blobs.get_all(info.name for info in infos.values())
            for path, info in infos.items():
                if info.name in found:
                    record = parsed_record(found[info.name], info.name, info.sha256)
                    self.add(stock.articles[path], info, record, now)
                else:
                    self._blobs.remove([info.name])
                    stock.stored.pop(stock.made[path], None)

    def add_missing(
        self,
        stock: Stock,
        embedder: Embedder,
        settings: PassageSettings,
        now: str,
        progress: Callable[[int, int], object],
    ) -> tuple[int, float]:
        """Make and write the missing records and their articles; passages embedded, and in how many seconds."""
        copies, embedded, spent = _paths_by_record(stock), 0, 0.0
        for made, record, seconds in made_records(stock.missing, embedder, settings, progress):
            info = put_record(self._blobs, made, record)
            for path in copies[made]:
                self.add(stock.articles[path], info, record, now)
            embedded, spent = embedded + len(record.passage_rows), spent + seconds
        return embedded, spent

    def layer(self, gone: Layer) -> Layer:
        """What this build changes; `gone` says what the articles that it removes take away."""
        holding = Counter(self.holding)
        holding.update(gone.holding)
        return Layer(self.added, gone.removed, {t: n for t, n in holding.items() if n}, self.terms + gone.terms)


def put_record(blobs: Blobs, made: str, record: Record) -> BlobInfo:
    """Write a record; like a record's file, it is called after what it was made from and its own content."""
    data = record_bytes(record)
    return blobs.put(f"{made}-{hashlib.sha256(data).hexdigest()[:_DIGITS]}", data, made)


def made_records(
    missing: dict[str, Article],
    embedder: Embedder,
    settings: PassageSettings,
    progress: Callable[[int, int], object],
) -> Iterator[tuple[str, Record, float]]:
    """The records of articles, by what they are made from, each with the seconds of embedding that it adds."""
    limit = embedder.info.max_tokens if missing else 0
    pieces = {made: cut(article, embedder.count_tokens, limit, settings) for made, article in missing.items()}
    total, done = sum(len(piece.passages) for piece in pieces.values()), 0
    progress(0, total)
    for group in groups(pieces):
        began, at = time.perf_counter(), done

        def told(batch: int) -> None:
            nonlocal at
            at += batch
            progress(at, total)

        vectors, parts = embedder.embed_passages([text for made in group for text in pieces[made].texts], told)
        seconds, first = time.perf_counter() - began, 0
        for made in group:
            last = first + len(pieces[made].passages)
            yield made, make_record(missing[made], pieces[made], vectors[first:last], parts[first:last]), seconds
            first, seconds = last, 0.0
        done += first


def taken_away(blobs: Blobs, entries: dict[int, ArticleEntry], gone: frozenset[int]) -> Layer:
    """What goes with articles that are removed: reckoned from their records. Raises `IndexDamaged`."""
    holding: Counter[str] = Counter()
    terms, numbers = 0, sorted(gone)
    for at in range(0, len(numbers), _FETCHED):
        some = [entries[number] for number in numbers[at : at + _FETCHED]]
        found = blobs.get_all(entry.record for entry in some)
        for entry in some:
            record = parsed_record(found.get(entry.record, b""), f"{entry.path}: its record", entry.record_sha256)
            holding.subtract(holding_of(record))
            terms -= len(record.terms.numbers)
    return Layer({}, gone, dict(holding), terms)


def _paths_by_record(stock: Stock) -> dict[str, list[str]]:
    """The articles that share a record, by what it is made from."""
    found: dict[str, list[str]] = {}
    for path, made in stock.made.items():
        found.setdefault(made, []).append(path)
    return found
