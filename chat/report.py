"""An evaluation as one HTML page that needs nothing else: no script, no font, no request; light, dark and on paper."""

from collections.abc import Callable, Iterable, Sequence
from html import escape
from pathlib import Path

from chat.charts import Axis, bar_chart, count_axis, histogram, line_chart, share_axis
from chat.comparison import Change, ChangeKind, Comparison, Evaluation, Scored
from chat.metrics import Outcome, Result, risk_coverage
from chat.table import GROUPS, counts, interval, number, verdict

CHAT_ADDRESS = "http://127.0.0.1:7860"
"""Where a quote's link leads: the chat, if it runs, shows it highlighted in its article."""

_STYLE = (Path(__file__).with_name("static") / "report.css").read_text(encoding="utf-8")
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_MOST_ROWS = 500
_QUOTE_LENGTH = 400
_BINS = 20


def report_page(evaluation: Evaluation) -> str:
    """The page: figures, charts, failures, changes."""
    comparison = evaluation.comparison
    parts = [
        f"<h1>Quotewire evaluation</h1><p>{escape(counts(evaluation.scored))}</p>",
        "<dl>" + "".join(f"<dt>{escape(k)}</dt><dd>{escape(v)}</dd>" for k, v in evaluation.about) + "</dl>",
        _notices(evaluation),
        "<h2>Figures</h2>",
        _figures(evaluation),
        "<h2>Charts</h2><div class='charts'>",
        *_charts(evaluation),
        "</div>",
        "<h2>Failures</h2>",
        *_failures(evaluation.scored),
        *(["<h2>Changes against the baseline</h2>", *_changes(comparison)] if comparison else []),
        f"<footer>Links open in the chat at {escape(CHAT_ADDRESS.partition('//')[2])} while it runs "
        "(<code>python -m chat</code>). Intervals: 95 %, paired bootstrap over questions.</footer>",
    ]
    return (
        "<!DOCTYPE html>\n<html lang='en'><head><meta charset='utf-8'>"
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        "<meta name='viewport' content='width=device-width, initial-scale=1'>"
        f"<title>Quotewire evaluation</title><style>{_STYLE}</style></head>\n<body><main>"
        + "\n".join(part for part in parts if part)
        + "</main></body></html>\n"
    )


def _notices(evaluation: Evaluation) -> str:
    said = []
    if evaluation.not_verbatim:
        said.append(("bad", f"Not verbatim: {', '.join(evaluation.not_verbatim)}"))
    comparison = evaluation.comparison
    if comparison:
        said.append(("bad" if comparison.regressed else "good", verdict(evaluation).capitalize()))
        if comparison.stale:
            said.append(("", f"The baseline quotes older versions of: {', '.join(comparison.stale)}"))
    return "".join(f"<p class='notice {css}'>{escape(text)}</p>" for css, text in said)


def _figures(evaluation: Evaluation) -> str:
    comparison = evaluation.comparison
    heads = ["Figure", "Now", "95 % interval"] + (["Before", "Difference", "95 % interval"] if comparison else [])
    rows = ["<tr>" + "".join(f"<th scope='col'>{head}</th>" for head in heads) + "</tr>"]
    for title, names in GROUPS:
        rows.append(f"<tr class='group'><th colspan='{len(heads)}'>{escape(title)}</th></tr>")
        for name, meaning in names:
            cells = [number(evaluation.figures[name]), interval(evaluation.intervals.get(name))]
            if comparison:
                cells += [
                    number(comparison.before[name]),
                    number(comparison.difference[name], signed=True),
                    interval(comparison.intervals.get(name), signed=True),
                ]
            values = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
            rows.append(f"<tr><th scope='row'>{escape(name)}<small>{escape(meaning)}</small></th>{values}</tr>")
    return f"<div class='wide'><table class='figures'>{''.join(rows)}</table></div>"


def _charts(evaluation: Evaluation) -> list[str]:
    now = [each.outcome for each in evaluation.scored]
    before = [old.outcome for old, _ in evaluation.comparison.shared] if evaluation.comparison else []
    drawn = [_risk_coverage(now, before), _confidence(now), _hits(now, before), _latency(now)]
    return [figure for figure in drawn if figure]


