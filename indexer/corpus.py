"""The corpus folder: which files are articles, and what of them has changed since they were last read."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from indexer.article import SUFFIXES, content_hash
from indexer.errors import CorpusError, UnreadableArticle
from indexer.manifest import ArticleEntry
from indexer.parse_process import parse_article, read_file
from indexer.seen import UNKNOWN, Signature, settled, signature, signature_of
from indexer.types import Article

_NOT_UTF8 = "its name is not UTF-8: rename it"


def corpus_files(corpus: Path) -> tuple[str, ...]:
    """Paths of the article files below `corpus`, relative to it, sorted; hidden files and folders do not count.

    Links that lead out of the corpus are not followed. Raises `CorpusError` if it is not a folder.
    """
    return tuple(sorted(look(corpus)))


def look(corpus: Path) -> dict[str, Signature]:
    """The files that `corpus_files` lists, and what the file system says of each, without reading any."""
    if not corpus.is_dir():
        raise CorpusError(f"no folder {corpus}: make it and put articles into it, or name another with --corpus")
    found: dict[str, Signature] = {}
    below = [""]
    while below:
        folder = below.pop()
        try:
            with os.scandir(corpus / folder) as entries:
                for entry in entries:
                    if entry.name.startswith("."):
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        below.append(f"{folder}{entry.name}/")
                    elif _is_article(corpus, entry):
                        found[folder + entry.name] = _seen(entry)
        except OSError:
            continue  # a folder that is gone or closed to us holds no article
    return found


def _is_article(corpus: Path, entry: os.DirEntry[str]) -> bool:
    if entry.name.startswith("~$") or not entry.name.lower().endswith(SUFFIXES):
        return False
    if not entry.is_symlink():
        return True
    path = Path(entry.path)
    return not path.is_dir() and path.resolve().is_relative_to(corpus.resolve())


def _seen(entry: os.DirEntry[str]) -> Signature:
    try:
        return signature(entry.stat())
    except OSError:
        return UNKNOWN


@dataclass(frozen=True, slots=True)
class Reading:
    """What the corpus holds: entries of the articles that are as they were, articles that are new or changed, and
    (path, reason) of the files that cannot be read. `signatures` tells of each file what to remember.
    """

    entries: dict[str, ArticleEntry] = field(default_factory=dict)
    articles: dict[str, Article] = field(default_factory=dict)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    signatures: dict[str, Signature] = field(default_factory=dict)


def read_corpus(
    corpus: Path,
    here: Mapping[str, Signature],
    old: Mapping[str, ArticleEntry],
    known: Mapping[str, Signature],
    begun: Callable[[], object] = lambda: None,
) -> Reading:
    """Read the files `here`, but for those of the `old` articles whose signatures are the `known` ones.

    `begun` is called before each; what it raises ends the reading.
    """
    reading = Reading()
    for path in sorted(here):
        begun()
        shown = path.encode("utf-8", "backslashreplace").decode()
        if shown != path:
            reading.skipped.append((shown, _NOT_UTF8))
        elif path in old and here[path] != UNKNOWN and known.get(path) == here[path]:
            reading.entries[path], reading.signatures[path] = old[path], here[path]
        else:
            _read(corpus, path, old.get(path), reading)
    return reading


def _read(corpus: Path, path: str, old: ArticleEntry | None, reading: Reading) -> None:
    try:
        before = settled(signature_of(corpus / path))
        data = read_file(corpus / path)
        unmoved = before if signature_of(corpus / path) == before else UNKNOWN
        if old and old.content_hash == content_hash(data):
            reading.entries[path] = old
        else:
            reading.articles[path] = parse_article(path, data)
        reading.signatures[path] = unmoved
    except UnreadableArticle as reason:
        reading.skipped.append((path, str(reason)))


def stale(corpus: Path, articles: Mapping[str, ArticleEntry], known: Mapping[str, Signature]) -> str:
    """In a phrase, how the corpus differs from what is indexed."""
    here = look(corpus)
    added, removed = here.keys() - articles.keys(), articles.keys() - here.keys()
    changed = [
        path
        for path in here.keys() & articles.keys()
        if (known.get(path) != here[path] or here[path] == UNKNOWN)
        and _hash_of(corpus / path) != articles[path].content_hash
    ]
    if not (added or removed or changed):
        return "unchanged since"
    return f"since then {len(added)} new, {len(changed)} changed, {len(removed)} removed: run python -m indexer"


def _hash_of(file: Path) -> str:
    """The hash of a file's content; "" if it cannot be read, which the next build says of it."""
    try:
        return content_hash(read_file(file))
    except UnreadableArticle:
        return ""
