"""Each statement of a language model against the sentences that it cites: kept, repaired or dropped.

A statement is kept if all that it says stands in those sentences: every number, date and name, every word that tells
something, what is denied, planned or only possible, and who does what (see `roles`). It is a check of wording: what
it cannot see to be supported it does not let pass.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from chat.llm.evidence_text import EvidenceSentence
from chat.llm.matches import Matches, known_names
from chat.llm.order import wrong_order
from chat.llm.polarity import wrong_modality, wrong_negation
from chat.llm.roles import wrong_roles
from chat.llm.tokens import TokenKind, is_odd_number, tokens
from chat.llm.wording import BOUND, is_glue
from chat.types import Statement

_LONGEST = 500
_QUOTED = re.compile(r"[“\"«„]([^”\"»“]{2,})[”\"»“]")
_NOT_PROSE = re.compile(r"https?:|www\.|[<>{}|\\]|```|\S+@\S+")
_LEAST_SAID = 2


class Verdict(StrEnum):
    """What becomes of a statement."""

    KEPT = "kept"
    REPAIRED = "repaired"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class CheckedStatement:
    """A statement after the check: its text if it is kept, else ""; the sentences it rests on; why it is not kept."""

    text: str
    numbers: tuple[int, ...]
    verdict: Verdict
    reason: str = ""


def check(statement: Statement, sentences: Sequence[EvidenceSentence]) -> CheckedStatement:
    """Check one statement; its numbers count the sentences from 1.

    A statement that is not supported is repaired, so that the quote of what it cites stands in its place; one that
    cites nothing that exists is dropped.
    """
    numbers = tuple(n for n in dict.fromkeys(statement.numbers) if 1 <= n <= len(sentences))
    if not numbers:
        return CheckedStatement("", (), Verdict.DROPPED, "it cites no sentence")
    cited = [sentences[n - 1] for n in numbers]
    text = statement.text
    reason = _not_prose(text, cited)
    matches = Matches(tokens(text, known_names(cited)), cited, text) if not reason else None
    if matches:
        reason = (
            _unsaid(matches)
            or _critical(matches)
            or wrong_negation(matches)
            or wrong_modality(matches)
            or _bounds(text, matches)
            or wrong_order(matches)
            or wrong_roles(matches)
        )
    if reason or not matches:
        return CheckedStatement("", numbers, Verdict.REPAIRED, reason)
    needed = tuple(numbers[place] for place in sorted(matches.windows))
    return CheckedStatement(text, needed or numbers[:1], Verdict.KEPT)


def _not_prose(text: str, cited: Sequence[EvidenceSentence]) -> str:
    if not 3 <= len(text) <= _LONGEST or len(text.split()) < 2:
        return "it is no sentence"
    if _NOT_PROSE.search(text):
        return "it holds a link or markup"
    if is_odd_number(text):
        return "it holds a number in an unusual form"
    quoted = [_plain(match[1]) for match in _QUOTED.finditer(text)]
    if not all(any(words in _plain(sentence.text) for sentence in cited) for words in quoted):
        return "it quotes words that do not stand there"
    return ""


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[^\w%$€£]+", " ", text).casefold().split())


def _unsaid(matches: Matches) -> str:
    """Amounts, names and telling words that stand in no cited sentence."""
    for place, token in enumerate(matches.said):
        if matches.of[place] or token.kind is TokenKind.FUNCTION:
            continue
        if token.kind is TokenKind.WORD and all(is_glue(s) for s in token.stems):
            continue
        what = {TokenKind.AMOUNT: "number", TokenKind.NAME: "name"}.get(token.kind, "word")
        return f"the {what} “{token.word}” does not stand there"
    told = [matches.said[place].kind for place in matches.telling if matches.of[place]]
    if len(told) < _LEAST_SAID or TokenKind.WORD not in told:  # names alone say nothing of anyone
        return "nothing of it stands there"
    return ""


def _critical(matches: Matches) -> str:
    """Words of comparison, quantity, order and cause that no cited sentence backs."""
    held = {group for sentence in matches.cited for token in sentence.tokens for group in token.critical}
    said = {token.word for sentence in matches.cited for token in sentence.tokens}
    for token in matches.said:
        if token.critical and not token.critical & held and token.word not in said:
            return f"“{token.word}” is not what is said there"
    for place, (low, high) in matches.windows.items():
        compared = any(token.word == "than" for token in matches.cited[place].tokens[low : high + 1])
        if compared and not any(token.word == "than" for token in matches.said):
            return "it leaves out what is compared there"
    return ""


def _bounds(text: str, matches: Matches) -> str:
    """“up to 6.5” may not become 6.5."""
    for place, token in enumerate(matches.said):
        if not token.amount:
            continue
        here = _bound(text, token.start)
        there = {_bound(matches.cited[s].text, matches.cited[s].tokens[p].start) for s, p in matches.of[place]}
        if here not in there and "" not in there:
            return f"“{token.word}” stands there as a bound"
    return ""


def _bound(text: str, start: int) -> str:
    """Which bound stands directly before the number at `start`."""
    match = BOUND.search(text[max(0, start - 24) : start])
    return " ".join(match[1].lower().split()) if match else ""
