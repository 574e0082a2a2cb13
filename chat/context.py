"""How far a quote must reach for a reader to know who speaks and of what: “He believes …” means nothing alone."""

import re

from chat.facts import facts
from chat.types import Span
from indexer import BlockKind, Record

_PRONOUN = re.compile(r"\b(?:he|she|his|her|him)\b", re.IGNORECASE)
_PERSON = re.compile(
    r"\b[A-Z][\w’'-]+\s+[A-Z][\w’'-]+|\b(?:Mr|Mrs|Ms|Dr|Professor)\b|\b[A-Z][\w’'-]+\s+(?:said|says|added|announced|believes|told)\b"
)
_NAME = re.compile(r"(?<![.!?]\s)(?<!^)\b[A-Z][\w’'-]+")
# “It is expected that …” points at nothing before it.
_EXPLETIVE = re.compile(
    r"\W*(?:it|there)\s+(?:is|was|has|will|would|may|seems?|appears?|remains?)\s+(?:\w+\s+){1,2}(?:that|to|whether)\b",
    re.I,
)
_SAYING = (
    r"(?:said|says?|added|adds|believes?d?|thinks?|expects?|expected|stressed|stresses|explained|explains|warned|warns|told"
    r"|tells|hopes?d?|emphasi[sz]e[sd]|argue[sd]|insist(?:s|ed)|promise[sd]|predict(?:s|ed)|pointed out|points out)"
)
_SAYS = re.compile(rf"\b(?:{_SAYING}|according to)\b", re.I)
# “She added that …”: whoever spoke goes on.
_SPEAKS_ON = re.compile(rf"\W*(?:he|she|they)\s+(?:also\s+|further\s+|then\s+)?{_SAYING}\b", re.I)
# “… ,” he asked.: direct speech of whoever the sentence before tells of.
_SPOKEN_ON = re.compile(
    r"\s*[“„«\"][^“”„«»\"]*[”»“\"]\s*(?:he|she|they)\s+(?:\w+ly\s+)?"
    rf"(?:{_SAYING}|asked|asks|replied|answered|joked|wrote|recalled|continued|concluded)\b"
)
# “VELDSTAD: And the crew?”, “**Helena Croyle:** …”, “[09:14] Kwame D.: …”: somebody's turn in a conversation.
_TURN = re.compile(
    r"\W*(?:\d?\d[:.]\d\d\W+)?[^\W\d_][\w.'’-]*(?:\s+[^\W\d_(][\w.'’)-]*){0,4}(?:\s*\([^()\n]{1,40}\))?[*_]*:(?:[*_]|\s)"
)
_ASKS = re.compile(r"\?[\s\"”’*_)]*$")
_OPENING, _CLOSING = "“«„", "”»"
_SENTENCES_BACK, _SENTENCES_ON = 3, 2
_LONGEST_QUOTE = 900


def needs_context(text: str) -> bool:
    """Whether a sentence points at someone or something that an earlier one names."""
    if facts(text).opens_with_pronoun:
        return not _EXPLETIVE.match(text)
    pronoun = _PRONOUN.search(text)
    return bool(pronoun) and not _NAME.search(text, 0, pronoun.start() if pronoun else 0) and not _leads(text)


def _leads(text: str) -> bool:
    """“In his speech, Yu Qinghai said …” names the speaker right after the pronoun."""
    pronoun = _PRONOUN.search(text)
    return bool(pronoun and pronoun.start() <= 8 and _NAME.search(text, pronoun.end(), pronoun.end() + 60))


def _first_of_block(record: Record, number: int) -> int:
    """The first sentence of the block of sentence `number`."""
    while number > 0 and record.sentences[number - 1].block == record.sentences[number].block:
        number -= 1
    return number


def _turn_of(record: Record, number: int) -> int | None:
    """The sentence that opens the turn of a conversation of which `number` is one; None where it is of none.

    A turn stands beside another: a single paragraph that opens with a word and a colon is none.
    """
    first = _first_of_block(record, number)
    after = number
    while after < len(record.sentences) and record.sentences[after].block == record.sentences[number].block:
        after += 1
    beside = [_first_of_block(record, n) for n in (first - 1, after) if 0 <= n < len(record.sentences)]
    opens = [bool(_TURN.match(record.text, record.sentences[n].start)) for n in (first, *beside)]
    return first if opens[0] and any(opens[1:]) else None


def introduction(record: Record, number: int) -> int | None:
    """The sentence that tells what sentence `number` is about where that itself does not; None where none does.

    A question before the paragraph or turn that answers it, the line before a list, the first row of a table.
    """
    sentence = record.sentences[number]
    first = _first_of_block(record, number)
    if sentence.kind is BlockKind.ROW or sentence.kind is BlockKind.ITEM:
        while first > 0 and record.sentences[first - 1].kind is sentence.kind:
            first -= 1
        if sentence.kind is BlockKind.ROW:
            return first if first < number else None
    if first == 0:
        return None
    before = record.sentences[first - 1]
    text = record.text[before.start : before.end]
    introduces = text.rstrip().endswith(":") if sentence.kind is BlockKind.ITEM else _ASKS.search(text)
    return first - 1 if introduces and before.kind is not BlockKind.TITLE else None


