"""Text → blocks: paragraphs, headings, list items, table rows and code, each with its offsets in the text."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from indexer.types import Block, BlockKind

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n|$)")
_BULLET = re.compile(r"[ \t]*(?:[-*•‣◦–—▪●·]|\(?\d{1,3}[.)]|\(?[a-z][.)])[ \t]+(?=\S)")
_TAG = re.compile(r"<[^>]*>")
_SENTENCE_END = re.compile(r"[.!?:;,…][\"'”’)\]]*$")
_HEADING_CHARACTERS = 120
_HEADING_LINES = 2
_WRAPPED_AT_LEAST, _WRAPPED_AT_MOST = 50, 120
_RAGGED = 0.85


def plain_blocks(text: str, start: int = 0, *, ragged: bool = False) -> tuple[Block, ...]:
    """Blocks of plain text from `start` on.

    Blank lines part paragraphs. A single line break is a soft wrap where the next word would not have fitted into
    the width that the text is wrapped at, or where the next line goes on in lower case; other lines (an address, a
    list of names, a paragraph a line) stand for themselves. `ragged` says that the lines were set in letters of
    different widths, as in a PDF, so that their lengths in characters tell less.
    """
    width = _wrap_width(text, start) * (_RAGGED if ragged else 1)
    blocks: list[Block] = []
    for lines in _paragraph_lines(text, start):
        run = list(_join_wrapped(text, lines, width))
        introduced = bool(blocks) and text.endswith(":", 0, blocks[-1].end)
        blocks.extend(_mark_listed(text, run, introduced))
    return tuple(_mark_headings(text, blocks))


def _wrap_width(text: str, start: int) -> int:
    """The width at which a text is wrapped: that of its longest line; 0 if its lines are longer than any wrapping."""
    lengths = [len(line.strip()) for line in text[start:].splitlines() if line.strip()]
    long = sum(length > _WRAPPED_AT_MOST for length in lengths)
    return 0 if long * 10 > len(lengths) else max((n for n in lengths if n <= _WRAPPED_AT_MOST), default=0)


@lru_cache(maxsize=1)
def _markdown() -> "MarkdownIt":
    """The parser. Only block structure is wanted: inline markup stays as it is, for quotes are slices of the file."""
    from markdown_it import MarkdownIt  # asking does without

    parser = MarkdownIt("commonmark").enable("table")
    parser.core.ruler.enableOnly(["normalize", "block"])
    return parser


def markdown_blocks(text: str, start: int = 0) -> tuple[Block, ...]:
    """Blocks of a Markdown text from `start` on; link reference definitions are not content."""
    body = text[start:]
    lines = [(match.start() + start, match.end() + start) for match in _LINE.finditer(body)]
    return tuple(_from_tokens(text, lines, _markdown().parse(body)))


def _paragraph_lines(text: str, start: int) -> Iterator[list[tuple[int, int]]]:
    """Runs of lines without a blank one between them, as (start, end) of their stripped content."""
    run: list[tuple[int, int]] = []
    for match in _LINE.finditer(text, start):
        content = match[0].strip().strip("\ufeff\u200b").strip()
        if content:
            begin = text.index(content, match.start())
            run.append((begin, begin + len(content)))
        elif run:
            yield run
            run = []
    if run:
        yield run


def _join_wrapped(text: str, lines: list[tuple[int, int]], width: float) -> Iterator[Block]:
    """Join soft-wrapped lines into one block; every list item is a block of its own."""
    begin, end = lines[0]
    last_line = begin
    for line_start, line_end in lines[1:]:
        word = text[line_start:line_end].split(maxsplit=1)[0]
        full = end - last_line + 1 + len(word) > width >= _WRAPPED_AT_LEAST
        wrapped = end - last_line <= _WRAPPED_AT_MOST and (full or word[0].islower())
        last_line = line_start
        if wrapped and not _BULLET.match(text, line_start, line_end):
            end = line_end
            continue
        yield _plain_block(text, begin, end)
        begin, end = line_start, line_end
    yield _plain_block(text, begin, end)


def _mark_listed(text: str, run: list[Block], introduced: bool) -> list[Block]:
    """Lines below a line that ends in a colon, none of which is a sentence, are the items of a list."""
    opened = next((n for n, block in enumerate(run) if text[block.start : block.end].endswith(":")), None)
    first = 0 if introduced else None if opened is None else opened + 1
    below = run[first:] if first is not None else []
    if len(below) < 2 or any(_SENTENCE_END.search(text[block.start : block.end]) for block in below):
        return run
    return run[:first] + [Block(block.start, block.end, BlockKind.ITEM) for block in below]


def _plain_block(text: str, start: int, end: int) -> Block:
    bullet = _BULLET.match(text, start, end)
    return Block(bullet.end(), end, BlockKind.ITEM) if bullet else Block(start, end, BlockKind.PARAGRAPH)


def _mark_headings(text: str, blocks: list[Block]) -> Iterator[Block]:
    """A short line with a blank one on either side, without a sentence's end, with something below it, is a heading."""
    for number, block in enumerate(blocks):
        line = text[block.start : block.end]
        heading = (
            block.kind is BlockKind.PARAGRAPH
            and len(line) <= _HEADING_CHARACTERS
            and len(line.splitlines()) <= _HEADING_LINES
            and number + 1 < len(blocks)
            and not _SENTENCE_END.search(line)
            and any(char.isalpha() for char in line)
            and _blank_line_follows(text, block.end, blocks[number + 1].start)
            and (number == 0 or _blank_line_follows(text, blocks[number - 1].end, block.start))
        )
        yield Block(block.start, block.end, BlockKind.HEADING) if heading else block


