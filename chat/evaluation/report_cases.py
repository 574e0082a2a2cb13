"""The questions of an evaluation that failed, and those that changed: each with what was expected and answered."""

from collections.abc import Callable, Iterable, Sequence
from html import escape

from chat.evaluation.comparison import Change, ChangeKind, Comparison, Scored
from chat.evaluation.metrics import Outcome, Result

_MOST_ROWS = 500
_QUOTE_LENGTH = 400
_ROWS_AT_A_GLANCE = 10


def failures(scored: Sequence[Scored], address: str) -> str:
    """The questions that did not do what they should, as HTML; quotes link to their articles at `address`."""
    kinds: tuple[tuple[str, Callable[[Outcome], bool]], ...] = (
        ("Answered, though the articles do not say", lambda o: not o.answerable),
        ("Abstained, though the articles say", lambda o: o.answerable and o.abstained),
        ("Answered wrongly", lambda o: o.answerable and not o.abstained),
    )
    failed = [each for each in scored if each.outcome.verdict is False]
    found = []
    for title, belongs in kinds:
        rows = [_row(each, [("Answered", _answered(each, address))]) for each in failed if belongs(each.outcome)]
        found.append(_group(title, rows, ("Question", "Expected", "Answered")))
    return "".join(found) or "<p>None.</p>"


def changes(comparison: Comparison, address: str) -> str:
    """The questions that are answered otherwise than before, as HTML; quotes link as in `failures`."""
    found = []
    for kind in ChangeKind:
        rows = [_change(change, address) for change in comparison.changes if change.kind is kind]
        found.append(_group(kind.capitalize(), rows, ("Question", "Expected", "Before", "Now")))
    return "".join(found) or "<p>None.</p>"


def _change(change: Change, address: str) -> str:
    cells = [("Before", _answered(change.before, address)), ("Now", _answered(change.after, address))]
    return _row(change.after, cells)


def _group(title: str, rows: Sequence[str], heads: Iterable[str]) -> str:
    if not rows:
        return ""
    cut = f"<p>The first {_MOST_ROWS} of {len(rows)}.</p>" if len(rows) > _MOST_ROWS else ""
    head = "".join(f"<th scope='col'>{escape(name)}</th>" for name in heads)
    shown = " open" if len(rows) <= _ROWS_AT_A_GLANCE else ""
    return (
        f"<details{shown}><summary>{escape(title)} <b>{len(rows)}</b></summary>{cut}"
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


def _answered(each: Scored, address: str) -> str:
    result, outcome = each.result, each.outcome
    mark = {True: "<b class='good'>right</b>", False: "<b class='bad'>wrong</b>", None: ""}[outcome.verdict]
    said = "abstained" if outcome.abstained else "answered"
    head = f"<p>{mark} {said}, confidence {outcome.confidence:.2f}</p>"
    lead = result["answer"].partition("“")[0].strip()
    quotes, nearest = (
        "".join(_quote(quote, address) for quote in result.get(key, [])) for key in ("quotes", "nearest")
    )
    near = f"<p class='turn'>nearest to it:</p>{nearest}" if nearest else ""
    return head + (f"<p>{escape(_cut(lead))}</p>" if lead else "") + quotes + near


def _quote(quote: Result, address: str) -> str:
    """The quote's words and its place; the classes are those by which the chat page opens its source panel."""
    place = escape(f"{quote['article']} {quote['start']}–{quote['end']}")
    link = quote.get("link")
    if isinstance(link, str) and link.startswith("/articles/"):
        place = f'<a class="cite" href="{escape(address + link)}" rel="noreferrer">{place}</a>'
    return f"<blockquote class='card'>{escape(_cut(quote['text']))}<cite>{place}</cite></blockquote>"


def _cut(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= _QUOTE_LENGTH else words[:_QUOTE_LENGTH] + " […]"
