"""The sentences that a language model is given, each with its quote and with what its pronouns may stand for."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from chat.context import first_of, list_span, needs_context, widened
from chat.followup import is_person
from chat.llm.tokens import Token, TokenKind, names_within, tokens
from chat.types import Quote, Span
from indexer import BlockKind, Index, Record, stem
from indexer import words as words_of

_COMPANY = r"the (?:company|firm|group|authority|board|foundation|team|maker|operator|port|fund)"
_STAND_IN = re.compile(
    r"\b(?:he|she|him|his|her|it|its|they|them|their|this|these|those|(?:the|both) (?:two |three )?(?:companies|parties|firms|partners"
    r"|sides)|the (?:agreement|deal|plan|project|plant|product|move|pair|latter|former)|"
    rf"{_COMPANY})\b",
    re.I,
)
_OF_COMPANY = re.compile(rf"(?:it|its|they|their|{_COMPANY})$", re.I)
_SEVERAL = re.compile(r"(?:companies|parties|firms|partners|sides|pair)$", re.I)
_POINTS_INSIDE = re.compile(r"\b(?:it|them|they)\b", re.I)
_PRONOUN = re.compile(r"(?:it|its|they|their|this|these|those|that|he|she|his|her)\b", re.I)
_HE_OR_SHE = re.compile(r"\b(?:he|she|his|her)\b", re.I)
_SENTENCES_BACK, _FRAGMENT = 4, 10
_PERSON = frozenset(("he", "she", "him", "his", "her"))
_FINITE = re.compile(
    r"\b(?:is|are|was|were|has|have|had|will|would|can|could|may|might|shall|should|must|do|does|did|said|says|announced"
    r"|cannot|recently|today|now|\w{3,}ed)\b",
    re.I,
)
# “handed over a desalination plant”: what “a” brings in is what “it” may speak of.
_INTRODUCED = re.compile(r"\b(?:a|an)\s((?:[a-z-]+\s){0,2}[a-z-]+)\b")
_MOST_READ = 2000
_SUBJECT = 3
_HEADS = (BlockKind.HEADING, BlockKind.TITLE)
_Stems = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EvidenceSentence:
    """A numbered sentence: the quote that shows it, its own words, their tokens, and the names in and around it.

    A token of kind `STAND_IN` holds whom or what it may stand for; the tokens of a list's member begin with those of
    the line that introduces the list, or of the heading above it. `place` are the numbers of its article and of the
    sentence there, `full_names` all names of that article.
    """

    quote: Quote
    text: str
    title: str
    date: str
    tokens: tuple[Token, ...]
    names: frozenset[str]
    full_names: frozenset[_Stems]
    introduced: bool = False
    place: tuple[int, int] = (0, 0)


def evidence_sentence(index: Index, article: int, number: int) -> EvidenceSentence:
    """Sentence `number` of an article, ready to be given to a model and to check statements by."""
    record, entry = index.record(article), index.articles[article]
    sentence = record.sentences[number]
    text = _text(record, number)
    quote, intro = widened(record, article, number), ""
    first = first_of(record, number) if needs_context(text) else number
    first = _person_before(record, first, number)
    before = [_text(record, n) for n in range(first, number)]
    quote = Span(article, min(quote.start, record.sentences[first].start), quote.end)
    if sentence.kind in (BlockKind.ITEM, BlockKind.ROW) or (
        sentence.heading and len(text.split()) <= _FRAGMENT and not _FINITE.search(text)
    ):
        quote, intro = _listed(record, article, number, quote)
    elif not before and _points_before_itself(text) and _follows(record, number):
        first = first_of(record, number - 1)
        before = [_text(record, n) for n in range(first, number)]
        quote = Span(article, record.sentences[first].start, quote.end)
    around = [entry.title, sentence.heading]
    named = names_within(entry.title) | names_within(sentence.heading) | _article_names(record)
    offset = len(intro) + 2 if intro else 0
    whole = f"{intro}. {text}" if intro else text
    found = _resolved(record, whole, offset, before, around, named)
    return EvidenceSentence(
        Quote(index, quote),
        whole,
        entry.title,
        entry.date,
        tuple(found),
        named,
        _full_names(record, f"{entry.title}. {sentence.heading}"),
        bool(intro),
        (article, number),
    )


def _text(record: Record, number: int) -> str:
    sentence = record.sentences[number]
    return record.text[sentence.start : sentence.end]


def _person_of(said: str, record: Record) -> _Stems:
    """Whom a later “he” stands for: who opens the sentence, else the first person in it."""
    people = _article_people(record)
    for token in tokens(said, _article_names(record)):
        if token.kind is TokenKind.NAME and any(_is_called(token.stems, person) for person in people):
            return token.stems
    return ()


def _is_called(name: _Stems, person: _Stems) -> bool:
    return name == person or name == person[-1:]


@lru_cache(maxsize=64)
def _article_people(record: Record) -> tuple[_Stems, ...]:
    """The persons that an article names in full."""
    found: dict[_Stems, None] = {}
    for number in range(min(len(record.sentences), _MOST_READ)):
        said = _text(record, number)
        for token in tokens(said):
            if token.kind is TokenKind.NAME and is_person(said[token.start : token.end], said):
                found[token.stems] = None
    return tuple(found)


@lru_cache(maxsize=64)
def _full_names(record: Record, around: str) -> frozenset[_Stems]:
    """The names of an article, each as it is written there; `around` are its title and a heading."""
    named = _article_names(record) | names_within(around)
    parts = [around, *(_text(record, number) for number in range(min(len(record.sentences), _MOST_READ)))]
    return frozenset(t.stems for part in parts for t in tokens(part, named) if t.kind is TokenKind.NAME)


@lru_cache(maxsize=64)
def _article_names(record: Record) -> frozenset[str]:
    """Stems of the names in an article: who is “Altmeyer” here is “Henrik Altmeyer” there."""
    parts = (_text(record, number) for number in range(min(len(record.sentences), _MOST_READ)))
    return frozenset().union(*map(names_within, parts))


def _listed(record: Record, article: int, number: int, quote: Span) -> tuple[Span, str]:
    """A list's member is quoted with the line that introduces it; else what is above it is its heading."""
    span = list_span(record, article, number)
    if span:
        first = next(n for n, s in enumerate(record.sentences) if s.start >= span.start)
        if record.sentences[first].kind is BlockKind.PARAGRAPH:
            return span, _text(record, first).rstrip().rstrip(":")
    return quote, record.sentences[number].heading


