"""What a quote cannot support: yes or no, unless it plainly says so; what is asked of whom its article never names."""

import re

from chat.context import context_names
from chat.evidence import QuestionTerms
from chat.facts import MONTHS, NEGATION, NUMBER, facts
from chat.types import Asks, Question
from indexer import Record, terms

_STATED_AT_LEAST = 0.75
# Words with which a question asks for a statement, and that need not stand in it.
_VAGUE = frozenset(("plan", "say", "said", "ever", "anyth", "anyon", "someth", "realli", "alreadi", "still", "there"))
_MONTHS = frozenset(terms(" ".join(MONTHS)))
_CLAUSE = re.compile(r"[;:,–—]\s|\b(?:and|but|while|although|because|which|who)\b")


def yes_or_no(question: Question, asked: QuestionTerms, record: Record, sentence: int, title: str) -> str:
    """ "Yes.", "No.", or "" where the sentence does not plainly say so.

    It does where three quarters of the weight of the question's words stand in it, all names and numbers among them (a
    name may stand in the title instead, or be what the sentence points back at). Where the question names someone,
    the words must stand with no other name between them: “Ann, president of A, and Bo, president of B” does not say
    that Ann is president of B. The answer is no if the clause that says it denies and the question does not, or the
    other way round.
    """
    if question.asks is not Asks.YES_NO:
        return ""
    span = record.sentences[sentence]
    text = record.text[span.start : span.end]
    fact = facts(text)
    around = set(terms(title)) | context_names(record, sentence)
    words = {stem: weight for stem, weight in asked.weights.items() if stem not in _VAGUE}
    said = {stem for stem in words if stem in fact.stems or stem in around}
    stated = sum(words[stem] for stem in said) / (sum(words.values()) or 1.0)
    counted = {stem for stem in words if NUMBER.fullmatch(stem)}
    if not words or stated < _STATED_AT_LEAST or (asked.names | counted) - said:
        return ""
    held = said & set(fact.stems)
    if not held or (asked.names and _names_between(fact.stems, held, fact.names - asked.names)):
        return ""
    denied = bool(NEGATION.search(question.understood))
    clause = max(_CLAUSE.split(text), key=lambda part: len(held & set(terms(part))))
    denies = bool(NEGATION.search(clause))
    if not denies and NEGATION.search(text):
        return ""  # something is denied, but perhaps not this
    return "No." if denied != denies else "Yes."


def names_nobody(asked: QuestionTerms, record: Record, title: str) -> bool:
    """Whether a question names somebody or something, and an article none of those; months are no such names."""
    named = asked.names - _MONTHS
    return bool(named) and named.isdisjoint(record.terms.vocabulary) and named.isdisjoint(terms(title))


def _names_between(stems: tuple[str, ...], held: set[str], others: frozenset[str]) -> bool:
    """Whether another name stands within the shortest run of stems that holds all of `held`."""
    best: tuple[int, int] | None = None
    for first in range(len(stems)):
        missing = set(held)
        for last in range(first, len(stems)):
            missing.discard(stems[last])
            if not missing:
                if best is None or last - first < best[1] - best[0]:
                    best = (first, last)
                break
    return best is not None and bool(others & set(stems[best[0] : best[1] + 1]))
