"""The build: bring the index up to date with the corpus, embedding only what is new, and switch to it at once."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from indexer.article import SUFFIXES, content_hash, read_article
from indexer.embedding import DEFAULT_MODEL, Embedder
from indexer.errors import CorpusError, IndexDamaged, IndexMismatch, IndexMissing, UnreadableArticle
from indexer.files import build_lock, file_sha256, sync_folder
from indexer.generation import hold_current, record_path, remove_unused, write_generation
from indexer.manifest import ArticleEntry, Manifest, fingerprint, tools
from indexer.passage import CutArticle, cut
from indexer.record import Record, make_record, read_record, record_name, write_record
from indexer.terms import TermIndex
from indexer.types import Article, ModelInfo, PassageSettings

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

    Raises `CorpusError`, `IndexBusy`, `ModelError`, and `IndexMismatch` where another model or other settings made
    the index and `full` is not set.
    """
    began = time.perf_counter()
    with build_lock(index):
        paths = corpus_files(corpus)
        before = None if full else _before(index)
        name = model or (before.model.name if before else DEFAULT_MODEL)
        if embedder is None or embedder.name != name:
            embedder = Embedder(name)
        settings, used = PassageSettings(), tools()
        if before:
            _must_match(before, embedder.info, settings, used, index)
        entries, articles, skipped = _read_all(corpus, paths, before)
        key = fingerprint(embedder.info, settings, used)
        works = {path: record_name(key, article) for path, article in articles.items()}
        records, sums = _records_on_disk(index, entries, works, full)
        missing = {works[path]: article for path, article in articles.items() if works[path] not in records}
        missing |= _unreadable_records(corpus, entries, records)
        embedded, seconds = _embed(index, missing, embedder, settings, progress, records, sums)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        for path, article in articles.items():
            entries[path] = _entry(article, works[path], records[works[path]], sums[works[path]], now)
        entries = {path: replace(entry, record_sha256=sums[entry.record]) for path, entry in entries.items()}
        ordered = tuple(entries[path] for path in sorted(entries))
        generation = before.generation if before else ""
        if before is None or before.articles != ordered:
            generation = _switch(index, corpus, ordered, records, embedder.info, settings, used, now)
        remove_unused(index)
    old = {entry.path: entry.content_hash for entry in before.articles} if before else {}
    new = {entry.path: entry.content_hash for entry in ordered}
    return BuildReport(
        generation=generation,
        added=tuple(path for path in new if path not in old),
        changed=tuple(path for path in new if path in old and old[path] != new[path]),
        removed=tuple(path for path in old if path not in new),
        unchanged=sum(old.get(path) == new[path] for path in new),
        embedded=embedded,
        skipped=skipped,
        seconds=time.perf_counter() - began,
        embedding_seconds=seconds,
    )


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
    here = {path: content_hash((corpus / path).read_bytes()) for path in corpus_files(corpus)}
    indexed = {entry.path: entry.content_hash for entry in manifest.articles}
    added, removed = here.keys() - indexed.keys(), indexed.keys() - here.keys()
    changed = [path for path in here.keys() & indexed.keys() if here[path] != indexed[path]]
    if not (added or removed or changed):
        return "unchanged since"
    return f"since then {len(added)} new, {len(changed)} changed, {len(removed)} removed: run python -m indexer"


def _before(index: Path) -> Manifest | None:
    """The manifest of the current generation; None without one."""
    try:
        held = hold_current(index)
    except IndexMissing:
        return None
    held.lock.close()  # the build lock keeps the generation
    return held.manifest


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
            if path in old and old[path].content_hash == content_hash((corpus / path).read_bytes()):
                entries[path] = old[path]
            else:
                articles[path] = read_article(corpus, path)
        except UnreadableArticle as reason:
            skipped.append((path, str(reason)))
        except OSError as error:
            skipped.append((path, f"cannot be opened: {error.strerror or error}"))
    return entries, articles, tuple(skipped)


def _records_on_disk(
    index: Path, entries: dict[str, ArticleEntry], works: dict[str, str], full: bool
) -> tuple[dict[str, Record], dict[str, str]]:
    """Records that need not be made: of unchanged articles, and of new ones whose content was indexed before.

    Those without a checksum to hold them to were finished by a build that was killed; a record file is written whole
    or not at all, and its name says what it was made from.
    """
    records: dict[str, Record] = {}
    sums = {entry.record: entry.record_sha256 for entry in entries.values()}
    for name in dict.fromkeys([*sums, *works.values()]):
        path = record_path(index, name)
        if full or not path.exists():
            continue
        try:
            records[name] = read_record(path, sums.get(name))
        except IndexDamaged:
            continue  # it is made anew
        sums.setdefault(name, file_sha256(path))
    return records, sums


def _unreadable_records(
    corpus: Path, entries: dict[str, ArticleEntry], records: dict[str, Record]
) -> dict[str, Article]:
    """Unchanged articles whose record is damaged or gone, by the record's name."""
    lost = {entry.record: entry.path for entry in entries.values() if entry.record not in records}
    return {name: read_article(corpus, path) for name, path in lost.items()}


def _embed(
    index: Path,
    missing: dict[str, Article],
    embedder: Embedder,
    settings: PassageSettings,
    progress: Progress,
    records: dict[str, Record],
    sums: dict[str, str],
) -> tuple[int, float]:
    """Make the missing records and write them; returns how many passages were embedded, and in how many seconds."""
    limit = embedder.info.max_tokens
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
            records[name] = make_record(missing[name], pieces[name], vectors[first:last], parts[first:last])
            path = record_path(index, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            sums[name] = write_record(path, records[name])
            first = last
        done += first
    for folder in {record_path(index, name).parent for name in missing}:
        sync_folder(folder)
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


def _entry(article: Article, name: str, record: Record, sha256: str, now: str) -> ArticleEntry:
    return ArticleEntry(
        path=article.path,
        title=article.title,
        date=article.date,
        authors=article.authors,
        source=article.source,
        content_hash=article.content_hash,
        record=name,
        record_sha256=sha256,
        sentences=len(record.sentence_rows),
        passages=len(record.passage_rows),
        indexed=now,
    )


def _switch(
    index: Path,
    corpus: Path,
    entries: Sequence[ArticleEntry],
    records: dict[str, Record],
    model: ModelInfo,
    settings: PassageSettings,
    used: str,
    now: str,
) -> str:
    """Write the generation of these entries, make it current, and return its name."""
    vectors = [records[entry.record].passage_vectors for entry in entries]
    rows = np.concatenate([*vectors, np.zeros((0, model.dimension), dtype=np.float32)])
    terms = TermIndex.build(records[entry.record].terms for entry in entries)
    name = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.urandom(4).hex()}"
    manifest = Manifest(name, now, str(corpus), model, settings, used, tuple(entries), {})
    write_generation(index, manifest, rows, terms)
    return name