def _figure(title: str, svg: str, legend: Sequence[tuple[str, str]], note: str) -> str:
    keys = "".join(f"<span class='key {css}'>{escape(name)}</span>" for css, name in legend)
    return f"<figure><h3>{escape(title)}</h3>{svg}<figcaption>{keys} {escape(note)}</figcaption></figure>"


def _risk_coverage(now: Sequence[Outcome], before: Sequence[Outcome]) -> str:
    lines = [("b" if old else "a", risk_coverage(run)) for old, run in ((True, before), (False, now))]
    known = [(css, curve) for css, curve in lines if curve]
    if not known:
        return ""
    counted = [o for o in now if o.judged or not o.answerable]
    shown = [o for o in counted if not o.abstained]
    risk = sum(not o.verdict for o in shown) / len(shown) if shown else 0.0
    mark = (len(shown) / len(counted), risk)
    svg = line_chart("Risk by coverage", share_axis("questions answered"), share_axis(""), known, mark)
    legend = [("a", "now"), *([("b", "before")] if before else []), ("o", "where it abstains now")]
    note = "Share of answers that are wrong or should not be given, the most confident answered first; lower is better."
    return _figure("Risk–coverage curve", svg, legend, note)


def _confidence(now: Sequence[Outcome]) -> str:
    bars = [
        (css, name, histogram([o.confidence for o in now if o.answerable is kind], 0.0, 1.0, _BINS))
        for css, name, kind in (("a", "answerable", True), ("c", "unanswerable", False))
    ]
    ticks = tuple((i / 5, f"{i / 5:g}") for i in range(6))
    y = count_axis("questions", max(max(heights) for _, _, heights in bars))
    svg = bar_chart("Questions by confidence", Axis("confidence", 0.0, 1.0, ticks), y, bars)
    return _figure("Confidence", svg, [(css, name) for css, name, _ in bars], "Number of questions by confidence.")


def _hits(now: Sequence[Outcome], before: Sequence[Outcome]) -> str:
    runs = [("b", "before", before), ("a", "now", now)]
    bars = [(css, name, _hits_at(run)) for css, name, run in runs if any(o.judged for o in run)]
    if not bars:
        return ""
    x = Axis("first k passages", 0.5, 10.5, tuple((float(k), str(k)) for k in range(1, 11)))
    svg = bar_chart("Hit at k", x, share_axis(""), bars, percent=True)
    legend = [(css, name) for css, name, _ in bars]
    return _figure("Passage hit@k", svg, legend, "Share of questions for which one of the first k passages answers.")


def _hits_at(outcomes: Sequence[Outcome]) -> list[float]:
    ranks = [o.rank for o in outcomes if o.judged]
    return [sum(rank is not None and rank < k for rank in ranks) / len(ranks) for k in range(1, 11)]


def _latency(now: Sequence[Outcome]) -> str:
    times = sorted(1000 * o.seconds for o in now if o.seconds is not None)
    if not times:
        return ""
    axis = count_axis("milliseconds", max(1.0, times[int(len(times) * 0.99)]))
    heights = histogram(times, 0.0, axis.high, _BINS)
    svg = bar_chart("Questions by time", axis, count_axis("questions", max(heights)), [("a", "questions", heights)])
    late = sum(time > axis.high for time in times)
    more = f" {late} took longer and are counted in the last bar; the slowest {times[-1]:.0f} ms." if late else ""
    return _figure("Time to answer", svg, [], f"Number of questions by time.{more}")


def _failures(scored: Sequence[Scored]) -> list[str]:
    kinds: tuple[tuple[str, Callable[[Outcome], bool]], ...] = (
        ("Answered, though the articles do not say", lambda o: not o.answerable),
        ("Abstained, though the articles say", lambda o: o.answerable and o.abstained),
        ("Answered wrongly", lambda o: o.answerable and not o.abstained),
    )
    failed = [each for each in scored if each.outcome.verdict is False]
    found = []
    for title, belongs in kinds:
        rows = [_row(each, [("Answered", _answered(each))]) for each in failed if belongs(each.outcome)]
        found.append(_group(title, rows, ("Question", "Expected", "Answered")))
    return [part for part in found if part] or ["<p>None.</p>"]


