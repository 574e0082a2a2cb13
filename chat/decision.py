"""How do the sentences rank, and does the best one answer, by the signals alone? The reader has the last word.

Both are in `weights/evidence.json`, with what they were fitted on; `python -m chat.training.evidence` makes that file.
"""

import json
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np

from chat.evidence import SIGNALS, Candidates
from chat.types import Risk

# Signals of the best sentence that the decision sees beside how it ranks.
_OF_BEST = tuple(name for name in SIGNALS if not name.startswith("type_") and name not in ("log_rank", "position"))
_MOST = ("cosine", "passage_cosine", "covered", "covered_passage", "pairs", "type_held", "names_said", "covered_said")
_LEAST = ("missing_passage", "missing", "missing_said")
# How many sentences the decision looks at: as many as an index of one short article has, so that size plays no part.
_LEADING = 10


@dataclass(frozen=True, eq=False)
class Weights:
    """The network that ranks (one hidden layer, GELU), the logistic model over its ranking, and the final one.

    `blend` weighs the reader's scores against the ranking, `again` what it reads alone; `final` decides over all (see
    `reading`). An answer is shown from `thresholds` of its chance on, by the risk that is taken; `unread_thresholds`
    are those without a reader. `reader` is the digest of the reader's weights and graph that all this was fitted with.
    """

    mean: np.ndarray
    scale: np.ndarray
    hidden: np.ndarray
    hidden_bias: np.ndarray
    output: np.ndarray
    decision_mean: np.ndarray
    decision_scale: np.ndarray
    decision: np.ndarray
    decision_bias: float
    blend: float
    again: float
    final_mean: np.ndarray
    final_scale: np.ndarray
    final: np.ndarray
    final_bias: float
    thresholds: dict[str, float]
    unread_thresholds: dict[str, float]
    reader: str

    def threshold(self, risk: Risk, *, read: bool) -> float:
        """The chance from which on an answer is shown; `read`: the reader took part in it."""
        return (self.thresholds if read else self.unread_thresholds)[risk]


@lru_cache(maxsize=1)
def load_weights() -> Weights:
    """The weights that come with the package."""
    return parse_weights(json.loads((files("chat") / "weights" / "evidence.json").read_text(encoding="utf-8")))


def parse_weights(raw: dict[str, Any]) -> Weights:
    """Weights from the JSON object of `weights/evidence.json`.

    Raises `KeyError` where one is missing, `ValueError` where they were fitted on other signals.
    """
    if raw["signals"] != list(SIGNALS):
        raise ValueError("weights/evidence.json was fitted on other signals: run python -m chat.training.evidence")
    numbers: dict[str, Any] = {name: raw[name] for name in Weights.__annotations__}
    arrays: dict[str, Any] = {
        n: np.array(v, dtype=np.float64) if isinstance(v, list) else v for n, v in numbers.items()
    }
    return Weights(**arrays)


def rank_scores(signals: np.ndarray, weights: Weights) -> np.ndarray:
    """A score for each sentence, shape (n,); their softmax is the chance that each is the one that answers."""
    scaled = (signals - weights.mean) / weights.scale
    inner = scaled @ weights.hidden + weights.hidden_bias
    return np.asarray(_gelu(inner) @ weights.output)


def decision_signals(candidates: Candidates, scores: np.ndarray) -> np.ndarray:
    """What the decision is made from, shape (m,): how the sentences rank, and the best one's signals."""
    signals, order = candidates.signals, np.argsort(-scores, kind="stable")
    best, top = signals[order[0]], signals[order[:5]]
    signals, leading = signals[order[:_LEADING]], scores[order[:_LEADING]]
    chances = np.exp(leading - leading.max())
    chances /= chances.sum()
    entropy = -float((chances * np.log(chances + 1e-9)).sum())
    ordered = scores[order]
    gaps = [ordered[0] - ordered[min(place, len(ordered) - 1)] for place in (1, 2, 4)]
    at = {name: number for number, name in enumerate(SIGNALS)}
    held, covered = best[at["type_held"]], best[at["covered_said"]]
    return np.array(
        [
            ordered[0], *gaps, ordered[0] - leading.mean(), leading.std(), entropy, chances[0],
            *(signals[:, at[name]].max() for name in _MOST),
            *(signals[:, at[name]].min() for name in _LEAST),
            top[:, at["type_held"]].max(),
            *(best[at[name]] for name in _OF_BEST),
            held, held * covered, covered * best[at["cosine"]], best[at["names_said"]] * covered,
        ],
        dtype=np.float64,
    )  # fmt: skip


def decision_logit(signals: np.ndarray, weights: Weights) -> float:
    """Log odds that the best evidence answers, from `decision_signals`."""
    scaled = (signals - weights.decision_mean) / weights.decision_scale
    return float(np.clip(scaled @ weights.decision + weights.decision_bias, -30, 30))


def chance_of(logit: float) -> float:
    """The probability of log odds."""
    return 1 / (1 + float(np.exp(-np.clip(logit, -30, 30))))


def less_sure(chance: float, odds: float) -> float:
    """A probability with its log odds lowered by `odds`."""
    return chance_of(float(np.log(chance) - np.log1p(-chance)) - odds) if 0 < chance < 1 else chance


def _gelu(x: np.ndarray) -> np.ndarray:
    """GELU by its tanh form (Hendrycks & Gimpel 2016, arXiv:1606.08415)."""
    return np.asarray(0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))))
