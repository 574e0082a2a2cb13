"""Whether what a statement says in one order is said in it there: “A acquired B”, “from 5 to 7”, “A before B”.

Two names around a word must stand around it in the same order, unless one of the two texts is in the passive.
"""

import re
from collections.abc import Iterator, Sequence

from chat.llm.clauses import AND, PASSIVE, same_class, speaks
from chat.llm.matches import Matches
from chat.llm.roles import free
from chat.llm.tokens import Token, TokenKind

_BEYOND = 4
_TURNING = frozenset(
    "before after because until than although though if unless since while rather instead despite".split()
)
_COPULA = frozenset("is are was were be been as".split())


def wrong_order(matches: Matches) -> str:
    """Why two names, two numbers, or what follows on “before” stand the other way round there; "" if none do."""
    turned = _turned(matches)
    if turned:
        return turned
    for first, second in _pairs(matches):
        problem = _order(matches, first, second)
        if problem:
            return problem
    return ""


def _pairs(matches: Matches) -> Iterator[tuple[int, int]]:
    """Neighbouring names and numbers of the statement, in one clause, that are not merely listed together."""
    anchors = [i for i, token in enumerate(matches.said) if token.kind in (TokenKind.NAME, TokenKind.AMOUNT)]
    for first, second in zip(anchors, anchors[1:], strict=False):
        between = matches.text[matches.said[first].end : matches.said[second].start]
        listed = AND.fullmatch(between) and same_class(matches.said[first], matches.said[second])
        if not listed and not re.search(r"[;:.]\s|,\s(?:and|but|while)\b", between):
            yield first, second


def _order(matches: Matches, first: int, second: int) -> str:
    """Two names, or two numbers of a kind, keep their order; a number and its date have no other between them."""
    said = matches.said
    one, two = said[first], said[second]
    shared = [(s, p, q) for s, p in matches.of[first] for t, q in matches.of[second] if s == t]
    problem = f"“{one.word}” and “{two.word}” are not put together so there"
    if (one.amount or two.amount) and not (_is_share(one) or _is_share(two)):
        both = one.amount and two.amount
        return (
            ""
            if not both or not shared or any(_numbers_fit(matches, s, p, q, first, second) for s, p, q in shared)
            else problem
        )
    if one.amount or two.amount:
        return "" if any(_numbers_fit(matches, s, p, q, first, second) for s, p, q in shared) or not shared else problem
    words = [i for i in range(first + 1, second) if said[i].kind is TokenKind.WORD]
    inner = {token.word for token in said[first + 1 : second]}
    if not words and inner & _COPULA:
        fits = any(free(matches, s, p, q, first, second) for s, p, q in shared)
        return "" if fits else problem
    if not words:
        return "" if any(p < q for _, p, q in shared) or _by(matches, first, second) else problem
    return "" if any(_same_direction(matches, first, second, words, at) for at in shared) or not shared else problem


def _is_share(token: Token) -> bool:
    """Whether it is a percentage or an amount of money, as parts of a sentence often differ in alone."""
    return token.amount is not None and token.amount.kind in ("percent", "money")


def _numbers_fit(matches: Matches, sentence: int, p: int, q: int, first: int, second: int) -> bool:
    one, two = matches.said[first], matches.said[second]
    source = matches.cited[sentence].tokens
    low, high = min(p, q), max(p, q)
    allowed = {spot for i in range(first, second + 1) for s, spot in matches.of[i] if s == sentence}
    rivals = [
        r
        for r in range(low + 1, high)
        if r not in allowed and (same_class(source[r], one) or same_class(source[r], two))
    ]
    if p < q:
        return not rivals
    beyond = [*source[max(0, low - _BEYOND) : low], *source[high + 1 : high + 1 + _BEYOND]]
    beyond = [token for token in beyond if not token.word.startswith("the ")]
    if same_class(one, two) or rivals:
        return False
    return not any(same_class(token, one) or same_class(token, two) for token in beyond)


def _by(matches: Matches, first: int, second: int) -> bool:
    """“… with A by B”: B does what is done, as a verb's subject does in the active."""
    said = matches.said
    if not any(token.word == "by" for token in said[first + 1 : second]):
        return False
    verbs = [i for i in range(first) if said[i].kind is TokenKind.WORD and matches.of[i]]
    return any(
        s == t and q < v for verb in verbs for s, v in matches.of[verb] for t, q in matches.of[second]
        if PASSIVE.search(matches.text[: said[verb].start].rstrip())
    )  # fmt: skip


def _same_direction(matches: Matches, first: int, second: int, words: Sequence[int], at: tuple[int, int, int]) -> bool:
    """Whether the names stand around a word of theirs as they do in the statement, or turned round by a passive."""
    sentence, p, q = at
    source = matches.cited[sentence]
    for word in words:
        here = _is_passive(matches.text, matches.said[word], matches.said[second])
        for s, v in matches.of[word]:
            if s != sentence or not (free(matches, s, p, v, first, second) and free(matches, s, q, v, second, first)):
                continue
            if p <= v < q and p < q:
                there = _is_passive(source.text, source.tokens[v], source.tokens[q])
                if here == there:
                    return True
            if q <= v < p:
                there = _is_passive(source.text, source.tokens[v], source.tokens[p])
                if here != there or speaks(source, v, p):
                    return True
            if p < q < v and not here:  # “A and B signed”, told as “A signed with B”
                joined = source.text[source.tokens[p].end : source.tokens[q].start]
                if AND.fullmatch(joined):
                    return True
    return False


def _is_passive(text: str, verb: Token, after: Token) -> bool:
    return bool(PASSIVE.search(text[: verb.start].rstrip())) and bool(
        re.search(r"\bby\b", text[verb.end : after.start])
    )


def _turned(matches: Matches) -> str:
    """“A before B” is not “B before A”: what follows such a word here must follow it there."""
    for place, token in enumerate(matches.said):
        if token.word not in _TURNING:
            continue
        after = next((i for i in matches.telling if i > place and matches.of[i]), None)
        spots = [
            (s, p) for s, c in enumerate(matches.cited) for p, there in enumerate(c.tokens) if there.word == token.word
        ]
        if after is None or not spots:
            continue
        if not any(s == t and q > p for s, p in spots for t, q in matches.of[after]):
            return f"“{matches.said[after].word}” does not follow “{token.word}” there"
    return ""
