"""The turns of a conversation → HTML. Pure; every word of a question or an article is escaped here.

A turn is a JSON object: `question`, and either `notice` (what to do instead), `pending`, or an answer's keys as
`conversation.turn` makes them.
"""

from collections.abc import Sequence
from html import escape
from pathlib import PurePosixPath
from typing import Any

from chat.article_page import citation
from indexer import ArticleEntry

Turn = dict[str, Any]
_GREETING = "Ask about the articles. Every answer is made of their own words, and shows where they stand."


def conversation_html(turns: Sequence[Turn]) -> str:
    """All turns, oldest first, in a region whose additions a screen reader announces."""
    shown = "".join(f'<section class="turn">{_turn(turn)}</section>' for turn in turns)
    empty = "" if turns else f'<p class="greeting">{_GREETING}</p>'
    # The region comes first: Gradio patches node by node, and a region that is replaced announces nothing.
    return f'<div class="log" role="log" aria-live="polite" aria-label="Conversation">{shown}</div>{empty}'


def header_html(articles: Sequence[ArticleEntry]) -> str:
    """The product's name and what it holds."""
    dates = [entry.date for entry in articles if entry.date]
    newest = f", newest of <time>{escape(max(dates))}</time>" if dates else ""
    count = f"{len(articles)} article{'' if len(articles) == 1 else 's'}"
    return (
        '<header class="masthead"><h1>Quotewire</h1>'
        f'<p><a href="/articles" target="_blank">{count}</a>{newest}</p></header>'
    )


def _turn(turn: Turn) -> str:
    asked = f'<h2 class="asked" dir="auto">{escape(str(turn["question"]))}</h2>'
    if turn.get("pending"):
        return asked + '<p class="pending">Searching the articles …</p>'
    if "notice" in turn:
        return f'{asked}<p class="notice">{escape(str(turn["notice"]))}</p>'
    understood = turn.get("understood")
    if understood:
        asked += f'<p class="understood">Understood as: {escape(str(understood))}</p>'
    return asked + (_abstention(turn) if turn.get("kind") == "abstention" else _answer(turn))


def _answer(turn: Turn) -> str:
    lead = f'<p class="lead">{escape(str(turn.get("lead", "")))}</p>' if turn.get("lead") else ""
    quotes = turn.get("quotes", [])
    dated = bool(turn.get("by_date"))
    note = '<p class="note">By date, newest first:</p>' if dated and len(quotes) > 1 else ""
    return f'<div class="answer">{lead}{note}{_cards(quotes, dated)}</div>'


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