def _person_before(record: Record, first: int, number: int) -> int:
    """The sentence, at most four back, that names whom “he” or “she” stands for; `first` where none does."""
    text = _text(record, number)
    pronoun = _HE_OR_SHE.search(text)
    if not pronoun or names_within(text[: pronoun.start()]):
        return first
    for earlier in range(number - 1, max(-1, number - _SENTENCES_BACK - 1), -1):
        if record.sentences[earlier].kind is not record.sentences[number].kind:
            break
        said = _text(record, earlier)
        if _person_of(said, record):
            return min(first, earlier)
    return first


def _points_before_itself(text: str) -> bool:
    """Whether it says “it” or “them” before it names anything."""
    match = _POINTS_INSIDE.search(text)
    return match is not None and not names_within(text[: match.start()])


def _follows(record: Record, number: int) -> bool:
    return number > 0 and record.sentences[number - 1].kind is record.sentences[number].kind is BlockKind.PARAGRAPH


def _resolved(
    record: Record, text: str, offset: int, before: Sequence[str], around: Sequence[str], named: frozenset[str]
) -> list[Token]:
    """The tokens, with what the pronouns may stand for; whom the title names stands first, if the text names no one."""
    found = list(tokens(text, named))
    person, thing, words = _stand_ins(record, text, before, named)
    titled = _leading_names(around)
    company = (*thing, *titled)
    resolved = []
    pronouns = {match.end(): match[0] for match in _STAND_IN.finditer(text) if match.start() >= offset}
    for token in found:
        match = pronouns.get(token.end) if token.kind in (TokenKind.FUNCTION, TokenKind.WORD) else None
        if match and token.word in _PERSON and person:
            resolved.append(replace(token, kind=TokenKind.STAND_IN, phrases=person))
        elif match and token.word not in _PERSON:
            phrases = company if _OF_COMPANY.match(match) else thing
            names = [t for t in resolved if t.kind is TokenKind.NAME]
            if names:  # it is the one that the sentence itself has named, if that is no person
                things = [t.stems for t in names if not is_person(text[t.start : t.end], text)]
                phrases = tuple(things[-1:]) or company if _OF_COMPANY.match(match) else ()
            phrases = () if _SEVERAL.search(match) and len(phrases) < 2 else phrases
            resolved.append(replace(token, kind=TokenKind.STAND_IN, stems=token.stems + words, phrases=phrases))
        else:
            resolved.append(token)
    if titled and not any(token.kind is TokenKind.NAME or token.phrases for token in resolved):
        resolved.insert(0, Token(TokenKind.STAND_IN, 0, 0, "", (), phrases=titled))
    return resolved


