"""The date that an article's own head gives: a line of its own, or “LUDLOW, Saturday 30 August 2025 –”."""

import re
from datetime import date

from indexer.types import Block, BlockKind

_MONTHS = "january february march april may june july august september october november december".split()
_MONTH = r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
_DATE = (
    rf"(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+{_MONTH},?\s+(?P<year>\d{{4}})",
    rf"(?:{_MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}})",
    r"(?:(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})",
)
# Before the date stands at most a label or a place, and a weekday; after it the line ends, or the text is set off.
_LINES = tuple(
    re.compile(
        rf"\W*(?:(?:published|posted|updated|date|released)\b[^\n]{{0,12}}|[^\W\d][\w .'’()/-]{{0,40}}[,.–—-]\s+)?(?:on\s+)?"
        rf"(?:\w+day,?\s+)?{pattern})\s*(?:[–—:(.|-]|$|\n|/)",
        re.IGNORECASE,
    )
    for pattern in _DATE
)
_BLOCKS = 6


def dateline(text: str, blocks: tuple[Block, ...]) -> str:
    """The ISO date of the first of the head's blocks that is a date or begins with one; "" without one."""
    head = [block for block in blocks if block.kind is not BlockKind.FURNITURE][:_BLOCKS]
    for block in head:
        for pattern in _LINES:
            match = pattern.match(text[block.start : block.end])
            found = _iso(match) if match else ""
            if found:
                return found
    return ""


def _iso(match: re.Match[str]) -> str:
    month = match["month"].lower()
    number = int(month) if month.isdigit() else next(n for n, name in enumerate(_MONTHS, 1) if name[:3] == month[:3])
    try:
        return date(int(match["year"]), number, int(match["day"])).isoformat()
    except ValueError:
        return ""
