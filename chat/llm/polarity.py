"""Whether a statement denies, plans or supposes what the sentences do: “not”, “may”, “plans to”, “believes”, “if”."""

import re
from collections.abc import Sequence

from chat.llm.matches import Matches, Sentence, clauses_of
from chat.llm.tokens import Token, TokenKind, says
from chat.llm.wording import IS_TO, MODALITIES, NEGATIONS, SPEECH, VIEWS, is_glue

_ONLY_IF = re.compile(r"\bonly\s(?:after|if|when|once|until|with|for|in|on)\b")
_BEFORE_WINDOW = 3
_DENIED_WITHIN = 4


def wrong_negation(matches: Matches) -> str:
    """What is denied here must be denied there, and the other way round."""
    said = matches.said
    denied = _denied(said)
    if denied is not None and not any(_denied(s.tokens) is not None for s in matches.cited):
        return "it denies what is not denied there"
    for place, (low, high) in matches.windows.items():
        there = matches.cited[place].tokens
        if (
            denied is None
            and not matches.is_minor(place)
            and any(
                _is_negation(there[p]) and matches.takes_from_clause(place, p)
                for p in range(max(0, low - _BEFORE_WINDOW), high + 1)
            )
        ):
            return "what is denied there is not denied in it"
    return "" if denied is None else _other_denial(matches, denied)


def _other_denial(matches: Matches, denied: Sequence[Token]) -> str:
    """Why what is denied here is not what is denied there."""
    said = matches.said
    objects = [token for s in matches.cited for token in _denied_in_clause(s)]
    for first in _first_denied(said):
        if not any(_says_alike(first, other) for other in objects):
            return f"it denies “{first.word}”, which is not denied there"
    for place, sentence in enumerate(matches.cited):
        for other in _first_denied(sentence.tokens):
            if not matches.takes_from_clause(place, sentence.tokens.index(other)):
                continue
            here = [token for token in said if _says_alike(token, other)]
            if here and not any(token in denied for token in here):
                return f"“{other.word}” is denied there and not in it"
    return ""


def _says_alike(one: Token, other: Token) -> bool:
    """Whether two tokens say the same; “up” is not “down”, though both are small words."""
    return one.word == other.word if one.critical or other.critical else says(one, other)


def _is_negation(token: Token) -> bool:
    return token.word in NEGATIONS or token.word.endswith(" not")


def _denied(found: Sequence[Token]) -> list[Token] | None:
    """The telling tokens that stand shortly after a negation; None without a negation."""
    places = [place for place, token in enumerate(found) if _is_negation(token)]
    if not places:
        return None
    telling = [[t for t in found[place + 1 :] if _tells(t)][:_DENIED_WITHIN] for place in places]
    return [token for some in telling for token in some]


def _denied_in_clause(sentence: Sentence) -> list[Token]:
    """What is denied there: “nothing to do with the accounts, which were approved” does not deny the approval."""
    clauses, found = clauses_of(sentence), sentence.tokens
    parts = [[t for t, c in zip(found, clauses, strict=True) if c == clause] for clause in dict.fromkeys(clauses)]
    return [token for part in parts for token in (_denied(part) or ())]


def _first_denied(found: Sequence[Token]) -> list[Token]:
    places = [place for place, token in enumerate(found) if _is_negation(token)]
    return [token for place in places for token in [t for t in found[place + 1 :] if _tells(t)][:1]]


def _tells(token: Token) -> bool:
    return (
        bool(token.critical)
        or token.kind in (TokenKind.AMOUNT, TokenKind.NAME, TokenKind.STAND_IN)
        or (token.kind is TokenKind.WORD and not all(is_glue(s) for s in token.stems))
    )


def wrong_modality(matches: Matches) -> str:
    """What is planned, possible, conditional or someone's view there must not be a fact here, nor a fact a plan."""
    said = _modalities([token.word for token in matches.said], matches.text)
    words = {token.word for token in matches.said}
    anywhere: set[str] = set()
    for place, sentence in enumerate(matches.cited):
        anywhere |= _modalities([token.word for token in sentence.tokens], sentence.text)
        if place not in matches.windows or matches.is_minor(place):
            continue
        reason = _turned_to_fact(said, words, _around(sentence, *matches.windows[place]), sentence.text)
        if reason:
            return reason
    if said & {"plan"} and not anywhere & {"plan"}:
        return "it makes a plan of what is not planned there"
    return ""


def _modalities(found: Sequence[str], text: str) -> set[str]:
    words = {part for word in found for part in word.split()}
    kinds = {name for name, members in MODALITIES.items() if words & members}
    return kinds | {"plan"} if IS_TO.search(text) else kinds


def _around(sentence: Sentence, low: int, high: int) -> set[str]:
    """The modalities of what a statement takes from a sentence: of the stretch itself, and of what governs it."""
    window = sentence.tokens[max(0, low - _BEFORE_WINDOW) : high + 1]
    text = sentence.text[window[0].start : window[-1].end] if window else ""
    there = _modalities([token.word for token in window], text)
    if "condition" in _modalities([t.word for t in sentence.tokens], "") or sentence.text.startswith("Should "):
        there.add("condition")
    if {token.word for token in sentence.tokens[:low]} & VIEWS:
        there.add("attitude")
    return there


def _turned_to_fact(said: set[str], words: set[str], there: set[str], text: str) -> str:
    if _ONLY_IF.search(text) and "only" not in words:
        return "it leaves out a condition"
    if "condition" in there and not said & {"condition", "possibility"}:
        return "it leaves out a condition"
    if "attitude" in there and "attitude" not in said and not words & SPEECH:
        return "it makes a fact of a view"
    if {"plan", "possibility"} & there and not {"plan", "possibility"} & said:
        return "it makes a fact of what is planned or possible"
    if "possibility" in there and "plan" not in there and "possibility" not in said:
        return "it makes a plan of what is possible"
    return ""
