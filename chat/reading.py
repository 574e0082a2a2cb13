"""The leading sentences are read together with the question, the best of them once more, each alone.

What the reader finds is weighed with how they ranked.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from chat.context import first_of, introduction
from chat.decision import Weights, chance_of, decision_logit, decision_signals, rank_scores
from chat.evidence import SIGNALS, Candidates, share
from chat.facts import name_stems
from chat.packing import ALONE_ROOM, SENTENCES, Packed, packed
from chat.reader import Packer, Piece, Reader
from indexer import Index, terms, words

# At most so many are read once more, and none that lies so far behind the first (log odds): of 1,917 questions 6 would
# then have had another first sentence, for half the time (with the reader of two rounds before).
ALONE, _BEHIND = 3, 2.0
_OF_BEST = ("covered_said", "missing_said", "type_held", "cosine")
_ONLY = 5.0  # how far ahead an only sentence is


@dataclass(frozen=True, eq=False)
class Reading:
    """What was read: the candidates' numbers, the reader's score of each, shape (m,), and its score of “none”."""

    numbers: tuple[int, ...]
    scores: np.ndarray
    none: float


@dataclass(frozen=True, eq=False)
class Alone:
    """What was read by itself: the candidates' numbers, and the log odds that each answers, shape (m,)."""

    numbers: tuple[int, ...]
    odds: np.ndarray


def arranged(candidates: Candidates, scores: np.ndarray, most: int) -> list[tuple[int, bool]]:
    """The `most` leading candidates in the order of the text, and whether each follows on the one before it."""
    spans, numbers = candidates.spans, candidates.sentences
    order = [int(i) for i in np.argsort(-scores, kind="stable")[:most]]
    chosen = sorted(order, key=lambda i: (candidates.hits[i], spans[i].start))
    follows = [False] + [
        spans[i].article == spans[before].article and numbers[i] == numbers[before] + 1
        for before, i in zip(chosen, chosen[1:], strict=False)
    ]
    return list(zip(chosen, follows, strict=True))


def leading(
    packer: Packer, question: str, piece: Callable[[int], Piece], candidates: Candidates, scores: np.ndarray
) -> tuple[tuple[int, ...], Packed]:
    """The numbers of the candidates that are read, and these packed: where not all fit, the last in rank stay out."""
    asked, tokens = packer.tokens(question), lru_cache(lambda i: packer.piece(piece(i)))
    for most in range(min(SENTENCES, max(1, len(candidates.spans))), 0, -1):
        chosen = arranged(candidates, scores, most)
        found = packed(asked, [replace(tokens(i), follows=follows) for i, follows in chosen])
        if len(found.sentences) == len(chosen):
            break
    return tuple(i for i, _ in chosen), found


def piece_of(index: Index, candidates: Candidates, i: int) -> Piece:
    """Candidate i as it is read."""
    span, number = candidates.spans[i], candidates.sentences[i]
    record = index.record(span.article)
    text, first = record.text[span.start : span.end], first_of(record, number)
    before = [n for n in (introduction(record, number), first if first < number else None) if n is not None]
    said = " ".join(record.text[record.sentences[n].start : record.sentences[n].end] for n in before)
    return Piece(text, index.articles[span.article].title, said)


def read(
    reader: Reader, question: str, piece: Callable[[int], Piece], candidates: Candidates, scores: np.ndarray
) -> Reading:
    """Read the leading sentences; `piece(i)` is candidate i, `scores` how they rank."""
    numbers, packed = leading(reader.packer, question, piece, candidates, scores)
    return Reading(numbers, *reader.read(packed))


def read_alone(
    reader: Reader, question: str, piece: Callable[[int], Piece], reading: Reading, scores: np.ndarray
) -> Alone:
    """Of what was read, read what leads by `scores` once more, each by itself: there no other lends it its words."""
    leads = sorted(reading.numbers, key=lambda i: (-scores[i], i))[:ALONE]
    numbers = tuple(i for i in leads if scores[i] >= scores[leads[0]] - _BEHIND)
    each = [reader.read(alone(reader.packer, question, piece(i))) for i in numbers]
    return Alone(numbers, np.array([float(scored[0]) - none for scored, none in each]))