def _changes(comparison: Comparison) -> list[str]:
    found = []
    for kind in ChangeKind:
        rows = [_change(change) for change in comparison.changes if change.kind is kind]
        found.append(_group(kind.capitalize(), rows, ("Question", "Expected", "Before", "Now")))
    return [part for part in found if part] or ["<p>None.</p>"]


def _change(change: Change) -> str:
    return _row(change.after, [("Before", _answered(change.before)), ("Now", _answered(change.after))])


def _group(title: str, rows: Sequence[str], heads: Iterable[str]) -> str:
    if not rows:
        return ""
    cut = f"<p>The first {_MOST_ROWS} of {len(rows)}.</p>" if len(rows) > _MOST_ROWS else ""
    head = "".join(f"<th scope='col'>{escape(name)}</th>" for name in heads)
    return (
        f"<details open><summary>{escape(title)} <b>{len(rows)}</b></summary>{cut}"
        f"<table class='cases'><thead><tr>{head}</tr></thead>"
        f"<tbody>{''.join(rows[:_MOST_ROWS])}</tbody></table></details>"
    )


def _row(each: Scored, more: Sequence[tuple[str, str]]) -> str:
    question = each.question
    turns = "".join(f"<p class='turn'>{escape(turn.role)}: {escape(turn.content)}</p>" for turn in question.history)
    understood = each.result.get("understood")
    meant = f"<p class='turn'>understood as: {escape(str(understood))}</p>" if understood else ""
    asked = f"<code>{escape(question.id)}</code>{turns}<p>{escape(question.question)}</p>{meant}"
    cells = [("Question", asked), ("Expected", _expected(each)), *more]
    return "<tr>" + "".join(f"<td data-label='{escape(name)}'>{html}</td>" for name, html in cells) + "</tr>"


def _expected(each: Scored) -> str:
    question, outcome = each.question, each.outcome
    if not question.answerable:
        return "<p>To abstain.</p>"
    wanted = [f"<p>{escape(answer)}</p>" for answer in question.answers]
    for gold in question.evidence:
        wanted.append(f"<blockquote>{escape(_cut(gold.quote))}<cite>{escape(gold.article)}</cite></blockquote>")
    wanted += [f"<p>a sentence with “{escape(part)}”</p>" for part in question.sentence_contains or ()]
    wanted += [f"<p>shown: {escape(' or '.join(group))}</p>" for group in question.must_show]
    if outcome.judged:
        place = "in no retrieved passage" if outcome.rank is None else f"in passage {outcome.rank + 1}"
        wanted.append(f"<p class='turn'>retrieved: {place}</p>")
    return "".join(wanted)


def _answered(each: Scored) -> str:
    result, outcome = each.result, each.outcome
    mark = {True: "<b class='good'>right</b>", False: "<b class='bad'>wrong</b>", None: ""}[outcome.verdict]
    said = "abstained" if outcome.abstained else "answered"
    head = f"<p>{mark} {said}, confidence {outcome.confidence:.2f}</p>"
    lead = result["answer"].partition("“")[0].strip()
    quotes = "".join(map(_quote, result.get("quotes", [])))
    nearest = "".join(map(_quote, result.get("nearest", [])))
    near = f"<p class='turn'>nearest to it:</p>{nearest}" if nearest else ""
    return head + (f"<p>{escape(_cut(lead))}</p>" if lead else "") + quotes + near


def _quote(quote: Result) -> str:
    where = f"{quote['article']} {quote['start']}–{quote['end']}"
    link = quote.get("link")
    cite = escape(where)
    if isinstance(link, str) and link.startswith("/"):
        cite = f'<a href="{escape(CHAT_ADDRESS + link)}" rel="noreferrer">{cite}</a>'
    return f"<blockquote>{escape(_cut(quote['text']))}<cite>{cite}</cite></blockquote>"


def _cut(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= _QUOTE_LENGTH else words[:_QUOTE_LENGTH] + " […]"
