"""The turns of a conversation → HTML. Pure; every word of a question or an article is escaped here.

A turn is a JSON object: `question`, and either `notice` (what to do instead), `pending`, or an answer's keys as
`conversation.turn` makes them.
"""

from collections.abc import Sequence
from html import escape
from pathlib import PurePosixPath
from typing import Any

from chat.web.article_page import citation
from indexer import ArticleEntry

Turn = dict[str, Any]
_NAMED = 2
_THUMB = (
    '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M7 11v9H3v-9h4zm3 9V10.5L14 3c1.7.3 2.4 1.6 2 3.2L15.2 9h4.3'
    'c1.2 0 2 1.1 1.7 2.3l-1.8 7c-.3 1-1.1 1.7-2.2 1.7H10z"/></svg>'
)
_GREETING = "Ask about the articles. Every answer is made of their own words, and shows where they stand."


def conversation_html(turns: Sequence[Turn]) -> str:
    """All turns, oldest first, in a region whose additions a screen reader announces."""
    shown = "".join(f'<section class="turn">{_turn(turn)}</section>' for turn in turns)
    empty = "" if turns else f'<p class="greeting">{_GREETING}</p>'
    # The region comes first: Gradio patches node by node, and a region that is replaced announces nothing.
    return f'<div class="log" role="log" aria-live="polite" aria-label="Conversation">{shown}</div>{empty}'


def header_html(articles: Sequence[ArticleEntry], problem: str = "") -> str:
    """The product's name and what it holds; or why the articles cannot be read just now."""
    if problem:
        return f'<header class="masthead"><h1>Quotewire</h1><p role="status">{escape(problem)}</p></header>'
    dates = [entry.date for entry in articles if entry.date]
    newest = f", newest of <time>{escape(max(dates))}</time>" if dates else ""
    count = f"{len(articles)} article{'' if len(articles) == 1 else 's'}"
    return (
        '<header class="masthead"><h1>Quotewire</h1>'
        f'<p><a href="/articles" target="_blank">{count}</a>{newest}</p></header>'
    )


def filter_html() -> str:
    """The filter above the question box; `filter.js` fills it, and keeps what is chosen."""
    return (
        '<div class="filter"><p class="chosen" role="status"></p>'
        '<details><summary>Filter</summary><form class="choose" aria-label="Filter"><fieldset><legend>Articles</legend>'
        '<label>Search the titles<input type="search" name="title" autocomplete="off" spellcheck="false"></label>'
        '<p class="count" role="status"></p>'
        '<ul class="choices" aria-label="Articles; the arrow keys move, the space bar chooses"></ul></fieldset>'
        '<fieldset><legend>Dates</legend><label>Since<input type="date" name="since" max="9999-12-31"></label>'
        '<label>Until<input type="date" name="until" max="9999-12-31"></label>'
        "<p>Articles without a date are left out while one is set.</p></fieldset>"
        '<p class="buttons"><button type="button" class="all">Ask all articles</button>'
        '<button type="submit">Done</button></p></form></details></div>'
    )


def _turn(turn: Turn) -> str:
    asked = f'<h2 class="asked" dir="auto">{escape(str(turn["question"]))}</h2>{_scope(turn.get("scope"))}'
    if turn.get("pending"):
        return asked + '<p class="pending">Searching the articles …</p>'
    if "notice" in turn:
        return f'{asked}<p class="notice">{escape(str(turn["notice"]))}</p>'
    understood = turn.get("understood")
    if understood:
        asked += f'<p class="understood">Understood as: {escape(str(understood))}</p>'
    abstained = turn.get("kind") == "abstention"
    return asked + (_abstention(turn) if abstained else _answer(turn)) + _thumbs(turn, abstained)


def _scope(scope: Turn | None) -> str:
    """What alone the question was asked of."""
    if not scope:
        return ""
    paths = [PurePosixPath(path).name for path in scope["articles"]]
    named = ", ".join(paths) if len(paths) <= _NAMED else f"{len(paths)} articles"
    dates = [f"{word} {scope[word]}" for word in ("since", "until") if scope[word]]
    of = ", ".join(part for part in (named or "articles", " ".join(dates)) if part)
    return f'<p class="scoped">Asked only of {escape(of)}</p>'


