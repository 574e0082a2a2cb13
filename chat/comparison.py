"""A question about two things, or times, that no passage tells of together can be asked about each.

“Was A larger than B?”, “how did the price change between 2024 and 2025?”.
"""

import re
from collections.abc import Iterable

_NAME = r"[A-Z][\w&.-]*(?:\s+(?:(?:of|de|van|von)\s+)?[A-Z0-9][\w&.-]*)*"
_OWN = r"(?:['’]s?)?"
# Directly joined (“A and B”), or with what is compared between them (“A's revenue higher than B's”).
_JOINED = re.compile(
    rf"(?P<one>\b{_NAME}){_OWN}(?P<joint>,?\s+(?:and|or|versus|vs\.?)\s+"
    rf"|(?:\s+\w+){{0,6}}\s+(?:than|versus|vs\.?|compared\s+(?:with|to)|unlike)\s+)"
    rf"(?:(?:that|those)\s+of\s+|(?:at|in|by|for|of|from)\s+)?(?:the\s+)?(?P<two>\b{_NAME}){_OWN}"
)
_LEFT_OVER = re.compile(r"\b(?:than|versus|vs\.?|compared\s+(?:with|to))\s*(?=[?.!,]|$)|\b(?:between|both)\b", re.I)
# Two times: “between 2024 and 2025”, “from March to June”, “between the first and the second quarter”.
_MONTH = "January|February|March|April|May|June|July|August|September|October|November|December"
_PERIOD = (
    rf"(?:(?:1[0-9]|20)\d\d|(?:{_MONTH})(?:\s+\d{{4}})?|[QH][1-4](?:\s+(?:of\s+)?\d{{4}})?"
    r"|(?:first|second|third|fourth)(?:\s+(?:quarter|half|year|month))?(?:\s+of\s+\d{4})?)"
)
_BETWEEN = re.compile(
    rf",?\s*\b(?:between|from)\s+(?:the\s+)?(?P<one>{_PERIOD})\s+(?:and|to)\s+(?:the\s+)?(?P<two>{_PERIOD})\b"
)
_LAST_WORDS = re.compile(r"\s+(?:quarter|half|year|month)\b.*|\s+(?:of\s+)?\d{4}$")
_MOVES = r"(?:chang|develop|evolv|mov|grow|gr[eo]w|ris|r[oi]se|fall|fell|increas|decreas|drop|shift|differ)\w*"
# “How did the price change …?”, “what changed in the price …?”: of each time it is asked what the price was.
_CHANGED = re.compile(
    rf"^\W*(?:how(?:\s+much)?\s+(?:did|do|does|has|have|had)\s+(?P<what>.+?)\s+{_MOVES}"
    rf"|what\s+(?:(?:has|have|had|is|was)\s+)?(?:changed|different|differed|new)\s+(?:in|about|with|for|at|of|to)\s+(?P<of>.+?))\W*$",
    re.I,
)
_OPENING = re.compile(r"\W*(?:who|what|when|where|which|how|why|is|are|was|were|did|does|do|has|have|and|or)\s+", re.I)


def parts(question: str) -> tuple[tuple[str, str], ...]:
    """(Name, question about it alone) for each of two joined names or times; empty where no two are joined."""
    times = _BETWEEN.search(question)
    if times:
        return _of_each_time(times, f"{question[: times.start()]}{question[times.end() :]}")
    opening = _OPENING.match(question)
    joined = _JOINED.search(question, opening.end() if opening else 0)
    if not joined or joined["one"].casefold() == joined["two"].casefold():
        return ()
    one, two = joined["one"], joined["two"]
    before, after = question[: joined.start()], question[joined.end() :]
    compared = question[joined.end("one") : joined.end("joint")]
    own = compared if len(compared.split()) > 1 else ""
    return tuple((name, _tidied(f"{before}{name}{own} {after}")) for name in (one, two))


def _of_each_time(times: re.Match[str], rest: str) -> tuple[tuple[str, str], ...]:
    """(Time, what it was then) where `rest` asks how something changed; empty where it does not."""
    changed = _CHANGED.search(rest)
    if not changed:
        return ()
    one, two = times["one"], times["two"]
    ending = _LAST_WORDS.search(two)  # “the first and the second quarter of 2025”
    if ending and not _LAST_WORDS.search(one):
        one += ending[0]
    asked = f"What was {changed['what'] or changed['of']} in"
    return tuple((time, f"{asked} {'the ' if time[0].islower() else ''}{time}?") for time in (one, two))


def are_told_together(names: Iterable[str], passages: Iterable[str]) -> bool:
    """Whether a passage holds all of the names: what is asked may be one fact about them."""
    folded = [name.casefold() for name in names]
    return any(all(name in text for name in folded) for text in map(str.casefold, passages))


def _tidied(question: str) -> str:
    words = " ".join(_LEFT_OVER.sub(" ", question).split())
    return re.sub(r"\s+([?.!,])", r"\1", words)
