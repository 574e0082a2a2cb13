"""Which blocks are page furniture: what a web page shows around an article, and nobody may quote.

Two rules, by how a line looks and by where it stands:

- *Looks*: a short line whose words all come from the vocabulary of page controls (view, comments, share, rated, stars,
  subscribe …) and numbers; a copyright line; a consent banner.
- *Stands*: below the last paragraph of prose, after such a line, whatever is not a sentence (the headlines of other
  posts, names of categories) belongs to the page too.
"""

import re

from indexer.types import Block, BlockKind

_CONTROLS = frozenset(
    """
    top bottom back skip jump main content page pages menu search home next previous prev older newer close open toggle
    navigation sidebar footer header view views viewed read reads reading min mins minute minutes sec secs ago
    comment comments reply replies like likes liked dislike love share shares shared sharing tweet retweet pin email
    print copy link facebook twitter linkedin whatsapp telegram reddit pinterest instagram youtube tiktok rss feed
    rate rated rating ratings star stars vote votes review reviews add write leave post posts posted recent related
    latest popular trending more see show load all also article articles story stories news recommended
    continue loading subscribe subscribed subscription newsletter sign signed log in up out login logout register account
    follow followers following us join now click here download advertisement advertisements sponsored ad ads
    cookie cookies accept reject manage preferences settings privacy policy terms conditions use contact about
    tags tag categories category archive archives filed under bookmark save report edit translate listen play video
    """.split()
)
# Words that may stand among controls but do not make a line one.
_GLUE = frozenset(
    "a an the of to from in on for and or by be first this that your my our is are no yet not it s you we value".split()
)
_FIRM = frozenset(
    """
    comment comments share shares tweet rated rating ratings subscribe newsletter advertisement sponsored views
    likes login cookies cookie follow sidebar navigation menu skip
    """.split()
)
_WORD = re.compile(r"[^\W\d_]+")
_COUNT_OR_WORD = re.compile(r"[^\W\d_]+|\d[\d.,]*")
_COPYRIGHT = re.compile(r"^\W*(?:©|copyright\b|\(c\)\W*(?=\d{4})).{0,120}$|\ball rights reserved\b", re.IGNORECASE)
_CONSENT = re.compile(
    r"\b(?:(?:we|(?:web)?site|partners|by) (?:may )?us(?:es?|ing) cookies|use of cookies|accept (?:all )?cookies|cookie (?:policy|settings|preferences))\b",
    re.IGNORECASE,
)
_SIGN_UP = re.compile(r"\b(?:subscribe|sign up|newsletter|inbox)\b", re.IGNORECASE)
_YOUR_MAIL = re.compile(r"\byour (?:e-?mail|inbox)\b", re.IGNORECASE)
_CRUMBS = re.compile(r"[^\n.!?\d|>›»]{1,40}(?:\s[>›»]\s[^\n.!?\d|>›»]{1,40})+")
_SENTENCE_END = re.compile(r"[.!?:][\"'”’)\]]*$")
# What a short line above an article may tell of it: a date, who wrote it.
_TELLS = re.compile(r"\d|^by\b", re.IGNORECASE)
_LINE_WORDS, _BANNER_WORDS, _PROSE_WORDS, _NAVIGATION_WORDS, _BUTTON_WORDS = 9, 60, 9, 2, 4


def mark_furniture(text: str, blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """The same blocks, those that are page furniture marked so; code and table rows never are."""
    marked = _marked_by_looks(text, blocks)
    prose = [number for number, block in enumerate(marked) if _is_prose(text, block)]
    _mark_above(text, marked, prose[0] if prose else 0)
    _mark_below(text, marked, prose[-1] if prose else len(marked))
    return tuple(marked)


def _marked_by_looks(text: str, blocks: tuple[Block, ...]) -> list[Block]:
    marked = [Block(b.start, b.end, BlockKind.FURNITURE) if _looks(text, b) else b for b in blocks]
    for number in range(1, len(marked) - 1):  # “Print” between “Share” and “Copy link”
        around = (marked[number - 1].kind, marked[number + 1].kind)
        plain = marked[number].kind in (BlockKind.PARAGRAPH, BlockKind.ITEM)
        if (
            plain
            and around == (BlockKind.FURNITURE, BlockKind.FURNITURE)
            and _words(text, marked[number]) <= _BUTTON_WORDS
        ):
            marked[number] = Block(marked[number].start, marked[number].end, BlockKind.FURNITURE)
    return marked


def _mark_above(text: str, marked: list[Block], prose: int) -> None:
    """Above the first paragraph of a page that shows furniture there, lines of a word or two are its navigation."""
    if not any(block.kind is BlockKind.FURNITURE for block in marked[:prose]):
        return
    for number, block in enumerate(marked[:prose]):
        line = text[block.start : block.end]
        if block.kind is BlockKind.PARAGRAPH and _words(text, block) <= _NAVIGATION_WORDS and not _TELLS.search(line):
            marked[number] = Block(block.start, block.end, BlockKind.FURNITURE)


def _mark_below(text: str, marked: list[Block], prose: int) -> None:
    """Below the last paragraph, once furniture was seen, what is no sentence belongs to the page."""
    seen = False
    for number in range(prose + 1, len(marked)):
        block = marked[number]
        seen = seen or block.kind is BlockKind.FURNITURE
        if block.kind in (BlockKind.CODE, BlockKind.ROW):
            continue
        if seen and not _SENTENCE_END.search(text[block.start : block.end]):
            marked[number] = Block(block.start, block.end, BlockKind.FURNITURE)


def _looks(text: str, block: Block) -> bool:
    """Whether a block looks like furniture by its words alone."""
    if block.kind in (BlockKind.CODE, BlockKind.ROW, BlockKind.FURNITURE):
        return False
    line = text[block.start : block.end]
    if len(line) > _BANNER_WORDS * 12:
        return False
    words = [word.casefold() for word in _WORD.findall(line)]
    if _COPYRIGHT.search(line) or _CRUMBS.fullmatch(line):
        return True
    if len(words) <= _BANNER_WORDS and (_CONSENT.search(line) or (_SIGN_UP.search(line) and _YOUR_MAIL.search(line))):
        return True
    if not words or len(_COUNT_OR_WORD.findall(line)) > _LINE_WORDS:
        return False
    if block.kind is BlockKind.ITEM and line.endswith("."):  # “Open the archive.”: a step of a list, no button
        return False
    if not all(word in _CONTROLS or word in _GLUE for word in words):
        return False
    controls = [word for word in words if word in _CONTROLS]
    # One everyday word (“News”, “About”) may be an article's own heading; a firm word or a phrase is not.
    return not line.endswith("?") and (len(controls) >= 2 or (bool(controls) and controls[0] in _FIRM))


def _words(text: str, block: Block) -> int:
    return len(_WORD.findall(text, block.start, block.end))


def _is_prose(text: str, block: Block) -> bool:
    if block.kind in (BlockKind.FURNITURE, BlockKind.HEADING, BlockKind.TITLE):
        return False
    line = text[block.start : block.end]
    return len(_WORD.findall(line)) >= _PROSE_WORDS and bool(_SENTENCE_END.search(line))
