"""An evaluation in plain words: three figures that a newsroom reads, and whether it is better than the run before."""

from html import escape

from chat.evaluation.bootstrap import Interval
from chat.evaluation.comparison import ChangeKind, Comparison, Evaluation
from chat.evaluation.metrics import PER_QUESTION

_LEADING = (
    ("answered_right", "of the questions that the articles answer were answered rightly"),
    ("abstained_right", "of the questions that they do not answer were left unanswered, as they should be"),
    ("false_answers", "of the answers shown were wrong, or should not have been given; lower is better"),
)
_HEADLINES = {
    "balanced": "right answers and right abstentions, counted alike",
    "answered_right": "questions answered rightly",
    "abstained_right": "questions rightly left unanswered",
}


def headline(evaluation: Evaluation) -> str:
    """The leading figures as HTML: each as a percentage, with what was counted and how sure it is."""
    return f"<ul class='headline'>{''.join(_leading(evaluation, name, words) for name, words in _LEADING)}</ul>"


def comparison_sentence(comparison: Comparison) -> str:
    """Whether the run is better or worse than the one before, and by how much; plain text."""
    name = comparison.headline
    before = comparison.before[name] or 0.0
    kinds = [change.kind for change in comparison.changes]
    counted = {ChangeKind.RIGHT: "newly right", ChangeKind.WRONG: "newly wrong", ChangeKind.OTHER: "answered otherwise"}
    changed = [f"{kinds.count(kind)} {words}" for kind, words in counted.items() if kind in kinds]
    return (
        f"{_judgement(comparison)}: {_HEADLINES[name]}, {_percent(before)} before, "
        f"{_percent(before - comparison.drop)} now, over {_questions(len(comparison.shared))} in both runs"
        f"{'; ' + ', '.join(changed) if changed else ''}."
    )


def _judgement(comparison: Comparison) -> str:
    low, high = comparison.intervals.get(comparison.headline, (0.0, 0.0))
    if not comparison.changes:
        return "The same as before"
    if comparison.regressed:
        return "Worse than before" if high < 0 else "Worse than before, though that may be chance"
    if comparison.drop < 0:
        return "Better than before" if low > 0 else "Better than before, though that may be chance"
    return "About the same as before"


def _leading(evaluation: Evaluation, name: str, words: str) -> str:
    values = [value for each in evaluation.scored if (value := PER_QUESTION[name](each.outcome)) is not None]
    if not values:
        return f"<li><b>–</b><p>{escape(words)}: there was none.</p></li>"
    share, hits = sum(values) / len(values), round(sum(values))
    return (
        f"<li><b>{100 * share:.0f} %</b><p>{escape(words)}.</p>"
        f"<small>{hits} of {len(values)}{_sure(evaluation.intervals.get(name))}{_since(evaluation, name)}</small></li>"
    )


def _sure(interval: Interval | None) -> str:
    if interval is None:
        return ""
    low, high = (round(100 * edge) for edge in interval)
    return f" · 95 % interval: {low} to {high} %" if low != high else " · all alike, so how sure it is cannot be told"


def _since(evaluation: Evaluation, name: str) -> str:
    comparison = evaluation.comparison
    difference = comparison.difference[name] if comparison else None
    return "" if difference is None else f" · {100 * difference:+.1f} points since the run before"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _questions(count: int) -> str:
    return f"{count} question{'' if count == 1 else 's'}"
