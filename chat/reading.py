"""The leading sentences are read together with the question; what the reader finds is weighed with how they ranked."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from chat.decision import Weights
from chat.evidence import Candidates
from chat.reader import Reader

# As many as fit into one pass beside the question (see reader.MOST_TOKENS); more cost time and found nothing more.
SENTENCES = 6


@dataclass(frozen=True, eq=False)
class Reading:
    """What was read: the candidates' numbers, the reader's score of each, shape (m,), and its score of “none”."""

    numbers: tuple[int, ...]
    scores: np.ndarray
    none: float


def arranged(candidates: Candidates, order: Sequence[int]) -> tuple[list[int], list[bool]]:
    """The leading candidates in the order of the text, and whether each does not follow on the one before it."""
    spans, numbers = candidates.spans, candidates.sentences
    chosen = sorted(order[:SENTENCES], key=lambda i: (candidates.hits[i], spans[i].start))
    breaks = [True] + [
        spans[i].article != spans[before].article or numbers[i] != numbers[before] + 1
        for before, i in zip(chosen, chosen[1:], strict=False)
    ]
    return chosen, breaks


def read(
    reader: Reader, question: str, title: str, texts: Sequence[str], candidates: Candidates, scores: np.ndarray
) -> Reading:
    """Read the leading sentences; `texts` are those of all candidates, `scores` how they rank."""
    chosen, breaks = arranged(candidates, [int(i) for i in np.argsort(-scores, kind="stable")])
    found, none = reader.read(question, title, [texts[i] for i in chosen], breaks)
    return Reading(tuple(chosen[: len(found)]), found, none)


def blended(scores: np.ndarray, reading: Reading, weight: float) -> np.ndarray:
    """Ranking and reading together, shape (n,): both are log odds, so they add up; what was not read comes after."""
    numbers = list(reading.numbers)
    mixed = scores - scores.max()
    mixed[numbers] += weight * (reading.scores - reading.scores.max())
    unread = np.ones(len(scores), dtype=bool)
    unread[numbers] = False
    mixed[unread] = np.minimum(mixed[unread], mixed[numbers].min() - 0.01)
    return np.asarray(mixed)


def final_signals(logit: float, reading: Reading) -> np.ndarray:
    """What the last decision is made from: the signals' own log odds, and the reader's that any sentence answers."""
    return np.array([logit, float(np.logaddexp.reduce(reading.scores)) - reading.none])


def final_confidence(signals: np.ndarray, weights: Weights) -> float:
    """The probability that the best sentence answers."""
    logit = float((signals - weights.final_mean) / weights.final_scale @ weights.final + weights.final_bias)
    return 1 / (1 + float(np.exp(-np.clip(logit, -30, 30))))
