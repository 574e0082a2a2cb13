"""The charts of an evaluation: each with its legend, a note, and its numbers as a table for who cannot see it."""

from collections.abc import Sequence
from html import escape

from chat.evaluation.charts import Axis, bar_chart, count_axis, histogram, line_chart, share_axis
from chat.evaluation.comparison import Evaluation
from chat.evaluation.metrics import Outcome, risk_coverage

_BINS = 20
_STEPS = 10
_ALT = "{}: its numbers stand in the table below it"


def charts(evaluation: Evaluation) -> str:
    """All charts that the questions allow, as HTML."""
    now = [each.outcome for each in evaluation.scored]
    before = [old.outcome for old, _ in evaluation.comparison.shared] if evaluation.comparison else []
    drawn = [_risk_coverage(now, before), _confidence(now), _hits(now, before), _latency(now)]
    return f"<div class='charts'>{''.join(drawn)}</div>"


def _figure(
    title: str,
    svg: str,
    legend: Sequence[tuple[str, str]],
    note: str,
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
) -> str:
    keys = "".join(f"<span class='key {css}'>{escape(name)}</span>" for css, name in legend)
    head = "".join(f"<th scope='col'>{escape(name)}</th>" for name in heads)
    body = "".join(
        f"<tr><th scope='row'>{escape(row[0])}</th>{''.join(f'<td>{escape(cell)}</td>' for cell in row[1:])}</tr>"
        for row in rows
    )
    return (
        f"<figure><h3>{escape(title)}</h3>{svg}<figcaption>{keys}<p>{escape(note)}</p></figcaption>"
        f"<details class='numbers'><summary>Its numbers</summary><table><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table></details></figure>"
    )


def _risk_coverage(now: Sequence[Outcome], before: Sequence[Outcome]) -> str:
    lines = [("b", "before", risk_coverage(before)), ("a", "now", risk_coverage(now))]
    known = [(css, name, curve) for css, name, curve in lines if curve]
    if not known:
        return ""
    counted = [o for o in now if o.judged or not o.answerable]
    shown = [o for o in counted if not o.abstained]
    risk = sum(not o.verdict for o in shown) / len(shown) if shown else 0.0
    mark = (len(shown) / len(counted), risk)
    drawn = [(css, curve) for css, _, curve in known]
    label = _ALT.format("Share of wrong answers by share of questions answered")
    svg = line_chart(label, share_axis("questions answered"), share_axis(""), drawn, mark)
    legend = [*((css, name) for css, name, _ in reversed(known)), ("o", "where it abstains now")]
    note = "Share of answers that are wrong or should not be given, the most confident answered first; lower is better."
    rows = [[_percent(n / _STEPS), *(_percent(_risk_at(c, n)) for _, _, c in known)] for n in range(1, _STEPS + 1)]
    rows.append([f"{_percent(mark[0])} (abstains now)", *("" for _ in known[1:]), _percent(risk)])
    heads = ["questions answered", *(f"wrong, {name}" for _, name, _ in known)]
    return _figure("Risk–coverage curve", svg, legend, note, heads, rows)


def _risk_at(curve: Sequence[tuple[float, float]], step: int) -> float:
    """The risk where the first `step` of `_STEPS` equal parts of the questions are answered."""
    return curve[max(1, round(len(curve) * step / _STEPS)) - 1][1]


def _confidence(now: Sequence[Outcome]) -> str:
    bars = [
        (css, name, histogram([o.confidence for o in now if o.answerable is kind], 0.0, 1.0, _BINS))
        for css, name, kind in (("a", "answerable", True), ("c", "unanswerable", False))
    ]
    ticks = tuple((i / 5, f"{i / 5:g}") for i in range(6))
    y = count_axis("questions", max(max(heights) for _, _, heights in bars))
    label = _ALT.format("Number of questions by confidence")
    svg = bar_chart(label, Axis("confidence", 0.0, 1.0, ticks), y, bars)
    rows = _binned(0.0, 1.0, [heights for _, _, heights in bars], 2)
    legend = [(css, name) for css, name, _ in bars]
    heads = ["confidence", *(name for _, name, _ in bars)]
    return _figure("Confidence", svg, legend, "Number of questions by confidence.", heads, rows)


def _hits(now: Sequence[Outcome], before: Sequence[Outcome]) -> str:
    runs = [("b", "before", before), ("a", "now", now)]
    bars = [(css, name, _hits_at(run)) for css, name, run in runs if any(o.judged for o in run)]
    if not bars:
        return ""
    x = Axis("first k passages", 0.5, 10.5, tuple((float(k), str(k)) for k in range(1, 11)))
    label = _ALT.format("Share of questions that one of the first k passages answers")
    svg = bar_chart(label, x, share_axis(""), bars, percent=True)
    rows = [[str(k), *(_percent(shares[k - 1]) for _, _, shares in bars)] for k in range(1, 11)]
    legend = [(css, name) for css, name, _ in bars]
    note = "Share of questions for which one of the first k passages answers."
    return _figure("Passage hit@k", svg, legend, note, ["k", *(name for _, name, _ in bars)], rows)


def _hits_at(outcomes: Sequence[Outcome]) -> list[float]:
    ranks = [o.rank for o in outcomes if o.judged]
    return [sum(rank is not None and rank < k for rank in ranks) / len(ranks) for k in range(1, 11)]


def _latency(now: Sequence[Outcome]) -> str:
    times = sorted(1000 * o.seconds for o in now if o.seconds is not None)
    if not times:
        return ""
    axis = count_axis("milliseconds", max(1.0, times[int(len(times) * 0.99)]))
    heights = histogram(times, 0.0, axis.high, _BINS)
    label = _ALT.format("Number of questions by time")
    svg = bar_chart(label, axis, count_axis("questions", max(heights)), [("a", "questions", heights)])
    late = sum(time > axis.high for time in times)
    more = f" {late} took longer and are counted in the last bar; the slowest {times[-1]:.0f} ms." if late else ""
    rows = _binned(0.0, axis.high, [heights], 0)
    heads = ["milliseconds", "questions"]
    return _figure("Time to answer", svg, [], f"Number of questions by time.{more}", heads, rows)


def _binned(low: float, high: float, columns: Sequence[Sequence[float]], digits: int) -> list[list[str]]:
    """A row for each bin that is not empty in all columns."""
    width = (high - low) / _BINS
    rows = []
    for place in range(_BINS):
        heights = [column[place] for column in columns]
        if any(heights):
            edges = f"{low + width * place:.{digits}f} to {low + width * (place + 1):.{digits}f}"
            rows.append([edges, *(f"{height:g}" for height in heights)])
    return rows


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
