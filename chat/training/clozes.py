"""Questions cut out of real sentences: “The bridge was opened in 1932 by …” → “When was the bridge opened?”.

Rules over the surface of simple sentences (subject, verb, rest), for who, what, when, where and how many. They give
few questions of a text, close to its wording; what they teach is that the whole of what is asked must be there.
"""

import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_NAME = r"(?:[Tt]he |[Aa]n? )?[A-Z][\w’'&-]+(?: (?:of the |of |the |and |de |von )?[A-Z0-9][\w’'&-]+){0,4}"
_SUBJECT = r"(?:[Tt]he |[Aa]n? )?[A-Za-z][\w’'&-]+(?: (?:of the |of )?[A-Za-z][\w’'&-]+){0,3}"
_BE = r"(?:was|were|is|are|has been|have been|will be)"
_DONE = (
    r"(?:[a-z]+ed|built|born|held|made|known|sold|founded|written|taken|given|found|led|won|lost|set|sent|chosen|begun)"
)
_YEAR = r"(?:(?:early |late |mid-)?(?:(?:January|February|March|April|May|June|July|August|September|October|November|December) )?(?:\d{1,2},? )?(?:1[0-9]|20)\d\d)"
_PASSIVE = re.compile(rf"^({_SUBJECT}) ({_BE}) ((?:\w+ly )?{_DONE})\b(.*)$")
_ACTIVE = re.compile(
    rf"^({_NAME}) ((?:[a-z]+ly )?)([a-z]+ed|became|won|led|built|wrote|held|began|took|gave|lost|made) (.+)$"
)
_HAS = re.compile(
    rf"^({_NAME}) (has|have|had) (?:about |over |more than |some |nearly )?([\d,.]+) ([a-z]+(?: [a-z]+)?s)\b"
)
_WHEN = re.compile(rf" (?:in|on|by|since|from) (?:the )?{_YEAR}\b")
_WHERE = re.compile(r" (?:in|at) (?:the )?([A-Z][a-z]+(?: [A-Z][a-z]+){0,2})\b")
_BY = re.compile(rf" by ({_NAME})")
_CLAUSE = re.compile(r"[,;:(–—]| (?:and|but|which|who|that|because|while|when|after|before|although|so) ")
_PRONOUNS = frozenset(
    "he she it they we you i this that these those there his her its their what who which one".split()
)
_MONTHS = frozenset("January February March April May June July August September October November December".split())


@dataclass(frozen=True)
class Cloze:
    """A question, the number of the sentence that it was cut from, and what kind of fact it asks for."""

    question: str
    right: int
    kind: str


def clozes(sentences: Sequence[str], known: Counter[str], rng: random.Random) -> Iterator[Cloze]:
    """At most one question a sentence, in the order of the sentences; `known` counts the words of all the texts."""
    for number, sentence in enumerate(sentences):
        if 30 <= len(sentence) <= 260:
            found = [c for c in _of(sentence.strip(), known) if 4 <= len(c[0].split()) <= 16]
            if found:
                question, kind = rng.choice(found)
                yield Cloze(_worn(question, rng), number, kind)


def _of(sentence: str, known: Counter[str]) -> Iterator[tuple[str, str]]:
    """(question, kind) of a sentence."""
    for pattern, ask in ((_PASSIVE, _passive), (_ACTIVE, _active), (_HAS, _has)):
        match = pattern.match(sentence)
        if match and match[1].split()[0].lower() not in _PRONOUNS:
            yield from ask(match, known)


def _passive(match: re.Match[str], known: Counter[str]) -> Iterator[tuple[str, str]]:
    subject, be, done, rest = match.groups()
    first, _, more = be.partition(" ")
    middle = f"{subject} {more} {done}".replace("  ", " ")
    subject_low = _low(subject, known)
    middle = middle.replace(subject, subject_low, 1)
    when, where, by = _WHEN.search(rest), _WHERE.search(rest), _BY.search(rest)
    if when:
        yield f"When {first} {middle}{_clause(rest[: when.start()])}?", "when"
    if where and where[1] not in _MONTHS:
        yield f"Where {first} {middle}{_clause(rest[: where.start()])}?", "where"
    if by:
        yield f"Who {middle.replace(subject_low, '', 1).strip()} {subject_low}{_clause(rest[: by.start()])}?", "who"
    if not (when or where or by):
        yield f"What {be} {done}{_clause(rest)}?", "what"


def _active(match: re.Match[str], known: Counter[str]) -> Iterator[tuple[str, str]]:
    subject, how, verb, rest = match.groups()
    when = _WHEN.search(" " + rest)
    before = _clause(" " + rest[: max(0, when.start() - 1)] if when else " " + rest)
    yield f"{'Which' if rest[0].isupper() else 'Who'} {how}{verb}{_clause(' ' + rest)}?".replace("Which", "Who"), "who"
    plain = _plain(verb, known)
    if when and plain:
        yield f"When did {_low(subject, known)} {how}{plain}{before}?", "when"
    where = _WHERE.search(" " + rest)
    if where and plain and where[1] not in _MONTHS:
        yield f"Where did {_low(subject, known)} {how}{plain}{_clause((' ' + rest)[: where.start()])}?", "where"


def _has(match: re.Match[str], known: Counter[str]) -> Iterator[tuple[str, str]]:
    subject, verb, _, things = match.groups()
    do = {"has": "does", "have": "do", "had": "did"}[verb]
    yield f"How many {things} {do} {_low(subject, known)} have?", "how many"


def _clause(rest: str) -> str:
    """The rest up to where a further clause begins."""
    cut = _CLAUSE.search(rest.rstrip(".!?"))
    return (rest[: cut.start()] if cut else rest.rstrip(".!?")).rstrip()


def _low(subject: str, known: Counter[str]) -> str:
    """A subject within a sentence: its first word without the capital of a sentence's beginning."""
    first, _, more = subject.partition(" ")
    low = first[:1].lower() + first[1:]
    return f"{low} {more}".rstrip() if known[low] > known[first] else subject


_IRREGULAR = {
    "became": "become", "won": "win", "led": "lead", "built": "build", "wrote": "write", "held": "hold",
    "began": "begin", "took": "take", "gave": "give", "lost": "lose", "made": "make",
}  # fmt: skip


def _plain(verb: str, known: Counter[str]) -> str:
    """The verb's plain form, by which of its possible ones the texts know best; "" where they know none."""
    if verb in _IRREGULAR:
        return _IRREGULAR[verb]
    forms = [verb[:-2], verb[:-1], verb[:-3], verb[:-3] + "y"]
    best = max(forms, key=lambda form: known[form])
    return best if known[best] > 1 else ""


def _worn(question: str, rng: random.Random) -> str:
    """The question as somebody might type it."""
    sort = rng.random()
    return question.rstrip("?").lower() if sort < 0.3 else question.rstrip("?") if sort < 0.4 else question
