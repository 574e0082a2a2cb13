"""Weigh the reader against the signals and set the thresholds: `python -m chat.training.calibrate`.

Fitted on the tenth of what is fitted that the reader was not trained on; reported on what nothing was fitted on.
"""

import argparse
import json
import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from chat.decision import Weights, chance_of, decision_logit, decision_signals, parse_weights, rank_scores
from chat.reader import Reader, digest_of
from chat.reading import Alone, Reading, blended, final_confidence, final_signals, read, read_alone, weighed
from chat.training.evidence import (
    ASKED,
    KIND_WEIGHT,
    MADE,
    SET_WEIGHT,
    SETS,
    WRITTEN,
    Example,
    load_examples,
    plain,
    spread,
    to_json,
)
from chat.types import Risk

WEIGHTS = Path(__file__).parents[1] / "weights"
BLENDS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0)
AGAIN = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0)
AS_GOOD = 0.01
MOST = 1200
STRENGTH = 0.3
SURE = 0.9
# What may be answered after all: an unanswerable question of squad2, by another paragraph than the one it was written
# for; a question whose answer was taken away, by another sentence. Such examples count for less.
DOUBTFUL_WEIGHT = 0.4
# Whether a written question is answered shows in its wording (see `written`), of which the decision is to learn little.
WRITTEN_WEIGHT = 0.5


@dataclass(frozen=True, eq=False)
class ReadExample:
    """An example with how its sentences rank, the signals' log odds, and what was read, together and alone.

    Before `read_alone_too`, `alone` holds one candidate's 0.
    """

    example: Example
    ranks: np.ndarray
    logit: float
    reading: Reading
    alone: Alone

    def scores(self, blend: float, again: float) -> np.ndarray:
        """How its sentences rank in the end, shape (n,)."""
        return weighed(blended(self.ranks, self.reading, blend), self.alone, again)

    def signals(self, best: int) -> np.ndarray:
        """The final signals where candidate `best` comes first."""
        e = self.example
        return final_signals(e.question, e.pieces.__getitem__, e.candidates, self.reading, self.alone, best)


def main() -> None:
    """Calibrate, write the weights, report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--indexes", type=Path, default=Path(".indexes"))
    options = parser.parse_args()
    calibrate(load_examples(options.data, options.indexes, WEIGHTS / "background.json"))


def calibrate(examples: Sequence[Example]) -> None:
    """Fit both weights of the reader, final decision, thresholds; write `weights/evidence.json`, print the report."""
    raw = json.loads((WEIGHTS / "evidence.json").read_text(encoding="utf-8"))
    weights, reader = parse_weights(raw), Reader()
    used = sampled([e for e in examples if len(e.candidates.spans) > 2 and (not e.fits or e.calibrates)])
    with ThreadPoolExecutor() as readers:
        everything = list(readers.map(lambda e: read_example(reader, e, weights), used))
        blend = fit_blend([r for r in everything if r.example.fits])
        everything = list(readers.map(lambda r: read_alone_too(reader, r, blend), everything))
    fitted = [r for r in everything if r.example.fits]
    again = fit_again(fitted, blend)
    raw |= {"blend": blend, "again": again, "reader": digest_of()}
    raw |= fit_final(fitted, blend, again)
    (WEIGHTS / "evidence.json").write_text(to_json(raw), encoding="utf-8")
    report([r for r in everything if not r.example.fits], parse_weights(raw))


def sampled(examples: Sequence[Example]) -> list[Example]:
    """At most `MOST` to fit on and as many to report on of each set: to read them all would take hours."""
    rng, found = random.Random(0), list[Example]()
    for fits in (True, False):
        for name in SET_WEIGHT:
            own = [e for e in examples if e.set == name and e.fits is fits]
            found += rng.sample(own, min(MOST, len(own)))
    return found


def read_example(reader: Reader, example: Example, weights: Weights) -> ReadExample:
    """Rank an example's sentences and read the leading ones together."""
    ranks = rank_scores(example.candidates.signals, weights)
    logit = decision_logit(decision_signals(example.candidates, ranks), weights)
    reading = read(reader, example.question, example.pieces.__getitem__, example.candidates, ranks)
    return ReadExample(example, ranks, logit, reading, Alone(reading.numbers[:1], np.zeros(1)))


def read_alone_too(reader: Reader, r: ReadExample, blend: float) -> ReadExample:
    """Read the sentences that then lead once more."""
    scores = blended(r.ranks, r.reading, blend)
    found = read_alone(reader, r.example.question, r.example.pieces.__getitem__, r.reading, scores)
    return replace(r, alone=found)


def fit_blend(fitted: Sequence[ReadExample]) -> float:
    """The weight of the reader's scores: the least under which the right sentence comes first as often as under any.

    Give or take a standard error: what the reader is worth elsewhere is less sure.
    """
    shares = _right_first(fitted, [(blend, 0.0) for blend in BLENDS])
    return next(blend for blend, share in zip(BLENDS, shares, strict=True) if share > max(shares) - AS_GOOD)