def _blank_line_follows(text: str, end: int, following: int) -> bool:
    return len(re.findall(r"\r\n?|\n", text[end:following])) >= 2


def _from_tokens(text: str, lines: list[tuple[int, int]], tokens: "list[Token]") -> Iterator[Block]:
    """Blocks of the tokens that hold words; `lines` are the offsets of the text's lines."""
    parents: list[str] = []
    for token in tokens:
        if token.nesting == 1:
            parents.append(token.type)
            if token.type == "tr_open" and token.map:
                yield from _lines_block(text, lines, token.map, BlockKind.ROW)
        elif token.nesting == -1:
            parents.pop()
        elif token.type == "inline" and token.map and "tr_open" not in parents:
            yield from _inline_block(text, lines, token, _inline_kind(parents))
        elif token.type in ("fence", "code_block") and token.map:
            inside = (token.map[0] + 1, token.map[1] - 1) if token.type == "fence" else token.map
            yield from _lines_block(text, lines, inside, BlockKind.CODE)
        elif token.type == "html_block" and token.map and _TAG.sub("", token.content).strip():
            yield from _lines_block(text, lines, token.map, BlockKind.PARAGRAPH)


def _inline_kind(parents: list[str]) -> BlockKind:
    if "heading_open" in parents:
        return BlockKind.HEADING
    return BlockKind.ITEM if "list_item_open" in parents else BlockKind.PARAGRAPH


def _inline_block(text: str, lines: list[tuple[int, int]], token: "Token", kind: BlockKind) -> Iterator[Block]:
    """The block of an inline token, without the markup that opens its first line (`- `, `> `, `## `)."""
    content = token.content.strip()
    if not content or token.map is None:
        return
    words = content.split("\n")
    first, last = lines[token.map[0]], lines[token.map[0] + len(words) - 1]
    start = _find(text, words[0].strip(), first)
    end = _find(text, words[-1].strip(), (max(start, last[0]), last[1])) + len(words[-1].strip())
    yield Block(start, end, kind)


def _find(text: str, words: str, line: tuple[int, int]) -> int:
    """Where `words` stand in the line; the parser shows NUL as U+FFFD."""
    found = text[line[0] : line[1]].replace("\0", "\ufffd").find(words)
    return line[0] + max(found, 0)


def _lines_block(
    text: str, lines: list[tuple[int, int]], span: tuple[int, int] | list[int], kind: BlockKind
) -> Iterator[Block]:
    """One block over the lines `span[0]` to `span[1]` (exclusive), trimmed of white space; none if it is empty."""
    if span[0] >= span[1]:
        return
    start, end = lines[span[0]][0], lines[min(span[1], len(lines)) - 1][1]
    content = text[start:end].strip()
    if content:
        start = text.index(content, start)
        yield Block(start, start + len(content), kind)
