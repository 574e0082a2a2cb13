"""A question about two things that no passage tells of together can be asked about each: “was A larger than B?”."""

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
_OPENING = re.compile(r"\W*(?:who|what|when|where|which|how|why|is|are|was|were|did|does|do|has|have|and|or)\s+", re.I)


def parts(question: str) -> tuple[tuple[str, str], ...]:
    """(Name, question about it alone) for each of two joined names; empty where no two are joined."""
    opening = _OPENING.match(question)
    joined = _JOINED.search(question, opening.end() if opening else 0)
    if not joined or joined["one"].casefold() == joined["two"].casefold():
        return ()
    one, two = joined["one"], joined["two"]
    before, after = question[: joined.start()], question[joined.end() :]
    compared = question[joined.end("one") : joined.end("joint")]
    own = compared if len(compared.split()) > 1 else ""
    return tuple((name, _tidied(f"{before}{name}{own} {after}")) for name in (one, two))


def are_told_together(names: Iterable[str], passages: Iterable[str]) -> bool:
    """Whether a passage holds all of the names: what is asked may be one fact about them."""
    folded = [name.casefold() for name in names]
    return any(all(name in text for name in folded) for text in map(str.casefold, passages))


def _tidied(question: str) -> str:
    words = " ".join(_LEFT_OVER.sub(" ", question).split())
    return re.sub(r"\s+([?.!,])", r"\1", words)