def fit_again(fitted: Sequence[ReadExample], blend: float) -> float:
    """The weight of what is read alone: the middle one of those under which it does about as often as under any."""
    shares = _right_first(fitted, [(blend, again) for again in AGAIN])
    good = [again for again, share in zip(AGAIN, shares, strict=True) if share > max(shares) - AS_GOOD]
    return good[len(good) // 2]


def _right_first(fitted: Sequence[ReadExample], pairs: Sequence[tuple[float, float]]) -> list[float]:
    """How often the right sentence comes first under each pair of weights (blend, again), by `SET_WEIGHT`."""
    asked = [r for r in fitted if r.example.answerable]
    counts = [SET_WEIGHT[r.example.set] for r in asked]
    return [
        float(np.average([r.example.right[np.argmax(r.scores(*pair))] for r in asked], weights=counts))
        for pair in pairs
    ]


def fit_final(fitted: Sequence[ReadExample], blend: float, again: float) -> dict[str, Any]:
    """The last logistic model, and the thresholds with it and without a reader.

    It tells the chance that the sentence which comes first answers: a wrong one is no answer, though another is right.
    """
    rows, answers, counts, sets, unread, answerable = [], [], [], [], [], []
    for r in fitted:
        best = int(np.argmax(r.scores(blend, again)))
        rows.append(r.signals(best))
        answers.append(bool(r.example.right[best]))
        sets.append(r.example.set)
        unread.append(chance_of(r.logit))
        answerable.append(r.example.answerable)
        doubtful = r.example.kind == "removed" or (r.example.set, r.example.kind) == ("squad2", "unanswerable")
        weight = SET_WEIGHT[r.example.set] * (WRITTEN_WEIGHT if r.example.is_written else 1)
        counts.append(weight * KIND_WEIGHT[r.example.kind] * (DOUBTFUL_WEIGHT if doubtful else 1))
    table, truth, count, of_set = np.array(rows), np.array(answers), np.array(counts), np.array(sets)
    unwritten = ~np.isin(of_set, (WRITTEN, ASKED))  # the decision without a reader is fitted without it, too
    mean, scale = table.mean(axis=0), spread(table)
    model = LogisticRegression(C=STRENGTH, max_iter=5000).fit((table - mean) / scale, truth, count)
    chances = model.predict_proba((table - mean) / scale)[:, 1]
    return {
        "final_mean": plain(mean),
        "final_scale": plain(scale),
        "final": plain(model.coef_[0]),
        "final_bias": round(float(model.intercept_[0]), 5),
        "thresholds": thresholds(chances, np.array(answerable), of_set),
        "unread_thresholds": thresholds(
            np.array(unread)[unwritten], np.array(answerable)[unwritten], of_set[unwritten]
        ),
    }


def thresholds(chances: np.ndarray, truth: np.ndarray, of_set: np.ndarray) -> dict[str, float]:
    """The thresholds of the three risks, each the mean of what the sets alone would set.

    `truth` is whether a question is answerable. Careful: nine of ten unanswerable questions are not answered. Balanced:
    as large a share of the answerable is answered as of the others is not. Bold: nine of ten answerable questions are.
    """
    own = [(chances[of_set == name], truth[of_set == name]) for name in sorted(set(of_set))]
    found = {
        Risk.CAREFUL: [float(np.quantile(c[~t], SURE)) for c, t in own],
        Risk.BALANCED: [_equal_errors(c, t) for c, t in own],
        Risk.BOLD: [float(np.quantile(c[t], 1 - SURE)) for c, t in own],
    }
    return {risk.value: round(float(np.mean(values)), 3) for risk, values in found.items()}


def _equal_errors(chances: np.ndarray, truth: np.ndarray) -> float:
    """The threshold at which as large a share of the answerable is answered as of the others is abstained on."""
    steps = np.linspace(0.05, 0.95, 181)
    apart = [abs(np.mean(chances[truth] >= t) - np.mean(chances[~truth] < t)) for t in steps]
    return float(steps[int(np.argmin(apart))])


def report(examples: Sequence[ReadExample], weights: Weights) -> None:
    """Print, for each set, what the weights do on questions that nothing was fitted on."""
    print(f"blend {weights.blend}, thresholds {weights.thresholds}, without a reader {weights.unread_thresholds}")
    threshold = weights.threshold(Risk.BALANCED, read=True)
    for name, small in ((name, small) for name in (*SETS, MADE, WRITTEN, ASKED) for small in (False, True)):
        own = [r for r in examples if r.example.set == name and r.example.small is small]
        asked = [r for r in own if r.example.answerable]
        shares = []
        for pair in ((0.0, 0.0), (weights.blend, weights.again)):
            orders = [np.argsort(-r.scores(*pair), kind="stable") for r in asked]
            for k in (1, 3):
                shares.append(np.mean([r.example.right[o[:k]].any() for r, o in zip(asked, orders, strict=True)]))
        source = "a few passages" if small else "the whole corpus"
        print(
            f"{name}, asked of {source} ({len(asked)}): right sentence first {shares[0]:.3f} by the signals, "
            f"{shares[2]:.3f} with the reader; in three {shares[1]:.3f}, {shares[3]:.3f}"
        )
        chance = {kind: _confidences([r for r in own if r.example.kind == kind], weights) for kind in KIND_WEIGHT}
        print(f"  answerable: answered {np.mean(chance['answerable'] >= threshold):.3f}")
        for kind in (kind for kind in list(KIND_WEIGHT)[1:] if len(chance[kind])):
            both = np.concatenate([chance["answerable"], chance[kind]])
            auroc = roc_auc_score([1] * len(chance["answerable"]) + [0] * len(chance[kind]), both)
            abstained = np.mean(chance[kind] < threshold)
            print(f"  {kind}: AUROC {auroc:.3f}, abstained {abstained:.3f} of {len(chance[kind])}")


def _confidences(examples: Sequence[ReadExample], weights: Weights) -> np.ndarray:
    best = [int(np.argmax(r.scores(weights.blend, weights.again))) for r in examples]
    return np.array([final_confidence(r.signals(b), weights) for r, b in zip(examples, best, strict=True)])


if __name__ == "__main__":
    main()
