"""The build: bring the index up to date with the corpus, embedding only what is new, and switch to it at once."""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from indexer.before import Before, index_before
from indexer.collector import collector_paused
from indexer.corpus import look, read_corpus
from indexer.embedding import DEFAULT_MODEL, Embedder
from indexer.errors import IndexMismatch
from indexer.files import build_lock, sync_folder, writing
from indexer.generation import last_manifest, remove_unused
from indexer.growth import grow
from indexer.making import make_missing
from indexer.manifest import ArticleEntry, Manifest, entry_of, fingerprint, tools
from indexer.question_model import keep, kept, remove_other_models
from indexer.record import record_name
from indexer.seen import Signature
from indexer.store import RecordLost, Stored, made_from, remember, stored_records
from indexer.switch import switch
from indexer.types import Article, ModelInfo, PassageSettings

Progress = Callable[[int, int], object]


@dataclass(frozen=True)
class BuildReport:
    """What a build did; `skipped` holds (path, reason) of the files that could not be read."""

    generation: str
    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: int
    embedded: int
    skipped: tuple[tuple[str, str], ...]
    seconds: float
    embedding_seconds: float


def build(
    corpus: Path,
    index: Path,
    *,
    model: str | None = None,
    full: bool = False,
    embedder: Embedder | None = None,
    progress: Progress = lambda done, total: None,
) -> BuildReport:
    """Bring the index up to date with the corpus and switch to the new generation.

    `model` None stands for the model that made the index, or the default for a new one. `full` makes every record
    anew. `embedder` is one that is loaded already; it is used if it is of the wanted model. `progress` is told how
    many passages are embedded of how many, before that is known 0 of 0; what it raises ends the build.

    An index that is damaged is mended: what of it is sound is used again.

    Raises `CorpusError`, `IndexBusy`, `IndexUnwritable`, `ModelError`, and `IndexMismatch` where another model or other
    settings made the index and `full` is not set.
    """
    for again in (False, True):
        try:
            return _build(corpus, index, model, full, embedder, progress)
        except RecordLost:
            if again:
                raise
    raise AssertionError("a build ends with a report or an error")


def _build(
    corpus: Path, index: Path, model: str | None, full: bool, embedder: Embedder | None, progress: Progress
) -> BuildReport:
    began = time.perf_counter()
    with writing(index), build_lock(index):
        here = look(corpus)
        before = Before() if full else index_before(index)
        old = before.manifest
        made_it = old or last_manifest(index)
        name = model or (made_it.model.name if made_it else DEFAULT_MODEL)
        if embedder is None or embedder.name != name:
            embedder = Embedder(name)
        settings, used = PassageSettings(), tools()
        info = _info(old, embedder)
        if old:
            _must_match(old, info, settings, used, index)
        stock = _take_stock(index, corpus, here, before, fingerprint(info, settings, used), full, progress)
        if old and stock.missing:
            _must_match(old, embedder.info, settings, used, index)
        embedded, seconds = make_missing(index, stock.missing, stock.stored, embedder, settings, progress)
        if not kept(index, info.weights) and embedder.question_model:
            keep(index, info.weights, embedder.question_model)
        now = datetime.now(UTC)
        built = now.isoformat(timespec="seconds")
        ordered = _entries(stock, old, built)
        records = {stored.name: stored.seen for stored in stock.stored.values()}
        if old is None or not before.sound or old.articles != ordered:
            generation = f"{now:%Y%m%dT%H%M%S}-{os.urandom(4).hex()}"
            manifest = Manifest(generation, built, str(corpus), info, settings, used, ordered)
            growth = grow(old, ordered, lambda segment: segment.name not in before.damaged)
            manifest = switch(index, manifest, growth, stock.signatures, records)
        else:
            manifest = old
            remember(index, old.segments, old.parts, stock.signatures, records)
        sync_folder(index)  # that it is current, before what was so goes; where this fails, it is current all the same
        remove_unused(index, manifest)
        remove_other_models(index, info.weights)
    return _report(old, manifest, embedded, tuple(stock.skipped), time.perf_counter() - began, seconds)


