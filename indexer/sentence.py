"""Article → Sentences, by nupunkt within each block, so that no sentence runs over a paragraph's end."""

import re

import nupunkt

from indexer.types import Article, Block, BlockKind, Sentence

# A sentence of more characters than this is parted at a clause's end, so that a quote stays a quote.
LONGEST = 800
_CLAUSE = re.compile(r"[;:,]\s|\s")
_HAS_WORD = re.compile(r"\w")


def sentences(article: Article) -> tuple[Sentence, ...]:
    """The sentences of all blocks that are content, in order; title and headings are sentences of their kind.

    Furniture yields none: what is not a sentence cannot be retrieved, quoted or widened to.
    """
    found: list[Sentence] = []
    heading = ""
    for number, block in enumerate(article.blocks):
        if block.kind is BlockKind.FURNITURE:
            continue
        if block.kind is BlockKind.HEADING:
            heading = " ".join(article.text[block.start : block.end].split())[:200]
        for start, end in _spans(article.text, block):
            found.append(Sentence(start, end, number, block.kind, heading))
    return tuple(found)


def _spans(text: str, block: Block) -> list[tuple[int, int]]:
    """Spans of the sentences of a block, without white space at their ends; each holds a letter or a digit."""
    words = text[block.start : block.end]
    if block.kind in (BlockKind.PARAGRAPH, BlockKind.ITEM):
        raw = [(block.start + start, block.start + end) for start, end in nupunkt.sent_spans(words)]
    else:
        raw = [(block.start, block.end)]
    return [piece for start, end in raw for piece in part(text, start, end)]


def part(text: str, start: int, end: int, longest: int = LONGEST) -> list[tuple[int, int]]:
    """Part a span into spans of at most `longest` characters: at a clause's end, else at a space, else anywhere.

    The parts are trimmed of white space and hold a letter or a digit each.
    """
    parts = []
    while end - start > longest:
        breaks = list(_CLAUSE.finditer(text, start + longest // 2, start + longest))
        clauses = [match for match in breaks if match[0][0] in ";:,"]
        cut = (clauses or breaks)[-1].end() if breaks else start + longest
        parts.append((start, cut))
        start = cut
    trimmed = (_trim(text, start, end) for start, end in [*parts, (start, end)])
    return [(start, end) for start, end in trimmed if _HAS_WORD.search(text, start, end)]


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    words = text[start:end]
    return start + len(words) - len(words.lstrip()), end - (len(words) - len(words.rstrip()))
