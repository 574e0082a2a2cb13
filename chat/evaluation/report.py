"""An evaluation as HTML: the body, for the tab too, and one page that needs nothing else: no script, no request."""

from html import escape
from importlib.resources import files

from chat.evaluation.comparison import Evaluation
from chat.evaluation.report_cases import changes, failures
from chat.evaluation.report_charts import charts
from chat.evaluation.report_words import comparison_sentence, headline
from chat.evaluation.table import GROUPS, counts, interval, number, skipped

CHAT_ADDRESS = "http://127.0.0.1:7860"
"""Where a quote's link leads: the chat, if it runs, shows it highlighted in its article."""

_STYLE = (files("chat.web") / "static" / "report.css").read_text(encoding="utf-8")
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_SHOWN_FAULTS = 20


def report_page(evaluation: Evaluation) -> str:
    """The page: what `report_body` shows, with links to the chat at `CHAT_ADDRESS`."""
    return (
        "<!DOCTYPE html>\n<html lang='en' class='report-page'><head><meta charset='utf-8'>"
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        "<meta name='viewport' content='width=device-width, initial-scale=1'>"
        f"<title>Quotewire evaluation</title><style>{_STYLE}</style></head>\n"
        f"<body><main><h1>Quotewire evaluation</h1>{report_body(evaluation, CHAT_ADDRESS)}"
        f"<footer>Links open in the chat at {escape(CHAT_ADDRESS.partition('//')[2])} while it runs "
        "(<code>python -m chat</code>).</footer></main></body></html>\n"
    )


def report_body(evaluation: Evaluation, address: str) -> str:
    """Figures, charts, failures, changes; the links of quotes begin with `address`, which may be empty.

    All of it is within an element of the class `report`, and so are the rules of `report.css`.
    """
    comparison = evaluation.comparison
    parts = [
        headline(evaluation),
        _notices(evaluation),
        f"<p>{escape(counts(evaluation.scored))}.</p>",
        f"<details><summary>All figures</summary>{_figures(evaluation)}</details>",
        f"<h2>Charts</h2>{charts(evaluation)}",
        f"<h2>Failures</h2>{failures(evaluation.scored, address)}",
        f"<h2>Changes against the baseline</h2>{changes(comparison, address)}" if comparison else "",
        "<h2>What was run</h2>",
        "<dl>" + "".join(f"<dt>{escape(k)}</dt><dd>{escape(v)}</dd>" for k, v in evaluation.about) + "</dl>",
        "<p class='turn'>Intervals: 95 %, bootstrap over questions, paired where runs are compared.</p>",
    ]
    return "<div class='report'>" + "\n".join(part for part in parts if part) + "</div>"


def _notices(evaluation: Evaluation) -> str:
    said = []
    if evaluation.skipped:
        said.append(("bad", f"Skipped: {skipped(evaluation)}"))
        said += [("", fault) for fault in evaluation.skipped[:_SHOWN_FAULTS]]
        if len(evaluation.skipped) > _SHOWN_FAULTS:
            said.append(("", f"and {len(evaluation.skipped) - _SHOWN_FAULTS} more"))
    if evaluation.not_verbatim:
        said.append(("bad", f"Not verbatim: {', '.join(evaluation.not_verbatim)}"))
    comparison = evaluation.comparison
    if comparison:
        said.append(("bad" if comparison.regressed else "good", comparison_sentence(comparison)))
        if comparison.stale:
            said.append(("", f"The baseline quotes older versions of: {', '.join(comparison.stale)}"))
    return "".join(f"<p class='notice {css}'>{escape(text)}</p>" for css, text in said)


def _figures(evaluation: Evaluation) -> str:
    comparison = evaluation.comparison
    heads = ["Figure", "Now", "95 % interval"] + (["Before", "Difference", "95 % interval"] if comparison else [])
    rows = ["<thead><tr>" + "".join(f"<th scope='col'>{head}</th>" for head in heads) + "</tr></thead>"]
    for title, names in GROUPS:
        group = f"<tr class='group'><th scope='rowgroup' colspan='{len(heads)}'>{escape(title)}</th></tr>"
        rows.append(f"<tbody>{group}{''.join(_row(evaluation, *each) for each in names)}</tbody>")
    # A table that is wider than a phone is scrolled within its box: by keyboard too, so the box takes the focus.
    box = "<div class='wide' role='region' aria-label='All figures' tabindex='0'>"
    return f"{box}<table class='figures'>{''.join(rows)}</table></div>"


def _row(evaluation: Evaluation, name: str, meaning: str) -> str:
    cells = [number(evaluation.figures[name]), interval(evaluation.intervals.get(name))]
    comparison = evaluation.comparison
    if comparison:
        cells += [
            number(comparison.before[name]),
            number(comparison.difference[name], signed=True),
            interval(comparison.intervals.get(name), signed=True),
        ]
    values = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
    return f"<tr><th scope='row'>{escape(name)}<small>{escape(meaning)}</small></th>{values}</tr>"