def _report(
    before: Manifest | None,
    after: Manifest,
    embedded: int,
    skipped: tuple[tuple[str, str], ...],
    seconds: float,
    embedding_seconds: float,
) -> BuildReport:
    old = {entry.path: entry.content_hash for entry in before.articles} if before else {}
    new = {entry.path: entry.content_hash for entry in after.articles}
    return BuildReport(
        generation=after.generation,
        added=tuple(path for path in new if path not in old),
        changed=tuple(path for path in new if path in old and old[path] != new[path]),
        removed=tuple(path for path in old if path not in new),
        unchanged=sum(old.get(path) == new[path] for path in new),
        embedded=embedded,
        skipped=skipped,
        seconds=seconds,
        embedding_seconds=embedding_seconds,
    )


@dataclass(frozen=True, slots=True)
class _Stock:
    """What a build has to do: entries of articles that are as they were, and the articles to be indexed.

    `made` says what an article's record is made from; `stored` holds the records by that, and those that are made come
    to it. `signatures` are those of the files, to remember.
    """

    entries: dict[str, ArticleEntry]
    articles: dict[str, Article]
    made: dict[str, str]
    stored: dict[str, Stored]
    skipped: tuple[tuple[str, str], ...]
    signatures: dict[str, Signature]

    @property
    def missing(self) -> dict[str, Article]:
        """The articles whose records are to be made, by what they are made from."""
        return {name: self.articles[path] for path, name in self.made.items() if name not in self.stored}


def _info(before: Manifest | None, embedder: Embedder) -> ModelInfo:
    """What is known of the model; while its weights are the same, from the index, for torch is slow to import."""
    if before and before.model.weights == embedder.weights:
        return replace(before.model, name=embedder.name)
    return embedder.info


def _must_match(before: Manifest, model: ModelInfo, settings: PassageSettings, used: str, index: Path) -> None:
    command = f"python -m indexer --full --corpus {before.corpus} --index {index} --model {model.name}"
    if before.model.weights != model.weights:
        raise IndexMismatch(
            f"{index} was made with model {before.model.name} ({before.model.weights[:19]}), asked for is "
            f"{model.name} ({model.weights[:19]}): run {command} to make it anew"
        )
    if before.fingerprint != fingerprint(model, settings, used):
        raise IndexMismatch(
            f"{index} was made with {before.settings.target} tokens a passage, {before.model.max_tokens} at most, and "
            f"{before.tools}; now it would be {settings.target}, {model.max_tokens} and {used}: "
            f"run {command} to make it anew"
        )


@collector_paused()
def _take_stock(
    index: Path, corpus: Path, here: Mapping[str, Signature], before: Before, key: str, full: bool, progress: Progress
) -> _Stock:
    """Read the corpus, and find the records that need not be made. A record that is lost makes its article new."""
    old = before.manifest.articles if before.manifest else ()
    begun = partial(progress, 0, 0)  # nothing is known yet of passages; it may end the build
    reading = read_corpus(corpus, here, {entry.path: entry for entry in old}, before.files, begun)
    made = {path: record_name(key, article) for path, article in reading.articles.items()}
    wanted = {made_from(entry.record) for entry in reading.entries.values()} | set(made.values())
    stored = {} if full else stored_records(index, wanted, old, before.records)
    lost = [path for path, entry in reading.entries.items() if made_from(entry.record) not in stored]
    again = read_corpus(corpus, {path: here[path] for path in lost}, {}, {}, begun)
    made |= {path: record_name(key, article) for path, article in again.articles.items()}
    kept = {path: entry for path, entry in reading.entries.items() if made_from(entry.record) in stored}
    skipped = (*reading.skipped, *again.skipped)
    return _Stock(kept, reading.articles | again.articles, made, stored, skipped, reading.signatures | again.signatures)


def _entries(stock: _Stock, before: Manifest | None, now: str) -> tuple[ArticleEntry, ...]:
    """The entries of the new generation, in order."""
    old = before.articles if before else ()
    since = {(entry.path, entry.content_hash): entry.indexed for entry in old if entry.path in stock.articles}
    entries = []
    for entry in stock.entries.values():
        stored = stock.stored[made_from(entry.record)]
        same = stored.name == entry.record and stored.sha256 == entry.record_sha256
        entries.append(entry if same else replace(entry, record=stored.name, record_sha256=stored.sha256))
    for path, article in stock.articles.items():
        indexed = since.get((path, article.content_hash), now)
        new = stock.stored[stock.made[path]]
        entries.append(
            entry_of(article, new.name, new.sha256, sentences=new.sentences, passages=new.passages, indexed=indexed)
        )
    return tuple(sorted(entries, key=lambda entry: entry.path))
