"""What a generation holds and how it was made: the manifest, as written to `manifest.json`, and its articles."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, astuple, dataclass, field
from importlib.metadata import version
from typing import Any

import numpy as np

from indexer.errors import IndexDamaged
from indexer.types import Article, ModelInfo, PassageSettings

FORMAT = 3
_FULL_RECORDS = 2  # the format whose records held all vectors whole, and nothing compressed
_BEFORE_SEGMENTS = 1  # the format of the manifests that held their articles themselves
_RECORDS = 1  # the way records are made; another number, and none is reused


@dataclass(frozen=True, slots=True)
class ArticleEntry:
    """One article of a generation; `record` names its record file, `record_sha256` is that file's checksum.

    `indexed` is the ISO time (UTC) at which this content first came into the index under this path.
    """

    path: str
    title: str
    date: str
    authors: tuple[str, ...]
    source: str
    content_hash: str
    record: str
    record_sha256: str
    sentences: int
    passages: int
    indexed: str


def entry_of(
    article: Article, record: str, record_sha256: str, *, sentences: int, passages: int, indexed: str
) -> ArticleEntry:
    """The entry of an article whose record is stored."""
    return ArticleEntry(
        path=article.path,
        title=article.title,
        date=article.date,
        authors=article.authors,
        source=article.source,
        content_hash=article.content_hash,
        record=record,
        record_sha256=record_sha256,
        sentences=sentences,
        passages=passages,
        indexed=indexed,
    )


@dataclass(frozen=True, slots=True)
class SegmentFile:
    """A file of a segment: its checksum, and what the file system said of it once it was found to be so."""

    sha256: str
    size: int
    signature: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Segment:
    """An immutable part of the index, shared by generations: the passages of some articles, in a folder of its own.

    `gone` are the numbers of those of its articles that the generation no longer holds. `lists` is into how many
    inverted lists its vectors are sorted (0: they are searched one by one), `probed` how many of them a search looks
    into, and `recall` how many of the ten nearest it then found, of all ten, for vectors like those of questions.
    """

    name: str
    articles: int
    rows: int
    files: dict[str, SegmentFile]
    gone: tuple[int, ...] = ()
    lists: int = 0
    probed: int = 0
    recall: float = 1.0


@dataclass(frozen=True, slots=True)
class Manifest:
    """A generation: its articles in row order, the model and settings that made it, the segments that hold them.

    Row r of a search is passage r of the articles' passages, counted in the articles' order, which is that of their
    paths. `parts` are the articles of each segment, those that are gone included; `starts` tells for each of `articles`
    the place of its first passage among all the segments' passages.
    """

    generation: str
    built: str
    corpus: str
    model: ModelInfo
    settings: PassageSettings
    tools: str
    articles: tuple[ArticleEntry, ...]
    segments: tuple[Segment, ...] = ()
    parts: tuple[tuple[ArticleEntry, ...], ...] = ()
    starts: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=np.int64), compare=False)
    format: int = FORMAT

    @property
    def passages(self) -> int:
        """How many passages the generation holds."""
        return sum(entry.passages for entry in self.articles)

    @property
    def fingerprint(self) -> str:
        """Hash over the way records are made; records of another fingerprint are never reused."""
        return fingerprint(self.model, self.settings, self.tools)


def tools() -> str:
    """The versions of the libraries that decide where text, sentences and terms begin and end."""
    names = ("nupunkt", "markdown-it-py", "trafilatura", "pypdf", "python-docx", "PyStemmer")
    return " ".join(f"{name}-{version(name)}" for name in names)


def fingerprint(model: ModelInfo, settings: PassageSettings, used: str) -> str:
    """See `Manifest.fingerprint`; the model counts by its weights, not by its name."""
    way = [_RECORDS, model.weights, model.max_tokens, model.dimension, asdict(settings), used]
    return hashlib.sha256(json.dumps(way).encode()).hexdigest()


def living(
    segments: Sequence[Segment], parts: Sequence[Sequence[ArticleEntry]]
) -> tuple[tuple[ArticleEntry, ...], np.ndarray]:
    """The articles of the segments that are not gone, by path, and where the passages of each begin: see `Manifest`."""
    found: list[tuple[str, int, ArticleEntry]] = []
    base = 0
    for segment, entries in zip(segments, parts, strict=True):
        gone, start = set(segment.gone), base
        for number, entry in enumerate(entries):
            if number not in gone:
                found.append((entry.path, start, entry))
            start += entry.passages
        base += segment.rows
    found.sort(key=lambda place: place[:2])
    return tuple(entry for _, _, entry in found), np.array([start for _, start, _ in found], dtype=np.int64)


def to_json(manifest: Manifest) -> bytes:
    """The manifest as UTF-8 JSON, but for the articles, its SHA-256 over all else in the last key."""
    names = ("generation", "built", "corpus", "tools", "format")
    body: dict[str, Any] = {name: getattr(manifest, name) for name in names}
    body |= {"model": asdict(manifest.model), "settings": asdict(manifest.settings)}
    body |= {"segments": [asdict(segment) for segment in manifest.segments]}
    return json.dumps({**body, "checksum": _checksum(body)}, ensure_ascii=False, indent=1).encode()


def from_json(data: bytes, where: str) -> Manifest:
    """Read a manifest, without its articles; raises `IndexDamaged` if it is malformed, altered or of another format."""
    try:
        body: dict[str, Any] = json.loads(data)
        if body.get("format") not in (FORMAT, _FULL_RECORDS, _BEFORE_SEGMENTS):
            raise IndexDamaged(f"{where}: has format {body.get('format')}, this is {FORMAT}; run python -m indexer")
        if body.pop("checksum", None) != _checksum(body):
            raise IndexDamaged(f"{where}: was altered; run python -m indexer")
        body |= {"model": ModelInfo(**body["model"]), "settings": PassageSettings(**body["settings"])}
        if body["format"] == _BEFORE_SEGMENTS:
            del body["files"]
            entries = tuple(ArticleEntry(**{**entry, "authors": tuple(entry["authors"])}) for entry in body["articles"])
            return Manifest(**{**body, "articles": entries})
        return Manifest(**{**body, "articles": (), "segments": tuple(map(_segment, body["segments"]))})
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise IndexDamaged(f"{where}: is not a manifest; run python -m indexer") from error


def _segment(body: dict[str, Any]) -> Segment:
    files = {
        name: SegmentFile(**{**about, "signature": tuple(about["signature"])}) for name, about in body["files"].items()
    }
    return Segment(**{**body, "files": files, "gone": tuple(body["gone"])})


def entries_to_json(entries: Iterable[ArticleEntry]) -> bytes:
    """Articles as UTF-8 JSON, a list each."""
    return json.dumps([astuple(entry) for entry in entries], ensure_ascii=False, separators=(",", ":")).encode()


def entries_from_json(data: bytes) -> tuple[ArticleEntry, ...]:
    """Read what `entries_to_json` wrote."""
    return tuple(
        ArticleEntry(path, title, date, tuple(authors), *rest) for path, title, date, authors, *rest in json.loads(data)
    )


def _checksum(body: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