def _thumbs(turn: Turn, abstained: bool) -> str:
    """Two buttons that judge the answer; `feedback.js` does the rest. Its words are not announced as an answer's."""
    if not turn.get("id") or turn.get("kind") == "small talk":
        return ""
    right, wrong = ("The articles do not say it: right", "They do say it: wrong") if abstained else ("Right", "Wrong")
    buttons = "".join(
        f'<button type="button" data-verdict="{verdict}" aria-pressed="false" aria-label="{label}">{_THUMB}</button>'
        for verdict, label in (("up", right), ("down", wrong))
    )
    kind = "abstention" if abstained else "answer"
    return (
        f'<div class="thumbs" role="group" aria-live="off" aria-label="Is this {kind} right?" data-kind="{kind}" '
        f'data-turn="{escape(str(turn["id"]))}">{buttons}</div>'
    )


def _answer(turn: Turn) -> str:
    lead = f'<p class="lead">{escape(str(turn.get("lead", "")))}</p>' if turn.get("lead") else ""
    quotes = turn.get("quotes", [])
    dated = bool(turn.get("by_date"))
    note = '<p class="note">By date, newest first:</p>' if dated and len(quotes) > 1 else ""
    told = _note(str(turn["note"])) if turn.get("note") else ""
    return f'<div class="answer">{lead}{_statements(turn)}{told}{note}{_cards(quotes, dated)}</div>'


def _statements(turn: Turn) -> str:
    """What a language model wrote, each statement with the markers of the quotes that support it."""
    links = {quote["n"]: (linked(quote, []), quote["title"]) for quote in turn.get("quotes", [])}
    shown = []
    for statement in turn.get("statements", []):
        markers = "".join(
            f'<a class="cite" href="{escape(links[n][0])}" aria-label="Quote {n}: show it in '
            f'“{escape(links[n][1])}”">[{n}]</a>'
            for n in map(int, statement["quotes"])
            if n in links
        )
        shown.append(f'<p class="statement" dir="auto">{escape(str(statement["text"]))} {markers}</p>')
    return "".join(shown)


def _note(text: str) -> str:
    return f'<p class="note">{escape(text)}</p>'


def _abstention(turn: Turn) -> str:
    nearest = turn.get("nearest", [])
    lead = f'<p class="lead">{escape(str(turn.get("lead", "")))}</p>'
    if not nearest:
        return f'<div class="answer abstained">{lead}</div>'
    label = '<p class="note">Nearest to the question, but not an answer to it:</p>'
    return f'<div class="answer abstained">{lead}{label}{_cards(nearest, False)}</div>'


def _cards(quotes: Sequence[Turn], dated: bool) -> str:
    cards = "".join(_card(quote, [other for other in quotes if other is not quote], dated) for quote in quotes)
    return f'<ol class="cards">{cards}</ol>' if cards else ""


def _card(quote: Turn, others: Sequence[Turn], dated: bool) -> str:
    """One quote: its words, its marker, and the source; the link leads to the article at the quote."""
    number, title, date, path = (escape(str(quote.get(key, ""))) for key in ("n", "title", "date", "article"))
    link = escape(linked(quote, others))
    copied = escape(citation(quote["title"], quote["date"], quote["article"], quote["text"]))
    above = f'<p class="dated"><time datetime="{date}">{date}</time></p>' if dated and date else ""
    when = f'<time datetime="{date}">{date}</time> · ' if date and not dated else ""
    return (
        f'<li class="card">{above}<blockquote dir="auto">{escape(quote["text"])}</blockquote>'
        f'<p class="source"><a class="cite" href="{link}" aria-label="Quote {number}: show it in “{title}”">'
        f'<b class="marker">[{number}]</b> {title}</a>'
        f'<span class="where">{when}<span class="file" title="{path}">{PurePosixPath(path).name}</span></span>'
        f'<button type="button" class="copy" data-copy="{copied}" data-link="{link}"'
        f' aria-label="Copy quote {number} with its citation">Copy</button></p></li>'
    )


def linked(quote: Turn, others: Sequence[Turn]) -> str:
    """The quote's link, with the places of the answer's other quotes in the same content."""
    link = str(quote.get("link", ""))
    if not link.startswith("/articles/"):
        return "/articles"
    also = ",".join(
        f"{other['start']}-{other['end']}"
        for other in others
        if (other["article"], other["content_hash"]) == (quote["article"], quote["content_hash"])
    )
    return f"{link}&also={also}" if also else link
