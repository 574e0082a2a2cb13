"""What passes between the steps: file → Article → Sentences → Passages. All frozen; all offsets are characters."""

from dataclasses import dataclass
from enum import StrEnum


class BlockKind(StrEnum):
    """What a block of an article is."""

    TITLE = "title"
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "item"
    ROW = "row"
    CODE = "code"
    FURNITURE = "furniture"


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch `text[start:end]` of an article: a paragraph, a list item, a heading, or page furniture."""

    start: int
    end: int
    kind: BlockKind


@dataclass(frozen=True, slots=True)
class Article:
    """One file of the corpus, read.

    `text` is what offsets count in. For `.txt` and `.md` it is the file itself, decoded and otherwise untouched (a
    byte order mark and every newline included); for other formats it is the text that was extracted.
    `path` is relative to the corpus, with forward slashes; it is the article's id. `content_hash` is `sha256:` and the
    hex digest of the file's bytes. `date` is ISO (`2026-03-12`) or "".
    """

    path: str
    title: str
    date: str
    authors: tuple[str, ...]
    source: str
    text: str
    content_hash: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence `text[start:end]`, the number of its block and the heading above it ("" where there is none)."""

    start: int
    end: int
    block: int
    kind: BlockKind
    heading: str


@dataclass(frozen=True, slots=True)
class Passage:
    """Sentences `first` to `last` (inclusive) of an article, spanning `text[start:end]`."""

    start: int
    end: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class PassageSettings:
    """How sentences are packed into passages; part of the manifest, never of the chat's settings.

    `target` tokens (of the embedder's tokenizer, heading and title not counted) end a passage once reached; neither
    it nor a sentence ever exceeds the embedder's own limit.
    """

    target: int = 180


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """Which embedder made an index: its name or path, the hash of its weights, its limit and its vectors' length."""

    name: str
    weights: str
    max_tokens: int
    dimension: int
