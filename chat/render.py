"""An Answer as text, as JSON, and the links to its quotes: pure functions."""

from dataclasses import asdict
from typing import Any
from urllib.parse import quote as url_quote
from urllib.parse import urlencode

from chat.types import Answer, Quote

_HASH_IN_LINK = 12


def link(quote: Quote) -> str:
    """The path and query of the page that shows the article with the quote highlighted.

    The link names the content that its offsets count in, so that it can tell when the article has changed.
    """
    digest = quote.content_hash.removeprefix("sha256:")[:_HASH_IN_LINK]
    where = urlencode({"start": quote.span.start, "end": quote.span.end, "hash": digest})
    return f"/articles/{url_quote(quote.article)}?{where}"


def one_line(text: str) -> str:
    """The words with single spaces between them, as they are shown in running text."""
    return " ".join(text.split())


def answer_text(answer: Answer) -> str:
    """The answer as plain text: the lead, a model's statements, the other quotes in quotation marks; with markers."""
    parts = [answer.lead] if answer.lead else []
    parts += [f"{s.text} {''.join(f'[{number}]' for number in s.numbers)}" for s in answer.statements]
    cited = {number for statement in answer.statements for number in statement.numbers}
    for number, quote in enumerate(answer.quotes, start=1):
        if number in cited:
            continue
        dated = f"{quote.date}: " if answer.by_date and quote.date else ""
        parts.append(f"{dated}“{one_line(quote.text)}” [{number}]")
    return "\n\n".join(parts)


def terminal_text(answer: Answer) -> str:
    """The answer for a terminal: what was understood, the answer, the sources, or what stands nearest."""
    parts = [f"(understood as: {answer.question.understood})"] if answer.question.was_changed else []
    parts.append(answer_text(answer))
    cited = {number for statement in answer.statements for number in statement.numbers}
    for number, quote in enumerate(answer.quotes, start=1):
        words = f"“{one_line(quote.text)}”\n    " if number in cited else ""
        parts.append(f"[{number}] {words}{_source(quote)}")
    parts += [f"({answer.note})"] if answer.note else []
    if answer.nearest:
        parts.append("The nearest that they say:")
        parts += [f"“{one_line(quote.text)}”\n    {_source(quote)}" for quote in answer.nearest]
    return "\n\n".join(parts)


def _source(quote: Quote) -> str:
    dated = f", {quote.date}" if quote.date else ""
    return f"{quote.title}{dated} ({quote.article}, characters {quote.span.start}–{quote.span.end})"


def answer_object(answer: Answer) -> dict[str, Any]:
    """The answer object of the public interface, ready for JSON."""
    paths = [entry.path for entry in answer.index.articles]
    result: dict[str, Any] = {"question": answer.question.asked}
    if answer.question.was_changed:
        result["understood"] = answer.question.understood
    if answer.written:
        result["statements"] = [{"text": s.text, "quotes": list(s.numbers)} for s in answer.statements]
        result["written"] = asdict(answer.written)
    if answer.note:
        result["note"] = answer.note
    return result | {
        "answer": answer_text(answer),
        "abstained": answer.abstained,
        "confidence": round(answer.confidence, 6),
        "quotes": [{"n": number} | quote_object(quote) for number, quote in enumerate(answer.quotes, start=1)],
        "nearest": [{"n": number} | quote_object(quote) for number, quote in enumerate(answer.nearest, start=1)],
        "passages": [
            {
                "article": paths[hit.span.article],
                "start": hit.span.start,
                "end": hit.span.end,
                "score": round(hit.score, 6),
            }
            for hit in answer.passages
        ],
        "context": [{"article": paths[span.article], "start": span.start, "end": span.end} for span in answer.context],
    }


def quote_object(quote: Quote) -> dict[str, Any]:
    """A quote as the public interface shows it: its words, where they stand, and the link to them."""
    return {
        "article": quote.article,
        "title": quote.title,
        "date": quote.date,
        "start": quote.span.start,
        "end": quote.span.end,
        "text": quote.text,
        "content_hash": quote.content_hash,
        "link": link(quote),
    }
