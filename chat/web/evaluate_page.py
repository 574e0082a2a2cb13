"""The tab “Evaluate” as HTML: the questions to choose, and what the last run found. Pure; everything is escaped."""

from collections.abc import Sequence
from datetime import datetime
from html import escape
from pathlib import Path

from chat.evaluation.report import report_body
from chat.web.evaluate_runs import MOST_BYTES, MOST_QUESTIONS, Finished

_EXAMPLE = (
    '{"id": "1", "question": "Who opened the museum?", "answerable": true, "answers": ["Odile Marchetti"],\n'
    ' "evidence": [{"article": "lantern.txt", "quote": "was opened by Odile Marchetti on Friday"}]}\n'
    '{"id": "2", "question": "What did the museum cost?", "answerable": false}'
)


def tab_html(files: Sequence[Path]) -> str:
    """The whole tab before anything runs: `files` and the visitor's own to choose from, places for what comes."""
    return (
        "<p class='intro'>Ask many questions at once whose answers are known; see how many are answered rightly.</p>"
        f"<form><fieldset><legend>Test questions</legend>{_choices(files)}</fieldset>"
        "<details><summary>What a question file looks like</summary>"
        f"<p>One JSON object a line, in UTF-8; at most {MOST_BYTES // 1_000_000} MB and {MOST_QUESTIONS} questions. "
        "The quote must stand in the article word for word.</p>"
        f"<pre tabindex='0' aria-label='Two lines of a question file'>{escape(_EXAMPLE)}</pre></details>"
        "<button type='submit' class='main'>Run the questions</button></form>"
        "<div class='run' hidden><progress aria-label='Questions asked'></progress><p class='count'></p>"
        "<button type='button' class='cancel'>Cancel</button></div>"
        "<p class='problem' role='alert'></p><p class='spoken' role='status'></p><div class='result'></div>"
    )


def result_html(finished: Finished) -> str:
    """What a run found, with its downloads; quotes link to the articles of this server."""
    before = f" Compared with the run of {_when(finished.before)}." if finished.before else ""
    note = f"<p class='problem'>{escape(finished.note)}</p>" if finished.note else ""
    report = report_body(finished.evaluation, "")
    return (
        f"<h2 tabindex='-1'>Result of {escape(finished.name)}</h2><p>Run of {_when(finished.at)}.{before}</p>{note}"
        "<p class='downloads'>"
        f"<a href='/evaluate/results.jsonl?number={finished.number}' download>Download the results (JSONL)</a>"
        f"<a href='/evaluate/report.html?number={finished.number}' download>Download the report (HTML)</a></p>{report}"
    )


def _choices(files: Sequence[Path]) -> str:
    label = "Your own question file" if files else "Choose a question file, or drop it here"
    own = f"<input type='file' name='own' accept='.jsonl' aria-label='{label}' data-most='{MOST_BYTES}'>"
    if not files:
        return f"<label class='own'><span>{label}</span>{own}</label>"
    known = "".join(
        f"<label><input type='radio' name='file' value='{escape(str(path))}'{'' if n else ' checked'}>"
        f"<span>{escape(str(path))}</span></label>"
        for n, path in enumerate(files)
    )
    other = f"<label><input type='radio' name='file' value=''><span>{label}, chosen or dropped here:</span></label>"
    return known + other + own


def _when(moment: datetime) -> str:
    return f"<time datetime='{moment.isoformat(timespec='seconds')}'>{moment:%Y-%m-%d, %H:%M}</time>"
