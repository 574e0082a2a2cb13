"""The build: bring the index up to date with the corpus, embedding only what is new, and switch to it at once."""

import logging
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from indexer.article import SUFFIXES, content_hash
from indexer.embedding import DEFAULT_MODEL, Embedder
from indexer.errors import CorpusError, IndexDamaged, IndexMismatch, IndexMissing, UnreadableArticle
from indexer.files import build_lock, writing
from indexer.generation import (
    damaged_file,
    hold_current,
    last_manifest,
    remove_unfinished,
    remove_unused,
    write_generation,
)
from indexer.manifest import ArticleEntry, Manifest, fingerprint, tools
from indexer.parse_process import parse_article, read_file
from indexer.passage import CutArticle, cut
from indexer.question_model import keep, kept, remove_other_models
from indexer.record import make_record, record_name
from indexer.store import Stored, made_from, store, stored_records, sync_records
from indexer.terms import TermIndex
from indexer.types import Article, ModelInfo, PassageSettings

log = logging.getLogger(__name__)
# Articles are embedded and their records written in groups of about this many passages: a build that is killed
# loses at most one group, and a group is large enough to be sorted by length.
_GROUP = 512

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
    many passages are embedded of how many.

    An index that is damaged is mended: what of it is sound is used again.

    Raises `CorpusError`, `IndexBusy`, `IndexUnwritable`, `ModelError`, and `IndexMismatch` where another model or other
    settings made the index and `full` is not set.
    """
    began = time.perf_counter()
    with writing(index), build_lock(index):
        paths = corpus_files(corpus)
        before, sound = (None, False) if full else _before(index)
        name = model or (before.model.name if before else DEFAULT_MODEL)
        if embedder is None or embedder.name != name:
            embedder = Embedder(name)
        settings, used = PassageSettings(), tools()
        info = _info(before, embedder)
        if before:
            _must_match(before, info, settings, used, index)
        key = fingerprint(info, settings, used)
        stock = _take_stock(index, corpus, paths, before, key, full)
        if before and stock.missing:
            _must_match(before, embedder.info, settings, used, index)
        embedded, seconds = _embed(index, stock, embedder, settings, progress)
        if not kept(index, info.weights) and embedder.question_model:
            keep(index, info.weights, embedder.question_model)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        ordered = _entries(stock, before, now)
        generation = before.generation if before else ""
        if before is None or not sound or before.articles != ordered:
            generation = _switch(index, corpus, ordered, stock.stored, info, settings, used, now)
        remove_unused(index)
        remove_other_models(index, info.weights)
    old = {entry.path: entry.content_hash for entry in before.articles} if before else {}
    new = {entry.path: entry.content_hash for entry in ordered}
    return BuildReport(
        generation=generation,
        added=tuple(path for path in new if path not in old),
        changed=tuple(path for path in new if path in old and old[path] != new[path]),
        removed=tuple(path for path in old if path not in new),
        unchanged=sum(old.get(path) == new[path] for path in new),
        embedded=embedded,
        skipped=stock.skipped,
        seconds=time.perf_counter() - began,
        embedding_seconds=seconds,
    )


@dataclass(frozen=True, slots=True)
class _Stock:
    """What a build has to do: entries of articles that are as they were, and the articles to be indexed.

    `made` says what an article's record is made from; `stored` holds the records by that, and `_embed` adds to it.
    """

    entries: dict[str, ArticleEntry]
    articles: dict[str, Article]
    made: dict[str, str]
    stored: dict[str, Stored]
    skipped: tuple[tuple[str, str], ...]

    @property
    def missing(self) -> dict[str, Article]:
        """The articles whose records are to be made, by what they are made from."""
        return {name: self.articles[path] for path, name in self.made.items() if name not in self.stored}


def corpus_files(corpus: Path) -> tuple[str, ...]:
    """Paths of the article files below `corpus`, relative to it, sorted; hidden files and folders do not count.

    Links that lead out of the corpus are not followed. Raises `CorpusError` if it is not a folder.
    """
    if not corpus.is_dir():
        raise CorpusError(f"no folder {corpus}: make it and put articles into it, or name another with --corpus")
    found = []
    for folder, folders, files in os.walk(corpus):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in files:
            path = Path(folder, name)
            if name.startswith((".", "~$")) or path.suffix.lower() not in SUFFIXES:
                continue
            if path.is_symlink() and not path.resolve().is_relative_to(corpus.resolve()):
                continue
            found.append(path.relative_to(corpus).as_posix())
    return tuple(sorted(found))


def stale(corpus: Path, manifest: Manifest) -> str:
    """In a phrase, how the corpus differs from what is indexed."""
    here = {path: _hash_of(corpus / path) for path in corpus_files(corpus)}
    indexed = {entry.path: entry.content_hash for entry in manifest.articles}
    added, removed = here.keys() - indexed.keys(), indexed.keys() - here.keys()
    changed = [path for path in here.keys() & indexed.keys() if here[path] != indexed[path]]
    if not (added or removed or changed):
        return "unchanged since"
    return f"since then {len(added)} new, {len(changed)} changed, {len(removed)} removed: run python -m indexer"


def _hash_of(file: Path) -> str:
    """The hash of a file's content; "" if it cannot be read, which the next build says of it."""
    try:
        return content_hash(read_file(file))
    except UnreadableArticle:
        return ""