def first_of(record: Record, number: int) -> int:
    """The sentence at which a quote of sentence `number` must begin: the nearest one that needs none before it.

    For “he” or “she” it must name a person. In a conversation it is the one that names who speaks. At most three
    sentences back, never over a heading; the sentence itself where no earlier one helps.
    """
    turn = _turn_of(record, number)
    if turn is not None and turn < number <= turn + _SENTENCES_BACK:
        return turn
    wanted = record.sentences[number]
    text = record.text[wanted.start : wanted.end]
    wants_person = needs_context(text) and _PRONOUN.search(text) is not None
    plain = None  # the nearest sentence that needs none before it, though it names no person
    for first in range(number, max(-1, number - _SENTENCES_BACK - 1), -1):
        sentence = record.sentences[first]
        text = record.text[sentence.start : sentence.end]
        if not needs_context(text) and not _inside_speech(record, first):
            if not wants_person or _PERSON.search(text):
                return first
            plain = first if plain is None else plain
        before = record.sentences[first - 1] if first else None
        if before is None or before.kind in (BlockKind.HEADING, BlockKind.TITLE) or before.kind is not sentence.kind:
            break
    return first if plain is None else plain


def last_of(record: Record, number: int) -> int:
    """The sentence at which it must end: where speech that it leaves open is closed, if that is near."""
    sentence = record.sentences[number]
    for last in range(number, min(number + _SENTENCES_ON, len(record.sentences) - 1) + 1):
        if record.sentences[last].block != sentence.block:
            break
        if _open_speech(record.text[sentence.start : record.sentences[last].end]) <= 0:
            return last
    return number


def _inside_speech(record: Record, number: int) -> bool:
    """Whether a sentence stands within speech that an earlier sentence of its block opened."""
    first = number
    while first > 0 and record.sentences[first - 1].block == record.sentences[number].block:
        first -= 1
    return _open_speech(record.text[record.sentences[first].start : record.sentences[number].start]) > 0


def _open_speech(text: str) -> int:
    """How many quotation marks are opened and not closed; straight ones are taken in turns."""
    curly = sum(text.count(mark) for mark in _OPENING) - sum(text.count(mark) for mark in _CLOSING)
    return curly + text.count('"') % 2


def _goes_on(record: Record, number: int) -> int:
    """The last of the sentences, two at most, with which whoever sentence `number` tells of goes on speaking."""
    said = record.sentences[number]
    last = number
    says = _SAYS.search(record.text[said.start : said.end])
    somebody = _PERSON.search(record.text[said.start : said.end])
    for following in range(number + 1, min(number + _SENTENCES_ON, len(record.sentences) - 1) + 1):
        sentence = record.sentences[following]
        text = record.text[sentence.start : sentence.end]
        if sentence.block != said.block or not (
            (somebody and _SPOKEN_ON.match(text)) or (says and _SPEAKS_ON.match(text))
        ):
            break
        last = last_of(record, following)
    return last


def widened(record: Record, article: int, number: int, *, spoken: bool = False) -> Span:
    """The span to quote for sentence `number`, widened as far as `first_of` and `last_of` ask, within reason.

    Where it is asked what somebody said (`spoken`), it reaches as far as that goes on, if that is not too long.
    """
    first, last = first_of(record, number), last_of(record, number)
    start, end = record.sentences[first].start, record.sentences[last].end
    further = record.sentences[max(last, _goes_on(record, number))].end if spoken else end
    if further - start <= _LONGEST_QUOTE:
        end = further
    if end - start > _LONGEST_QUOTE:
        start, end = record.sentences[number].start, record.sentences[number].end
    return Span(article, start, end)


def context_names(record: Record, number: int) -> frozenset[str]:
    """Stems of the names that sentence `number` points back at, or is introduced with; empty where there are none."""
    names: set[str] = set()
    introduced = introduction(record, number)
    for i in [*([] if introduced is None else [introduced]), *range(first_of(record, number), number)]:
        sentence = record.sentences[i]
        names |= facts(record.text[sentence.start : sentence.end]).names
    return frozenset(names)


def list_span(record: Record, article: int, number: int) -> Span | None:
    """The whole list around sentence `number`, with the line that introduces it; None if it stands in no list."""
    sentences = record.sentences
    first = last = number
    if sentences[number].kind is not BlockKind.ITEM:
        introduces = record.text[sentences[number].start : sentences[number].end].rstrip().endswith(":")
        if not introduces or number + 1 >= len(sentences) or sentences[number + 1].kind is not BlockKind.ITEM:
            return None
        last = number + 1
    while first > 0 and sentences[first - 1].kind is BlockKind.ITEM and sentences[first].kind is BlockKind.ITEM:
        first -= 1
    while last + 1 < len(sentences) and sentences[last + 1].kind is BlockKind.ITEM:
        last += 1
    before = sentences[first - 1] if first > 0 and sentences[first].kind is BlockKind.ITEM else None
    if before and before.kind is BlockKind.PARAGRAPH and record.text[before.start : before.end].rstrip().endswith(":"):
        first -= 1
    span = Span(article, sentences[first].start, sentences[last].end)
    return span if span.end - span.start <= 2 * _LONGEST_QUOTE else None
