"""File → Article: decode, take the front matter, hand other formats to their libraries, mark the blocks."""

import hashlib
import re
import tomllib
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import yaml

from indexer.blocks import markdown_blocks, plain_blocks
from indexer.dateline import dateline
from indexer.errors import UnreadableArticle
from indexer.furniture import mark_furniture
from indexer.parse_limits import MOST_BLOCKS, MOST_CHARACTERS, MOST_FRONT_MATTER
from indexer.types import Article, Block, BlockKind

if TYPE_CHECKING:
    from indexer.documents import Extracted

SUFFIXES = (".txt", ".md", ".html", ".htm", ".pdf", ".docx")
_FRONT_MATTER = re.compile(r"\ufeff?(---|\+\+\+)[ \t]*\r?\n(.*?)^\1[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
_DATE_IN_NAME = re.compile(r"(?<!\d)(\d{4})[-_.]?(0[1-9]|1[0-2])[-_.]?(0[1-9]|[12]\d|3[01])(?!\d)")
_TITLE_LENGTH = 200


class _YamlWithoutAliases(yaml.SafeLoader):  # type: ignore[misc]  # the library has no types
    """YAML without `*alias`, by which a few lines can stand for billions of values."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("an alias")
        return super().compose_node(parent, index)


@dataclass(frozen=True)
class _FrontMatter:
    """What the head of a text file says of it; `end` is where the body begins."""

    end: int = 0
    values: dict[str, Any] = field(default_factory=dict)


def parse_here(path: str, data: bytes) -> Article:
    """The article that a file of this name and content is, parsed in this process: see `parse_process` for the others.

    Raises `UnreadableArticle` with the reason when it cannot be decoded or parsed, holds no text, or too much of it.
    """
    suffix = PurePosixPath(path).suffix.lower()
    if suffix in (".txt", ".md"):
        article = _read_text(path, data, suffix)
    else:
        from indexer.documents import extract_docx, extract_html, extract_pdf  # slow; asking does without

        extract = {".pdf": extract_pdf, ".docx": extract_docx}.get(suffix, extract_html)
        article = _from_extracted(path, data, extract(data))
    if len(article.text) > MOST_CHARACTERS or len(article.blocks) > MOST_BLOCKS:
        raise UnreadableArticle(
            f"holds more than {MOST_CHARACTERS:,} characters or {MOST_BLOCKS:,} paragraphs: split it"
        )
    return article


def content_hash(data: bytes) -> str:
    """`sha256:` and the hex digest of `data`."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def decode(data: bytes) -> str:
    """Decode a text file without changing a character: UTF-8 (a byte order mark stays), UTF-16, else Latin-1.

    Latin-1 is read as its superset Windows-1252 where that is possible. Raises `UnreadableArticle` for binary data.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return data.decode("utf-16")
        except UnicodeDecodeError as error:
            raise UnreadableArticle(f"is not valid UTF-16: {error.reason}") from error
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    controls = sum(data.count(code) for code in range(32) if code not in (9, 10, 12, 13))
    if controls > len(data) // 100:
        raise UnreadableArticle("is not text: it holds binary data")
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _read_text(path: str, data: bytes, suffix: str) -> Article:
    text = decode(data)
    head = _front_matter(text)
    blocks = markdown_blocks(text, head.end) if suffix == ".md" else plain_blocks(text, head.end)
    title = _as_line(head.values.get("title"))
    blocks = _with_title(text, mark_furniture(text, blocks), known=title)
    _must_hold_words(text, blocks)
    authors = head.values.get("authors") or head.values.get("author") or ()
    authors = (authors,) if isinstance(authors, str) else authors if isinstance(authors, list | tuple) else ()
    return Article(
        path=path,
        title=title or _title(text, blocks, path),
        date=_as_date(head.values.get("date")) or _date_in_name(path) or dateline(text, blocks),
        authors=tuple(_as_line(author) for author in authors),
        source=_as_line(head.values.get("source") or head.values.get("url")),
        text=text,
        content_hash=content_hash(data),
        blocks=blocks,
    )


def _from_extracted(path: str, data: bytes, found: "Extracted") -> Article:
    blocks = _with_title(found.text, mark_furniture(found.text, found.blocks), known=found.title)
    _must_hold_words(found.text, blocks)
    return Article(
        path=path,
        title=_as_line(found.title) or _title(found.text, blocks, path),
        date=_as_date(found.date) or _date_in_name(path) or dateline(found.text, blocks),
        authors=found.authors,
        source=found.source,
        text=found.text,
        content_hash=content_hash(data),
        blocks=blocks,
    )


def _must_hold_words(text: str, blocks: tuple[Block, ...]) -> None:
    content = (block for block in blocks if block.kind is not BlockKind.FURNITURE)
    if not any(re.search(r"\w", text[block.start : block.end]) for block in content):
        raise UnreadableArticle("holds no text")


def _front_matter(text: str) -> _FrontMatter:
    """YAML between `---` lines or TOML between `+++` lines at the very top; a malformed head is left as text."""
    match = _FRONT_MATTER.match(text)
    if not match or match.end() > MOST_FRONT_MATTER:
        return _FrontMatter()
    try:
        raw = match[2].replace("\r\n", "\n")
        values = tomllib.loads(raw) if match[1] == "+++" else yaml.load(raw, _YamlWithoutAliases)
    except Exception:  # besides their own errors, both raise what a value brings about: KeyError, RecursionError …
        return _FrontMatter()
    return _FrontMatter(match.end(), values) if isinstance(values, dict) else _FrontMatter()


def _with_title(text: str, blocks: tuple[Block, ...], known: str) -> tuple[Block, ...]:
    """Mark the block that is the article's title: the first heading, before which no paragraph stands."""
    for number, block in enumerate(blocks):
        if block.kind is BlockKind.PARAGRAPH or (known and block.kind is not BlockKind.HEADING):
            return blocks
        if block.kind is BlockKind.HEADING:
            words = " ".join(text[block.start : block.end].split())
            if known and words.casefold() != known.casefold():
                return blocks
            return (*blocks[:number], Block(block.start, block.end, BlockKind.TITLE), *blocks[number + 1 :])
    return blocks


def _title(text: str, blocks: tuple[Block, ...], path: str) -> str:
    """The title block's words, or else the file's name made readable."""
    for block in blocks:
        if block.kind is BlockKind.TITLE:
            return _as_line(text[block.start : block.end])
    stem = _DATE_IN_NAME.sub("", PurePosixPath(path).stem)
    return _as_line(re.sub(r"[-_\s]+", " ", stem)).strip() or PurePosixPath(path).name


def _as_line(value: object) -> str:
    """Any front-matter value as one line of text, of a title's length at most."""
    try:
        line = " ".join(str(value).split())[:_TITLE_LENGTH].strip("\ufeff") if value else ""
    except (ValueError, RecursionError):  # a number of thousands of digits; lists in lists
        return ""
    return line.encode("utf-8", "replace").decode()  # an escape may stand for half a character


def _as_date(value: object) -> str:
    """ISO date of a front-matter value: a date, a time, or a string that begins with an ISO date."""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    try:
        return date.fromisoformat(str(value)[:10]).isoformat() if value else ""
    except (ValueError, RecursionError):
        return ""


def _date_in_name(path: str) -> str:
    """The date that stands in a file's path, as `2026-03-12` or `20260312`; "" without one."""
    for match in reversed(list(_DATE_IN_NAME.finditer(path))):
        try:
            return date(int(match[1]), int(match[2]), int(match[3])).isoformat()
        except ValueError:
            continue
    return ""