def _before(index: Path) -> tuple[Manifest | None, bool]:
    """The manifest to go on from, None without one, and whether it is that of a current and sound generation."""
    try:
        held = hold_current(index)
    except (IndexMissing, IndexDamaged) as fault:
        manifest = last_manifest(index)
        if manifest or isinstance(fault, IndexDamaged):
            log.warning("is mended: %s", fault)
        return manifest, False
    with held.lock:  # the build lock keeps the generation
        damaged = damaged_file(held)
    if damaged:
        log.warning("is mended: %s is missing or altered", damaged)
    return held.manifest, damaged is None


def _info(before: Manifest | None, embedder: Embedder) -> ModelInfo:
    """What is known of the model; while its weights are the same, from the index, for torch is slow to import."""
    if before and before.model.weights == embedder.weights:
        return replace(before.model, name=embedder.name)
    return embedder.info


def _must_match(before: Manifest, model: ModelInfo, settings: PassageSettings, used: str, index: Path) -> None:
    repair = f"run python -m indexer --full --index {index} to make it anew"
    if before.model.weights != model.weights:
        raise IndexMismatch(
            f"{index} was made with model {before.model.name} ({before.model.weights[:19]}), asked for is "
            f"{model.name} ({model.weights[:19]}): {repair} --model {model.name}"
        )
    if before.fingerprint != fingerprint(model, settings, used):
        raise IndexMismatch(
            f"{index} was made with {before.settings.target} tokens a passage and {before.tools}; "
            f"now it would be {settings.target} and {used}: {repair}"
        )


def _read_all(
    corpus: Path, paths: Sequence[str], before: Manifest | None
) -> tuple[dict[str, ArticleEntry], dict[str, Article], tuple[tuple[str, str], ...]]:
    """Entries of the articles that did not change, the articles that are new or changed, and the unreadable files."""
    old = {entry.path: entry for entry in before.articles} if before else {}
    entries: dict[str, ArticleEntry] = {}
    articles: dict[str, Article] = {}
    skipped = []
    for path in paths:
        shown = path.encode("utf-8", "backslashreplace").decode()
        if shown != path:
            skipped.append((shown, "its name is not UTF-8: rename it"))
            continue
        try:
            data = read_file(corpus / path)
            if path in old and old[path].content_hash == content_hash(data):
                entries[path] = old[path]
            else:
                articles[path] = parse_article(path, data)
        except UnreadableArticle as reason:
            skipped.append((path, str(reason)))
    return entries, articles, tuple(skipped)