def _stand_ins(
    record: Record, text: str, before: Sequence[str], named: frozenset[str]
) -> tuple[tuple[_Stems, ...], tuple[_Stems, ...], _Stems]:
    """The person that “he” stands for; the names, and the words, that “it” may stand for.

    A person is the nearest that this sentence before its pronoun, or an earlier one names; a thing is the subject of
    the sentence before, and of one before that where it is itself a pronoun.
    """
    pronoun = _HE_OR_SHE.search(text)
    earlier_texts = (text[: pronoun.start()] if pronoun else "", *reversed(before))
    person = next((found for earlier in earlier_texts if (found := _person_of(earlier, record))), ())
    thing: tuple[_Stems, ...] = ()
    words: _Stems = ()
    for earlier in reversed(before):
        subject = _subject(earlier, named)
        if _PRONOUN.match(earlier) and not any(token.kind is TokenKind.NAME for token in subject):
            continue
        named_there = [token.stems for token in subject if token.kind is TokenKind.NAME]
        thing += tuple(stems for stems in named_there if len(named_there) > 1 or stems != person)
        if not words:
            words = tuple(s for token in subject if token.kind is TokenKind.WORD for s in token.stems)
            words += tuple(map(stem, words_of(" ".join(_INTRODUCED.findall(earlier)))))
        if subject and not _STAND_IN.match(earlier):
            break
    return (person,) if person else (), thing, words


def _subject(text: str, named: frozenset[str]) -> list[Token]:
    """The names and telling words before a sentence's verb, three at most."""
    verb = _FINITE.search(text)
    found = tokens(text[: verb.start()] if verb else text, named)
    return [token for token in found if token.kind in (TokenKind.NAME, TokenKind.WORD)][:_SUBJECT]


def _leading_names(around: Sequence[str]) -> tuple[_Stems, ...]:
    """Whom a title or a heading names before anything else."""
    found: list[_Stems] = []
    for head in around:
        if head.isupper():
            found += [(name,) for name in sorted(names_within(head))]
            continue
        telling = [t for t in tokens(head, names_within(head)) if t.kind is not TokenKind.FUNCTION]
        for token in telling:
            if token.kind is not TokenKind.NAME:
                if found or token.word != "about":
                    break
                continue
            found.append(token.stems)
    return tuple(dict.fromkeys(found))


def sentence_numbers(record: Record, span: Span) -> list[int]:
    """Numbers of the sentences that lie within a span, headings left out."""
    return [
        n for n, s in enumerate(record.sentences) if s.start < span.end and span.start < s.end and s.kind not in _HEADS
    ]
