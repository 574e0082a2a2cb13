"""What a generation holds and how it was made: the manifest, as written to `manifest.json`."""

import hashlib
import json
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Any

from indexer.errors import IndexDamaged
from indexer.types import ModelInfo, PassageSettings

FORMAT = 1


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


@dataclass(frozen=True, slots=True)
class Manifest:
    """A generation: its articles in row order, the model and settings that made it, the checksums of its files.

    Row r of the vector and the term index is passage r of the articles' passages, counted in the articles' order.
    """

    generation: str
    built: str
    corpus: str
    model: ModelInfo
    settings: PassageSettings
    tools: str
    articles: tuple[ArticleEntry, ...]
    files: dict[str, str]
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
    way = [FORMAT, model.weights, model.max_tokens, model.dimension, asdict(settings), used]
    return hashlib.sha256(json.dumps(way).encode()).hexdigest()


def to_json(manifest: Manifest) -> bytes:
    """The manifest as UTF-8 JSON, its SHA-256 over all else in the last key."""
    body = asdict(manifest)
    return json.dumps({**body, "checksum": _checksum(body)}, ensure_ascii=False, indent=1).encode()


def from_json(data: bytes, where: str) -> Manifest:
    """Read a manifest; raises `IndexDamaged` if it is malformed, altered or of another format."""
    try:
        body: dict[str, Any] = json.loads(data)
        if body.get("format") != FORMAT:
            raise IndexDamaged(f"{where}: has format {body.get('format')}, this is {FORMAT}; run python -m indexer")
        if body.pop("checksum", None) != _checksum(body):
            raise IndexDamaged(f"{where}: was altered; run python -m indexer")
        entries = tuple(ArticleEntry(**{**entry, "authors": tuple(entry["authors"])}) for entry in body["articles"])
        model, settings = ModelInfo(**body["model"]), PassageSettings(**body["settings"])
        return Manifest(**{**body, "articles": entries, "model": model, "settings": settings})
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise IndexDamaged(f"{where}: is not a manifest; run python -m indexer") from error


def _checksum(body: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
