"""HTML, PDF and Word files → text with blocks, through the libraries that are kept for it."""

import io
import logging
import re
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element

import docx
import pypdf
import trafilatura
from docx.table import Table
from pypdf.errors import PyPdfError
from trafilatura.settings import Extractor

from indexer.blocks import plain_blocks
from indexer.errors import UnreadableArticle
from indexer.parse_limits import MEGABYTE, unpacked_bytes
from indexer.types import Block, BlockKind


@dataclass(frozen=True)
class Extracted:
    """What a document says: its text with blocks in it, and what it tells of itself ("" where it tells nothing)."""

    text: str
    blocks: tuple[Block, ...]
    title: str = ""
    date: str = ""
    authors: tuple[str, ...] = ()
    source: str = ""


class _TextBuilder:
    """Collects blocks into one text, a blank line between them, so that each knows its offsets."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._blocks: list[Block] = []
        self._end = 0

    def add(self, words: str, kind: BlockKind) -> None:
        words = words.strip()
        if words:
            start = self._end + 2 if self._pieces else 0
            self._end = start + len(words)
            self._blocks.append(Block(start, self._end, kind))
            self._pieces.append(words)

    def done(self, **about: Any) -> Extracted:
        return Extracted("\n\n".join(self._pieces), tuple(self._blocks), **about)

    def __bool__(self) -> bool:
        return bool(self._pieces)


def _reasoned(extract: Callable[[bytes], Extracted]) -> Callable[[bytes], Extracted]:
    """Whatever a parser raises on a broken file is that file's own reason: the build names it and goes on."""

    def reasoned(data: bytes) -> Extracted:
        try:
            return extract(data)
        except (UnreadableArticle, MemoryError):
            raise
        except RecursionError as error:
            raise UnreadableArticle("is nested too deeply to be parsed") from error
        except Exception as error:  # the libraries document no common base class
            raise UnreadableArticle(f"cannot be parsed: {type(error).__name__}: {_one_line(error)}") from error

    return reasoned


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]


@_reasoned
def extract_html(data: bytes) -> Extracted:
    """The article of a web page, by trafilatura: navigation, banners and related links stay outside."""
    options = Extractor(output_format="python", recall=True, comments=False, tables=True, with_metadata=True)
    page: Any = trafilatura.bare_extraction(data, options=options)
    if page is None or page.body is None or not "".join(page.body.itertext()).strip():
        body, _, length = trafilatura.baseline(data)
        if not length:
            raise UnreadableArticle("holds no text")
        return _from_tree(body).done()
    builder = _from_tree(page.body)
    authors = tuple(name.strip() for name in (page.author or "").split(";") if name.strip())
    return builder.done(title=page.title or "", date=page.date or "", authors=authors, source=page.url or "")


def _from_tree(body: Element) -> _TextBuilder:
    """trafilatura's own XML (head, p, list/item, table/row/cell, quote, code) → text with blocks."""
    kinds = {"head": BlockKind.HEADING, "item": BlockKind.ITEM, "code": BlockKind.CODE, "row": BlockKind.ROW}
    builder = _TextBuilder()

    def walk(element: Element) -> None:
        if element.tag in ("list", "table", "body", "div") or (element.tag == "quote" and len(element)):
            builder.add(element.text or "", BlockKind.PARAGRAPH)
            for child in element:
                walk(child)
                builder.add(child.tail or "", BlockKind.PARAGRAPH)
        elif element.tag == "row":
            builder.add(" | ".join(_words(cell) for cell in element), BlockKind.ROW)
        else:
            builder.add(_words(element), kinds.get(str(element.tag), BlockKind.PARAGRAPH))

    walk(body)
    return builder


def _words(element: Element) -> str:
    """All text below `element`; a line break element is a space, code keeps its lines."""
    if element.tag == "code":
        return "".join(element.itertext())
    pieces: Iterator[str] = (
        (" " if part.tag == "lb" else "") + (part.text or "") + (part.tail or "" if part is not element else "")
        for part in element.iter()
    )
    if any(part.tag != "lb" and len(part) for part in element):
        return " ".join("".join(element.itertext()).split())
    return " ".join("".join(pieces).split())


