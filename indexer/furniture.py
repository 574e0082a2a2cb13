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
_GLUE = frozenset("a an the of to from in on for and or by be first this that your my our is are no yet not it s you".split())
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
    r"\b(?:(?:we|this (?:web)?site) uses? cookies|use of cookies|accept (?:all )?cookies|cookie (?:policy|settings|preferences))\b",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.!?:][\"'”’)\]]*$")
_LINE_WORDS, _BANNER_WORDS, _PROSE_WORDS = 9, 60, 9


def mark_furniture(text: str, blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """The same blocks, those that are page furniture marked so; code and table rows never are."""
    marked = [Block(b.start, b.end, BlockKind.FURNITURE) if _looks(text, b) else b for b in blocks]
    last_prose = max((n for n, block in enumerate(marked) if _is_prose(text, block)), default=len(marked))
    seen = False
    for number in range(last_prose + 1, len(marked)):
        block = marked[number]
        seen = seen or block.kind is BlockKind.FURNITURE
        if seen and not _SENTENCE_END.search(text[block.start : block.end]):
            marked[number] = Block(block.start, block.end, BlockKind.FURNITURE)
    return tuple(marked)


def _looks(text: str, block: Block) -> bool:
    """Whether a block looks like furniture by its words alone."""
    if block.kind in (BlockKind.CODE, BlockKind.ROW, BlockKind.FURNITURE):
        return False
    line = text[block.start : block.end]
    if len(line) > _BANNER_WORDS * 12:
        return False
    words = [word.casefold() for word in _WORD.findall(line)]
    if _COPYRIGHT.search(line) or (len(words) <= _BANNER_WORDS and _CONSENT.search(line)):
        return True
    if not words or len(_COUNT_OR_WORD.findall(line)) > _LINE_WORDS:
        return False
    if not all(word in _CONTROLS or word in _GLUE for word in words):
        return False
    controls = [word for word in words if word in _CONTROLS]
    # One everyday word (“News”, “About”) may be an article's own heading; a firm word or a phrase is not.
    return not line.endswith("?") and (len(controls) >= 2 or (bool(controls) and controls[0] in _FIRM))


def _is_prose(text: str, block: Block) -> bool:
    if block.kind in (BlockKind.FURNITURE, BlockKind.HEADING, BlockKind.TITLE):
        return False
    line = text[block.start : block.end]
    return len(_WORD.findall(line)) >= _PROSE_WORDS and bool(_SENTENCE_END.search(line))
