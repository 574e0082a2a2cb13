"""Ranked evidence → the quotes of an answer: how many, how wide, and which articles side by side."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from chat.context import list_span, widened
from chat.evidence import Candidates
from chat.facts import Facts, facts
from chat.question import asks_what_was_said
from chat.types import Hit, Question, Quote, Span
from indexer import BlockKind, Index

MOST_QUOTES = 3
_MOST_FOR_LIST = 5
# A further quote is shown if its score is within this of the best one's (a chance of about a quarter of it).
_WITHIN = 1.4
_WITHIN_FOR_LIST = 2.0
# What another article says of the same matter with other figures is shown though it scores less.
_WITHIN_FOR_RIVAL = 5.5
_SAME_MATTER = 0.8
_CONTEXT_MASS, _MOST_CONTEXT = 0.97, 32
_FOUND_WEIGHT = 5.0


def order_of(scores: np.ndarray) -> np.ndarray:
    """Numbers of the candidates with these scores, best first; equal scores keep the order of retrieval."""
    return np.argsort(-scores, kind="stable")


def choose(
    index: Index, question: Question, candidates: Candidates, scores: np.ndarray, most: int = MOST_QUOTES
) -> tuple[tuple[Quote, ...], bool]:
    """The quotes of an answer, best first, and whether they are of articles that differ (newest first then).

    Each further quote must score nearly as well as the best and add something: no overlap, not the same words (a
    syndicated copy), not a heading.
    """
    order = order_of(scores)
    best = int(order[0])
    rivals = differing(index, candidates, scores, best)
    if rivals:
        spans = [_span(index, question, candidates, i) for i in (best, *rivals[: max(most, 2) - 1])]
        newest_first = sorted(dict.fromkeys(spans), key=lambda span: index.articles[span.article].date, reverse=True)
        return tuple(Quote(index, span) for span in newest_first), True
    within = _WITHIN_FOR_LIST if question.asks_for_list else _WITHIN
    limit = _MOST_FOR_LIST if question.asks_for_list else most
    chosen: list[Span] = []
    for i in order[: 4 * limit]:
        if chosen and scores[best] - scores[i] > within:
            break
        if chosen and _kind(index, candidates, int(i)) in (BlockKind.HEADING, BlockKind.TITLE):
            continue
        span = _span(index, question, candidates, int(i))
        if all(not _repeats(index, span, other) for other in chosen):
            chosen.append(span)
        if len(chosen) == limit:
            break
    return tuple(Quote(index, span) for span in chosen), False


def context_spans(candidates: Candidates, ranks: np.ndarray, scores: np.ndarray) -> tuple[Span, ...]:
    """The sentences that the answer was chosen from, best first.

    They are as many as hold, by their ranking, `_CONTEXT_MASS` of the chance that one of them answers: few where one
    stands out, more where many are alike.
    """
    order = order_of(ranks)
    chances = np.exp(ranks[order] - np.logaddexp.reduce(ranks))
    needed = min(_MOST_CONTEXT, int((np.cumsum(chances) < _CONTEXT_MASS).sum()) + 1)
    return tuple(candidates.spans[i] for i in sorted(order[:needed], key=lambda i: -scores[i]))


def reordered(hits: Sequence[Hit], candidates: Candidates, scores: np.ndarray) -> tuple[Hit, ...]:
    """The hits in the order of what stands in them: the log odds of their sentences, and how they were found."""
    own = [scores[candidates.hits == number] for number in range(len(hits))]
    scored = [
        replace(hit, score=_FOUND_WEIGHT * hit.score + float(np.logaddexp.reduce(s)) if len(s) else float(scores.min()))
        for hit, s in zip(hits, own, strict=True)
    ]
    return tuple(sorted(scored, key=lambda hit: -hit.score))


def differing(index: Index, candidates: Candidates, scores: np.ndarray, best: int) -> list[int]:
    """Sentences of other, dated articles that say the same thing as the best one with other figures."""
    article = candidates.spans[best].article
    if not index.articles[article].date:
        return []
    own = _facts(index, candidates, best)
    vector = _vector(index, candidates, best)
    found: list[int] = []
    for i in order_of(scores)[:12]:
        other = candidates.spans[i].article
        if other == article or not index.articles[other].date or scores[best] - scores[i] > _WITHIN_FOR_RIVAL:
            continue
        theirs = _facts(index, candidates, int(i))
        if float(vector @ _vector(index, candidates, int(i))) < _SAME_MATTER or not (own.numbers and theirs.numbers):
            continue
        if theirs.numbers != own.numbers and all(candidates.spans[f].article != other for f in found):
            found.append(int(i))
    return found


def _span(index: Index, question: Question, candidates: Candidates, i: int) -> Span:
    article = candidates.spans[i].article
    record = index.record(article)
    whole = list_span(record, article, candidates.sentences[i]) if question.asks_for_list else None
    return whole or widened(record, article, candidates.sentences[i], spoken=asks_what_was_said(question.understood))


def _repeats(index: Index, span: Span, other: Span) -> bool:
    """Whether two spans overlap, or hold nearly the same words."""
    if span.article == other.article:
        return span.start < other.end and other.start < span.end
    one, two = (set(facts(index.record(s.article).text[s.start : s.end]).stems) for s in (span, other))
    return len(one & two) > 0.8 * min(len(one), len(two))


def _kind(index: Index, candidates: Candidates, i: int) -> BlockKind:
    return index.record(candidates.spans[i].article).sentences[candidates.sentences[i]].kind


def _facts(index: Index, candidates: Candidates, i: int) -> Facts:
    span = candidates.spans[i]
    return facts(index.record(span.article).text[span.start : span.end])


def _vector(index: Index, candidates: Candidates, i: int) -> np.ndarray:
    vectors = index.record(candidates.spans[i].article).sentence_vectors
    return np.asarray(vectors[candidates.sentences[i]], dtype=np.float32)