@_reasoned
def extract_pdf(data: bytes) -> Extracted:
    """The text layer of a PDF, by pypdf; lines that recur at the head or foot of its pages are left out."""
    logging.getLogger("pypdf").setLevel(logging.ERROR)
    try:
        reader = pypdf.PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise UnreadableArticle("is locked with a password")
        pages = [page.extract_text().split("\n") for page in reader.pages]
        about = reader.metadata
    except PyPdfError as error:
        raise UnreadableArticle(f"is not a readable PDF: {_one_line(error)}") from error
    text = _join_pages(_without_running_lines(pages))
    if not text.strip():
        raise UnreadableArticle("holds no text layer (a scan?): run it through text recognition first")
    title = (about.title or "").strip() if about else ""
    author = (about.author or "").strip() if about else ""
    return Extracted(text, plain_blocks(text, ragged=True), title=title, authors=(author,) if author else ())


def _without_running_lines(pages: list[list[str]]) -> list[list[str]]:
    """Drop the first and last two lines of a page that recur, but for their digits, on another page."""

    def shape(line: str) -> str:
        return re.sub(r"\d+", "0", " ".join(line.split()))

    pages = [[line.rstrip() for line in page if line.strip()] for page in pages]
    edges = Counter(line for page in pages for line in {shape(line) for line in page[:2] + page[-2:]})
    kept = []
    for page in pages:
        inside = range(2, len(page) - 2)
        kept.append([line for number, line in enumerate(page) if number in inside or edges[shape(line)] < 2])
    return kept


def _join_pages(pages: list[list[str]]) -> str:
    """One text; a word parted by a hyphen at a line's end is joined, and so is a sentence over a page's end."""
    text = "\n".join(line for page in pages for line in page)
    text = re.sub("[\ufb00-\ufb06]", lambda ligature: unicodedata.normalize("NFKC", ligature[0]), text)
    joined = re.sub(r"(?<=[a-zà-ÿ])[-\u00ad]\n(?=[a-zà-ÿ])", "", text)
    return joined.encode("utf-8", "replace").decode("utf-8")  # broken fonts yield lone surrogates


@_reasoned
def extract_docx(data: bytes) -> Extracted:
    """Paragraphs, headings, lists and tables of a Word document, in their order, by python-docx."""
    _must_be_word(data)
    document = docx.Document(io.BytesIO(data))
    builder, title = _TextBuilder(), (document.core_properties.title or "").strip()
    for part in document.iter_inner_content():
        if isinstance(part, Table):
            for row in part.rows:
                cells = dict.fromkeys(" ".join(cell.text.split()) for cell in row.cells)  # merged cells recur
                builder.add(" | ".join(cell for cell in cells if cell), BlockKind.ROW)
            continue
        style = (part.style.name or "") if part.style is not None else ""
        kind = BlockKind.HEADING if style.startswith(("Heading", "Title")) else BlockKind.PARAGRAPH
        builder.add(part.text, BlockKind.ITEM if style.startswith("List") else kind)
    if not builder:
        raise UnreadableArticle("holds no text")
    author = (document.core_properties.author or "").strip()
    return builder.done(title=title, authors=(author,) if author and author != "python-docx" else ())


def _must_be_word(data: bytes) -> None:
    """What can be told before anything is unpacked; more than a part declares is never unpacked of it."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
    except zipfile.BadZipFile as error:
        raise UnreadableArticle("is not what its name says: its content is not that of a .docx file") from error
    if not any(part.filename.startswith("word/") for part in parts):
        raise UnreadableArticle("is not what its name says: its content is not that of a .docx file")
    if sum(part.file_size for part in parts) > unpacked_bytes(len(data)):
        raise UnreadableArticle(f"unpacks to more than {unpacked_bytes(len(data)) // MEGABYTE} MB: split it")