def alone(packer: Packer, question: str, piece: Piece) -> Packed:
    """The question with one sentence; more of it, and of what was said before, is read than among others."""
    return packer.pack(question, [piece], ALONE_ROOM)


def blended(scores: np.ndarray, reading: Reading, weight: float) -> np.ndarray:
    """Ranking and reading together, shape (n,): both are log odds, so they add up.

    What was not read comes after, in the order and at the distances that it had.
    """
    numbers = list(reading.numbers)
    mixed = scores - scores.max()
    mixed[numbers] += weight * (reading.scores - reading.scores.max())
    unread = np.ones(len(scores), dtype=bool)
    unread[numbers] = False
    if unread.any():
        mixed[unread] -= max(0.0, mixed[unread].max() - mixed[numbers].min() + 0.01)
    return np.asarray(mixed)


def weighed(scores: np.ndarray, found: Alone, weight: float) -> np.ndarray:
    """Scores with what was read alone, shape (n,); it comes before all that was not, where it did before."""
    odds = np.full(len(scores), found.odds.min())
    odds[list(found.numbers)] = found.odds
    return np.asarray(scores + weight * (odds - found.odds.max()))


def final_signals(
    question: str, piece: Callable[[int], Piece], candidates: Candidates, reading: Reading, found: Alone, best: int
) -> np.ndarray:
    """What the last decision is made from, shape (10,), of the candidate `best` that comes first.

    The reader's log odds that any sentence answers, and that the best one does; how far the reader's first is ahead of
    its next; four signals of the best; how much of the question's names and numbers stand in it, its title, or what
    was said before; and the log odds when it was read alone.
    The ranking's own odds are left out: what they are worth differs from corpus to corpus.
    """
    scores = np.sort(reading.scores)[::-1]
    odds = float(np.logaddexp.reduce(scores)) - reading.none
    own = float(reading.scores[reading.numbers.index(best)]) - reading.none
    by_itself = float(found.odds[found.numbers.index(best)])
    ahead = float(scores[0] - scores[1]) if len(scores) > 1 else _ONLY
    signals = candidates.signals[best]
    of_best = (signals[SIGNALS.index(name)] for name in _OF_BEST)
    return np.array([odds, own, ahead, *of_best, *_held(question, piece(best)), by_itself])


def _held(question: str, piece: Piece) -> tuple[float, float]:
    """The shares of the question's names, and of its numbers, that a piece holds; 1 where there are none."""
    told = f"{piece.text} {piece.before} {piece.title}"
    opening = terms(question.split()[0]) if question.split() else []
    names = set(name_stems(question)) & set(terms(question)) - set(opening[:1])
    numbers = {word for word in words(question) if word[0].isdigit()}
    return share(names, set(terms(told))), share(numbers, set(words(told)))


def final_confidence(signals: np.ndarray, weights: Weights) -> float:
    """The probability that the best sentence answers."""
    return chance_of(float((signals - weights.final_mean) / weights.final_scale @ weights.final + weights.final_bias))


@dataclass(frozen=True, eq=False)
class Judgement:
    """How the candidates rank by the signals and in the end, shape (n,) each, and the chance that the best answers."""

    ranks: np.ndarray
    scores: np.ndarray
    chance: float


def judge(
    reader: Reader | None, question: str, piece: Callable[[int], Piece], candidates: Candidates, weights: Weights
) -> Judgement:
    """Rank the candidates by their signals, read the leading ones, decide; without a reader, by the signals only."""
    ranks = rank_scores(candidates.signals, weights)
    if reader is None:
        return Judgement(ranks, ranks, chance_of(decision_logit(decision_signals(candidates, ranks), weights)))
    reading = read(reader, question, piece, candidates, ranks)
    first = blended(ranks, reading, weights.blend)
    found = read_alone(reader, question, piece, reading, first)
    scores = weighed(first, found, weights.again)
    signals = final_signals(question, piece, candidates, reading, found, int(np.argmax(scores)))
    return Judgement(ranks, scores, final_confidence(signals, weights))
