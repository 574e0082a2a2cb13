"""An evaluation as plain text: a table of figures with their intervals, then the questions that changed."""

from collections.abc import Iterator

from chat.evaluation.bootstrap import Interval
from chat.evaluation.comparison import ChangeKind, Evaluation, Scored

GROUPS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (
        "Answers",
        (
            ("answered_right", "answerable questions that a quote answers"),
            ("evidence_at_1", "answerable questions that the first quote answers"),
            ("quote_precision", "share of the quotes shown that answer"),
            ("false_answers", "share of the answers shown that are wrong; lower is better"),
        ),
    ),
    (
        "Abstention",
        (
            ("abstained_right", "unanswerable questions on which it abstained"),
            ("abstained_wrong", "answerable questions on which it abstained; lower is better"),
            ("balanced", "mean of answered_right and abstained_right"),
            ("auroc", "how well the confidence tells answerable from unanswerable"),
            ("aurc", "mean risk over all coverages; lower is better"),
        ),
    ),
    (
        "Retrieved passages",
        (
            ("passage_hit@1", "the first passage answers"),
            ("passage_hit@5", "one of the first 5 does"),
            ("passage_hit@10", "one of the first 10 does"),
            ("mrr@10", "mean reciprocal rank of the first that does"),
            ("span_recall@5", "of the evidence's characters, in the first 5 passages"),
            ("span_precision@5", "of these passages' characters, in the evidence"),
            ("span_iou@5", "their intersection over their union"),
        ),
    ),
    (
        "Context",
        (
            ("context_recall", "the same for all spans that the answer was chosen from"),
            ("context_precision", ""),
            ("context_iou", ""),
        ),
    ),
    (
        "Quotes and time",
        (
            ("verbatim", "quotes that are exactly what the article says"),
            ("nearest_verbatim", "the same for what is shown on abstaining"),
            ("seconds_p50", "median time of an answer"),
            ("seconds_p95", "95 of 100 answers take no longer"),
        ),
    ),
)
"""The figures in the order in which they are shown, each with a phrase that says what it is."""

_SHOWN_CHANGES = 20
_QUESTION_WIDTH = 76


def counts(scored: tuple[Scored, ...]) -> str:
    """How many questions there are, of which kind."""
    answerable = sum(each.question.answerable for each in scored)
    unknown = sum(each.question.answerable and not each.outcome.judged for each in scored)
    text = f"{len(scored)} questions: {answerable} answerable, {len(scored) - answerable} not"
    return f"{text}; {unknown} answerable without known evidence, not judged" if unknown else text


def table(evaluation: Evaluation) -> str:
    """The whole text, without a newline at its end."""
    lines = [counts(evaluation.scored), ""]
    head = f"{'':20}{'figure':>8}  {'95 % interval':16}"
    comparison = evaluation.comparison
    lines.append(f"{head}{'before':>8}{'difference':>12}  95 % interval" if comparison else head.rstrip())
    for title, rows in GROUPS:
        lines.append(title)
        lines += [_row(evaluation, name) for name, _ in rows]
    if evaluation.skipped:
        lines += ["", f"SKIPPED: {skipped(evaluation)}"]
    if evaluation.not_verbatim:
        lines += ["", f"NOT VERBATIM: {', '.join(map(printable, evaluation.not_verbatim))}"]
    if comparison:
        lines += ["", *_changes(evaluation), verdict(evaluation)]
    return "\n".join(line.rstrip() for line in lines)


def skipped(evaluation: Evaluation) -> str:
    """In a phrase, how many lines could not be asked."""
    many = len(evaluation.skipped)
    return f"{many} line{'' if many == 1 else 's'} of the questions, which count for nothing here: mend or remove them"


def verdict(evaluation: Evaluation) -> str:
    """One sentence on the comparison with the baseline; "" without one."""
    comparison = evaluation.comparison
    if not comparison:
        return ""
    before = comparison.before[comparison.headline] or 0.0
    now = before - comparison.drop
    said = "REGRESSION" if comparison.regressed else "no regression"
    return (
        f"{said}: {comparison.headline} {before:.4f} before, {now:.4f} now, "
        f"over {len(comparison.shared)} questions in both runs (margin {comparison.margin:g})"
    )


def number(value: float | None, *, signed: bool = False) -> str:
    """A figure with four decimals, a dash where there is none."""
    if value is None:
        return "–"
    return f"{value:+.4f}" if signed else f"{value:.4f}"


def interval(found: Interval | None, *, signed: bool = False) -> str:
    """An interval with three decimals; "" where there is none."""
    if found is None:
        return ""
    return f"{found[0]:+.3f} to {found[1]:+.3f}" if signed else f"{found[0]:.3f} to {found[1]:.3f}"


def printable(text: str) -> str:
    """The text on one line without characters that a terminal would obey."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _row(evaluation: Evaluation, name: str) -> str:
    row = f"  {name:18}{number(evaluation.figures[name]):>8}  {interval(evaluation.intervals.get(name)):16}"
    comparison = evaluation.comparison
    if not comparison:
        return row
    difference = number(comparison.difference[name], signed=True)
    between = interval(comparison.intervals.get(name), signed=True)
    return f"{row}{number(comparison.before[name]):>8}{difference:>12}  {between}"


def _changes(evaluation: Evaluation) -> Iterator[str]:
    comparison = evaluation.comparison
    for kind in ChangeKind:
        changes = [change for change in comparison.changes if change.kind is kind] if comparison else []
        for change in changes[:_SHOWN_CHANGES]:
            question = printable(change.after.question.question)
            cut = question if len(question) <= _QUESTION_WIDTH else question[: _QUESTION_WIDTH - 1] + "…"
            yield f"{kind:11}  {printable(change.after.question.id)}  {cut}"
        if len(changes) > _SHOWN_CHANGES:
            yield f"{kind:11}  and {len(changes) - _SHOWN_CHANGES} more"
    if comparison and comparison.stale:
        yield f"the baseline quotes older versions of: {', '.join(map(printable, comparison.stale))}"
