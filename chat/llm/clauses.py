"""How a sentence is put together, as far as its commas and small words tell: asides, lists, counts."""

import re
from collections.abc import Sequence

from chat.llm.matches import Sentence
from chat.llm.tokens import Token, TokenKind, is_title

AND = re.compile(r"[\s,;]*(?:and|or|as well as|&)?[\s,;]*(?:the\s)?(?:(?<=the\s)[a-z]+\s(?<!of\s))?")
PASSIVE = re.compile(r"\b(?:is|are|was|were|be|been|being)\b(?:\s\w+){0,3}$")
_BETWEEN = re.compile(r"\(([^()]*)\)|(?<=[\w’”\"]),\s([^,;:()]+)(?=,\s)")
_RELATIVE = re.compile(r"(?:who|whom|whose|which|where)\b")
_FINITE = re.compile(r"\b(?:is|are|was|were|has|have|had|will|would|can|could|may|might|said|says)\b")
_NAMES_ANOTHER = re.compile(r"\b(?!(?:of|at|by|in|from|with|for|to|the|and)\b)[a-z]+\s[A-Z]")
_JOINS = re.compile(r"^(?:including|such as|namely|like|and|or|but|while|whereas|as|because|that|to|in|on|at|from)\b")


def all_asides(text: str) -> list[tuple[int, int]]:
    """Where a text tells of a thing between brackets or commas."""
    return [
        match.span()
        for match in _BETWEEN.finditer(text)
        if match[1] or _is_aside(match[2], text[match.end() :].lstrip(", "))
    ]


def aside_at(text: str, place: int) -> tuple[int, int] | None:
    """The aside that a place in a text stands in."""
    return next((span for span in all_asides(text) if span[0] <= place < span[1]), None)


def asides(source: Sentence, first: Token, last: Token) -> list[tuple[int, int]] | None:
    """The asides between two tokens; None if the first stands in one that ends before the second.

    A word that opens an apposition may stand for what it explains (“a second site, the cold store, will be …”).
    """
    start, end = first.end, last.start
    found = all_asides(source.text)
    for a, b in found:
        explains = first.kind is TokenKind.WORD and not _RELATIVE.match(source.text[a:b].lstrip(", ("))
        if a < start < b <= end + 1 and not explains:
            return None
    return [(a, b) for a, b in found if a >= start and b <= end + 1]


def _is_aside(words: str, after: str) -> bool:
    """Whether what stands between two commas tells of what stands before it: “, president of A,”, “, who …,”."""
    if _RELATIVE.match(words) or ". " in words:
        return ". " not in words
    return bool(
        (not words[:1].isupper() or is_title(words.split()[0]))
        and not _JOINS.match(words)
        and not _FINITE.search(words)
        and not _NAMES_ANOTHER.search(words)
        and not re.match(r"(?:and|or)\s", after)
    )


def in_one_list(source: Sentence, p: int, q: int, rivals: Sequence[int], token: Token) -> bool:
    """Whether the rivals are earlier members of a list that token p heads a member of, and q stands before that list.

    For numbers: whether the last part repeats the clause without its words (“5 in May and 7 in June”).
    """
    if q < rivals[0] < p and _inside_item(source, q, rivals[0]):
        return False
    if q > p:
        return token.kind is TokenKind.NAME and _heads_item(source, p) and all(_heads_item(source, r) for r in rivals)
    last = rivals[-1]
    if token.kind is TokenKind.AMOUNT:
        between = source.tokens[last + 1 : p]
        gap = source.text[source.tokens[last].end : source.tokens[p].start]
        cut = max((m.end() for m in re.finditer(r"\b(?:and|but|or)\b|[;,]", gap)), default=-1)
        after = source.tokens[last].end + cut
        return cut >= 0 and not any(t.kind in (TokenKind.WORD, TokenKind.NAME) and t.start >= after for t in between)
    gap = source.text[source.tokens[q].end : source.tokens[p].start]
    if ";" in gap:
        return bool(re.search(r"[;]\s*(?:and\s+)?(?:the\s+)?$", source.text[: source.tokens[p].start]))
    return _heads_item(source, p) and all(_heads_item(source, r) or r == rivals[0] for r in rivals)


def _inside_item(source: Sentence, q: int, rival: int) -> bool:
    """Whether token q stands in the first member of the list, behind its name (“A as chair, B and C”)."""
    if not re.search(r"[,;]", source.text[source.tokens[q].end : source.tokens[rival].start]):
        return False
    left = max((m.end() for m in re.finditer(r"[,;:]\s", source.text[: source.tokens[q].start])), default=0)
    return any(t.kind is TokenKind.NAME and left <= t.start < source.tokens[q].start for t in source.tokens)


def _heads_item(source: Sentence, place: int) -> bool:
    """Whether a name stands where a member of a list begins."""
    before = source.text[: source.tokens[place].start]
    return (
        bool(re.search(r"(?:[,;]|\band|\bor|\bincluding|\bby|\bwith|:)\s*(?:and\s+)?(?:the\s+)?$", before))
        or not before
    )


def shares_subject(source: Sentence, p: int, q: int) -> bool:
    """“A has published …, and decided …”: the first name of a sentence is the subject of a verb right after “and”."""
    names = [place for place, token in enumerate(source.tokens) if token.kind in (TokenKind.NAME, TokenKind.STAND_IN)]
    return bool(names) and p == names[0] and q > p and source.tokens[q - 1].word in ("and", "but")


def counts_other_things(found: Sequence[Token], rival: int, place: int) -> bool:
    """Whether a plain number counts something (“318 entries”) that its rival does not (“a jury of seven”)."""
    things = counted(found, place)
    return bool(things) and not set(things) & set(counted(found, rival))


def counts_nothing(found: Sequence[Token], place: int) -> bool:
    """Whether no word follows on a number that it could count, or be compared by (“up to 55 a day”)."""
    return not counted(found, place) and not (place + 1 < len(found) and found[place + 1].critical)


def counted(found: Sequence[Token], place: int) -> tuple[str, ...]:
    """Stems of the word that a plain number counts; empty where none follows on it."""
    amount = found[place].amount
    if (
        amount is None
        or amount.kind != "plain"
        or place + 1 >= len(found)
        or found[place + 1].kind is not TokenKind.WORD
    ):
        return ()
    return found[place + 1].stems


def same_class(one: Token, other: Token) -> bool:
    """Whether both are names, or both numbers of one kind, so that one could be taken for the other."""
    if one.amount and other.amount:
        return one.amount.kind == other.amount.kind
    return one.kind is TokenKind.NAME and other.kind is TokenKind.NAME


def speaks(source: Sentence, verb: int, name: int) -> bool:
    """“… , said A”."""
    return name == verb + 1 and bool(re.search(r"[,”\"]\s*$", source.text[: source.tokens[verb].start]))
