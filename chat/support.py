"""Yes or no, said only where the quote supports it: all that the question states stands in it, denied or not."""

from chat.context import context_names
from chat.evidence import QuestionTerms
from chat.facts import NEGATION, facts
from chat.types import Asks, Question
from indexer import Record

_STATED_AT_LEAST = 0.75
_VAGUE = frozenset(("plan", "say", "said", "ever", "anyth", "anyon", "someth", "realli", "alreadi", "still", "there"))


def yes_or_no(question: Question, asked: QuestionTerms, record: Record, sentence: int) -> str:
    """ "Yes.", "No.", or "" where the sentence does not plainly say so.

    All names and numbers of the question must stand in the sentence (or be what it points back at), and three
    quarters of the weight of its words. Then the answer is yes, unless the sentence denies and the question does not.
    """
    if question.asks is not Asks.YES_NO:
        return ""
    span = record.sentences[sentence]
    text = record.text[span.start : span.end]
    said = set(facts(text).stems) | context_names(record, sentence)
    words = {stem: weight for stem, weight in asked.weights.items() if stem not in _VAGUE}
    stated = sum(weight for stem, weight in words.items() if stem in said) / (sum(words.values()) or 1.0)
    if not words or stated < _STATED_AT_LEAST or asked.names - said or asked.numbers - facts(text).numbers:
        return ""
    denied, denies = bool(NEGATION.search(question.understood)), bool(NEGATION.search(text))
    return "No." if denied != denies else "Yes."
