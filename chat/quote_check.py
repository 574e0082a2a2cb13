"""Words that someone says were written → where an article has them, and how exactly; or what stands nearest."""

import weakref
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

from rapidfuzz import fuzz

from chat.assistant import Assistant
from chat.retriever import retrieve
from chat.types import Quote, Span
from chat.verbatim import Place, Typography, exact_places
from indexer import Index, QuotewireError

LONGEST_QUOTE = 2000
_MOST_SHOWN = 20
_MOST_LOOKED_AT = 100_000
_PASSAGES_COMPARED = 8
_texts: "weakref.WeakKeyDictionary[Index, tuple[str, ...]]" = weakref.WeakKeyDictionary()


class Verdict(StrEnum):
    """What became of the words; `CUT` is no verbatim quote, since half a word may say the opposite."""

    VERBATIM = "verbatim"
    SET_OTHERWISE = "the same words, set otherwise"
    CUT = "begins or ends within a word"
    ELSEWHERE = "in another article"
    NOT_FOUND = "not in the articles"


@dataclass(frozen=True, slots=True)
class Found:
    """Words of an article, and what is set otherwise in them than in the words that were looked for."""

    quote: Quote
    differences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Checked:
    """The verdict, the places it stands on (`more` of them are not listed), or else what stands nearest."""

    verdict: Verdict
    found: tuple[Found, ...] = ()
    more: bool = False
    nearest: Quote | None = None


def check_quote(assistant: Assistant, words: str, article: str = "") -> Checked:
    """Look for words in the article at the path `article`, or in all articles.

    Raises `QuotewireError` for no words, for too many, and for an article that the index does not hold.
    """
    index = assistant.index
    if not any(map(str.isalnum, words)):
        raise QuotewireError("quote: holds no words; give the words that an article is said to have")
    if len(words) > LONGEST_QUOTE:
        raise QuotewireError(f"quote: has {len(words)} characters, at most {LONGEST_QUOTE} are looked for; give a part")
    everywhere = range(len(index.articles))
    numbers = [article_number(index, article)] if article else everywhere
    checked = _look(index, words, numbers)
    if checked is None and article:
        elsewhere = _look(index, words, everywhere)
        if elsewhere and elsewhere.verdict is not Verdict.CUT:
            return Checked(Verdict.ELSEWHERE, elsewhere.found, elsewhere.more)
    if checked is None:
        return Checked(Verdict.NOT_FOUND, nearest=_nearest(assistant, index, words, numbers if article else None))
    return checked


def article_number(index: Index, path: str) -> int:
    """The number of the article at a path; raises `QuotewireError` where the index holds none."""
    number = index.article_number(path)
    if number is None:
        raise QuotewireError(f"article: the index holds none at “{path[:200]}”; give a path as `search` shows it")
    return number


def _look(index: Index, words: str, numbers: Iterable[int]) -> Checked | None:
    """The best that can be said of the words: they stand there, or set otherwise, or cut out of longer words."""
    texts = _texts_of(index)

    def each(places: Callable[[str], Iterator[Place]], *, whole: bool) -> Iterator[Found]:
        looked_at = ((number, place) for number in numbers for place in places(texts[number]))
        for count, (number, place) in enumerate(looked_at):
            if count == _MOST_LOOKED_AT:
                raise QuotewireError("quote: stands within too many words; give more than a letter or two")
            if place.whole is whole:
                yield Found(Quote(index, Span(number, place.start, place.end)), place.differences)

    def exact(text: str) -> Iterator[Place]:
        return exact_places(text, words)

    found = _some(Verdict.VERBATIM, each(exact, whole=True))
    if found:
        return found
    otherwise = Typography(words).places
    return (
        _some(Verdict.SET_OTHERWISE, each(otherwise, whole=True))
        or _some(Verdict.CUT, each(exact, whole=False))
        or _some(Verdict.CUT, each(otherwise, whole=False))
    )


def _some(verdict: Verdict, found: Iterator[Found]) -> Checked | None:
    some = tuple(islice(found, _MOST_SHOWN + 1))
    return Checked(verdict, some[:_MOST_SHOWN], len(some) > _MOST_SHOWN) if some else None


def _nearest(assistant: Assistant, index: Index, words: str, numbers: Iterable[int] | None) -> Quote | None:
    """The sentences that are written most alike, of the passages that are found for the words."""
    articles = None if numbers is None else tuple(numbers)
    vector = assistant.embedder.embed_question(words)
    best: tuple[float, Span] | None = None
    for hit in retrieve(index, words, vector, k=_PASSAGES_COMPARED, articles=articles):
        record, span = index.record(hit.span.article), hit.span
        alike = fuzz.partial_ratio_alignment(words, record.text[span.start : span.end])
        if alike is None or (best and alike.score <= best[0]):
            continue
        start, end = span.start + alike.dest_start, span.start + alike.dest_end
        cut = [s for s in record.sentences if s.start < end and start < s.end]
        if cut:
            best = alike.score, Span(span.article, cut[0].start, cut[-1].end)
    return Quote(index, best[1]) if best else None


def _texts_of(index: Index) -> tuple[str, ...]:
    """The texts of all articles; they are kept, since every check reads them all and an index keeps some records."""
    if index not in _texts:
        _texts[index] = tuple(index.record(number).text for number in range(len(index.articles)))
    return _texts[index]
