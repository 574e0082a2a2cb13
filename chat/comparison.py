"""A question about two things, or times, that no passage tells of together can be asked about each.

“Was A larger than B?”, “how did the price change between 2024 and 2025?”.
"""

import re
from collections.abc import Iterable

from chat.facts import MONTHS

_NAME = r"[A-Z][\w&.-]*(?:\s+(?:(?:of|de|van|von)\s+)?[A-Z0-9][\w&.-]*)*"
_OWN = r"(?:['’]s?)?"
# Directly joined (“A and B”), or with what is compared between them (“A's revenue higher than B's”).
_JOINED = re.compile(
    rf"(?P<one>\b{_NAME}){_OWN}(?P<joint>,?\s+(?:and|or|versus|vs\.?)\s+"
    rf"|(?:\s+\w+){{0,6}}\s+(?:than|versus|vs\.?|compared\s+(?:with|to)|unlike)\s+)"
    rf"(?:(?:that|those)\s+of\s+|(?:at|in|by|for|of|from)\s+)?(?:the\s+)?(?P<two>\b{_NAME}){_OWN}"
)
_LEFT_OVER = re.compile(r"\b(?:than|versus|vs\.?|compared\s+(?:with|to))\s*(?=[?.!,]|$)|\b(?:between|both)\b", re.I)
# Two times: “between 2024 and 2025”, “from March to June”, “between the first and the second quarter of 2025”.
_UNIT = r"(?:quarter|half|year|month)"
_PERIOD = (
    rf"(?:(?:{'|'.join(MONTHS)}|[QH][1-4]|(?:first|second|third|fourth)(?:\s+{_UNIT})?)(?:\s+(?:of\s+)?\d{{4}})?"
    r"|(?:1[0-9]|20)\d\d)"
)
_BETWEEN = re.compile(
    rf"\b(?:[Bb]etween|[Ff]rom)\s+(?:the\s+)?(?P<one>{_PERIOD})\s+(?:and|to)\s+(?:the\s+)?(?P<two>{_PERIOD})(?![\w-])"
)
_YEAR = re.compile(r"(?:\s+(?:of\s+)?)?\b\d{4}$")
_ORDINAL = re.compile(r"(?:first|second|third|fourth)$")
_OF_UNIT = re.compile(rf"\s{_UNIT}$")
_MOVED = (
    "change|changed|develop|developed|evolve|evolved|move|moved|grow|grown|rise|risen|fall|fallen|increase|increased|decrease|"
    "decreased|drop|dropped|shift|shifted"
)
# “How did the price change …?”, “what changed in the price …?”: of each time it is asked what the price was.
_CHANGED = re.compile(
    r"^\W*(?:(?:by\s+)?how(?:\s+much)?\s+(?:did|does|has|have|had|will)\s+(?P<what>(?:the|its|their)\s[^?]+?|[A-Z][^?]*?['’]s?\s[^?]+?)"
    rf"\s+(?:{_MOVED})\b(?P<where>(?:\s+(?:in|at|for)\s+[^?]+?)?)"
    r"|what\s+(?:has\s+|have\s+|had\s+)?changed\s+(?:in|about)\s+(?P<of>(?:the|its|their)\s[^?]+?|[A-Z][^?]*?['’]s?\s[^?]+?))\W*$",
    re.I,
)
_OPENING = re.compile(r"\W*(?:who|what|when|where|which|how|why|is|are|was|were|did|does|do|has|have|and|or)\s+", re.I)


def parts(question: str) -> tuple[tuple[str, str], ...]:
    """(Name, question about it alone) for each of two joined names or times; empty where no two are joined."""
    return _of_each_time(question) or _of_each_name(question)


def are_times(asked_of: Iterable[tuple[str, str]]) -> bool:
    """Whether the parts are of two times."""
    return all(re.fullmatch(_PERIOD, name) for name, _ in asked_of)


def _of_each_name(question: str) -> tuple[tuple[str, str], ...]:
    opening = _OPENING.match(question)
    joined = _JOINED.search(question, opening.end() if opening else 0)
    if not joined or joined["one"].casefold() == joined["two"].casefold():
        return ()
    one, two = joined["one"], joined["two"]
    before, after = question[: joined.start()], question[joined.end() :]
    compared = question[joined.end("one") : joined.end("joint")]
    own = compared if len(compared.split()) > 1 else ""
    return tuple((name, _tidied(f"{before}{name}{own} {after}")) for name in (one, two))


def _of_each_time(question: str) -> tuple[tuple[str, str], ...]:
    """(Time, question what it was then) where it is asked how something changed between two times."""
    times = _BETWEEN.search(question)
    rest = f"{question[: times.start()]} {question[times.end() :]}".strip(" ,") if times else ""
    changed = _CHANGED.search(rest)
    if not times or not changed:
        return ()
    what = f"{changed['what']}{changed['where']}" if changed["what"] else changed["of"]
    return tuple(
        (time, _tidied(f"What was {what} in {'the ' if time[0].islower() else ''}{time}?"))
        for time in _each_whole(times["one"], times["two"])
    )


def _each_whole(one: str, two: str) -> tuple[str, str]:
    """Two times, the first with what it leaves to the second: “first”, “second quarter of 2025”."""
    year, unit = _YEAR.search(two), _OF_UNIT.search(_YEAR.sub("", two))
    if _ORDINAL.fullmatch(_YEAR.sub("", one)) and unit:
        one = one.replace(one.split()[0], f"{one.split()[0]}{unit[0]}", 1)
    if year and year.start() and not _YEAR.search(one):
        one += year[0]
    return one, two


def are_told_together(names: Iterable[str], passages: Iterable[str]) -> bool:
    """Whether a passage holds all of the names: what is asked may be one fact about them."""
    folded = [name.casefold() for name in names]
    return any(all(name in text for name in folded) for text in map(str.casefold, passages))


def _tidied(question: str) -> str:
    words = " ".join(_LEFT_OVER.sub(" ", question).split())
    return re.sub(r"\s+([?.!,])", r"\1", words)
