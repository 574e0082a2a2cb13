"""How sure the figures are: paired bootstrap intervals over questions (Efron, 1979; paired as in Koehn, 2004).

Answerable and unanswerable questions are drawn apart, each as often as there are, so that every resample has both. A
resample is a weight for each question; both runs of a comparison get the same weights. The draws are seeded: the same
outcomes give the same intervals.
"""

from collections.abc import Sequence

import numpy as np

from chat.evaluation.metrics import PER_QUESTION, Outcome

Interval = tuple[float, float]

RESAMPLES = 2000
_SEED = 20231228
_LEVEL = 95.0


def intervals(outcomes: Sequence[Outcome]) -> dict[str, Interval]:
    """The 95 % percentile interval of each mean over questions, of `balanced` and of `auroc`."""
    return _percentiles(_resampled(outcomes, _weights(outcomes)))


def difference_intervals(outcomes: Sequence[Outcome], baseline: Sequence[Outcome]) -> dict[str, Interval]:
    """The 95 % interval of each figure minus the baseline's; both are of the same questions in the same order."""
    if [o.id for o in outcomes] != [o.id for o in baseline]:
        raise ValueError("a paired comparison needs the same questions in the same order")
    weights = _weights(outcomes)
    new, old = _resampled(outcomes, weights), _resampled(baseline, weights)
    return _percentiles({name: new[name] - old[name] for name in new})


def _weights(outcomes: Sequence[Outcome]) -> np.ndarray:
    """How often each question is drawn, float64 (RESAMPLES, questions)."""
    random = np.random.default_rng(_SEED)
    answerable = np.array([o.answerable for o in outcomes], dtype=bool)
    weights = np.zeros((RESAMPLES, len(outcomes)))
    for part in (np.flatnonzero(answerable), np.flatnonzero(~answerable)):
        if len(part):
            weights[:, part] = random.multinomial(len(part), np.full(len(part), 1 / len(part)), size=RESAMPLES)
    return weights


def _resampled(outcomes: Sequence[Outcome], weights: np.ndarray) -> dict[str, np.ndarray]:
    """Each figure in each resample, (RESAMPLES,); NaN where no question that counts was drawn."""
    rows = [[value(o) for value in PER_QUESTION.values()] for o in outcomes]
    values = np.array(rows, dtype=np.float64).reshape(len(rows), len(PER_QUESTION))
    known = ~np.isnan(values)
    means = _ratio(weights @ np.where(known, values, 0.0), weights @ known.astype(np.float64))
    found = dict(zip(PER_QUESTION, means.T, strict=True))
    found["balanced"] = (found["answered_right"] + found["abstained_right"]) / 2
    found["auroc"] = _auroc(outcomes, weights)
    return found


def _auroc(outcomes: Sequence[Outcome], weights: np.ndarray) -> np.ndarray:
    """AUROC of weighted questions: of the pairs' weights, those in which the answerable one scores higher."""
    answerable = np.array([o.answerable for o in outcomes], dtype=bool)
    confidence = np.array([o.confidence for o in outcomes], dtype=np.float64)
    order = np.argsort(confidence[~answerable], kind="stable")
    negative, positive = weights[:, ~answerable][:, order], weights[:, answerable]
    below = np.concatenate([np.zeros((len(weights), 1)), np.cumsum(negative, axis=1)], axis=1)
    ordered = confidence[~answerable][order]
    left = np.searchsorted(ordered, confidence[answerable], "left")
    right = np.searchsorted(ordered, confidence[answerable], "right")
    wins = (positive * (below[:, left] + below[:, right])).sum(axis=1) / 2
    return _ratio(wins, positive.sum(axis=1) * below[:, -1])


def _ratio(top: np.ndarray, bottom: np.ndarray) -> np.ndarray:
    ratio = np.full(top.shape, np.nan)
    np.divide(top, bottom, out=ratio, where=bottom > 0)
    return ratio


def _percentiles(resampled: dict[str, np.ndarray]) -> dict[str, Interval]:
    found: dict[str, Interval] = {}
    tail = (100 - _LEVEL) / 2
    for name, values in resampled.items():
        real = values[~np.isnan(values)]
        if len(real):
            low, high = np.percentile(real, [tail, 100 - tail])
            found[name] = (round(float(low), 4), round(float(high), 4))
    return found