def _take_stock(
    index: Path, corpus: Path, paths: Sequence[str], before: Manifest | None, key: str, full: bool
) -> _Stock:
    """Read the corpus, and find the records that need not be made. A record that is lost makes its article new."""
    entries, articles, skipped = _read_all(corpus, paths, before)
    made = {path: record_name(key, article) for path, article in articles.items()}
    wanted = {made_from(entry.record) for entry in entries.values()} | set(made.values())
    stored = {} if full else stored_records(index, wanted, before)
    lost = [path for path, entry in entries.items() if made_from(entry.record) not in stored]
    _, again, unreadable = _read_all(corpus, lost, None)
    made |= {path: record_name(key, article) for path, article in again.items()}
    kept = {path: entry for path, entry in entries.items() if made_from(entry.record) in stored}
    return _Stock(kept, articles | again, made, stored, skipped + unreadable)


def _embed(
    index: Path, stock: _Stock, embedder: Embedder, settings: PassageSettings, progress: Progress
) -> tuple[int, float]:
    """Make the missing records and store them; returns how many passages were embedded, and in how many seconds."""
    missing = stock.missing
    limit = embedder.info.max_tokens if missing else 0
    pieces = {name: cut(article, embedder.count_tokens, limit, settings) for name, article in missing.items()}
    total, done, seconds = sum(len(piece.passages) for piece in pieces.values()), 0, 0.0
    progress(0, total)
    for group in _groups(pieces):
        began = time.perf_counter()
        texts = [text for name in group for text in pieces[name].texts]
        at = done

        def told(batch: int) -> None:
            nonlocal at
            at += batch
            progress(at, total)

        vectors, parts = embedder.embed_passages(texts, told)
        seconds += time.perf_counter() - began
        first = 0
        for name in group:
            last = first + len(pieces[name].passages)
            record = make_record(missing[name], pieces[name], vectors[first:last], parts[first:last])
            stock.stored[name] = store(index, name, record)
            first = last
        done += first
    return total, seconds


def _groups(pieces: dict[str, CutArticle]) -> Iterator[list[str]]:
    """Names in groups of about `_GROUP` passages."""
    group: list[str] = []
    held = 0
    for name, piece in pieces.items():
        group.append(name)
        held += len(piece.passages)
        if held >= _GROUP:
            yield group
            group, held = [], 0
    if group:
        yield group


def _entries(stock: _Stock, before: Manifest | None, now: str) -> tuple[ArticleEntry, ...]:
    """The entries of the new generation, in order."""
    since = {(entry.path, entry.content_hash): entry.indexed for entry in before.articles} if before else {}
    entries = []
    for entry in stock.entries.values():
        stored = stock.stored[made_from(entry.record)]
        entries.append(replace(entry, record=stored.name, record_sha256=stored.sha256))
    for path, article in stock.articles.items():
        indexed = since.get((path, article.content_hash), now)
        entries.append(_entry(article, stock.stored[stock.made[path]], indexed))
    return tuple(sorted(entries, key=lambda entry: entry.path))


def _entry(article: Article, stored: Stored, indexed: str) -> ArticleEntry:
    return ArticleEntry(
        path=article.path,
        title=article.title,
        date=article.date,
        authors=article.authors,
        source=article.source,
        content_hash=article.content_hash,
        record=stored.name,
        record_sha256=stored.sha256,
        sentences=len(stored.record.sentence_rows),
        passages=len(stored.record.passage_rows),
        indexed=indexed,
    )


def _switch(
    index: Path,
    corpus: Path,
    entries: Sequence[ArticleEntry],
    stored: dict[str, Stored],
    model: ModelInfo,
    settings: PassageSettings,
    used: str,
    now: str,
) -> str:
    """Write the generation of these entries, make it current, and return its name."""
    remove_unfinished(index)
    sync_records(index, (entry.record for entry in entries))
    records = [stored[made_from(entry.record)].record for entry in entries]
    rows = np.concatenate([*(r.passage_vectors for r in records), np.zeros((0, model.dimension), dtype=np.float32)])
    terms = TermIndex.build(record.terms for record in records)
    name = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.urandom(4).hex()}"
    manifest = Manifest(name, now, str(corpus), model, settings, used, tuple(entries), {})
    write_generation(index, manifest, rows, terms)
    return name
