"""Article text and spans to highlight → HTML: a page of its own, or the fragment that the source panel shows. Pure.

Everything that comes from an article is escaped here; offsets count characters of the article's text.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import PurePosixPath

from indexer import ArticleEntry, Sentence

Interval = tuple[int, int]
_WORD = re.compile(r"[^\W\d_]{2,}")
_WEB = re.compile(r"https?://[^\s\"'<>]+\Z")
CHANGED = "This article has changed since the link was made, so nothing is highlighted. Below it stands as it is now."
OUTSIDE = "The link points to a place that this article does not have, so nothing is highlighted."


@dataclass(frozen=True, slots=True)
class Highlights:
    """What to mark in an article: the quote and the other quotes of its answer; or why nothing is marked."""

    quote: Interval | None = None
    others: tuple[Interval, ...] = ()
    notice: str = ""


def highlights(
    text: str, content_hash: str, claimed_hash: str, quote: Interval | None, others: Sequence[Interval] = ()
) -> Highlights:
    """What of a link may be highlighted: nothing if the article is another now, or lacks the place."""
    if not content_hash.removeprefix("sha256:").startswith(claimed_hash.removeprefix("sha256:")):
        return Highlights(notice=CHANGED)
    if quote is not None and not _inside(text, quote):
        return Highlights(notice=OUTSIDE)
    return Highlights(quote, tuple(other for other in others if _inside(text, other) and other != quote))


def not_content(text: str, sentences: Sequence[Sentence]) -> tuple[Interval, ...]:
    """The stretches between sentences that hold words: front matter and what a web page showed around the article."""
    edges = [0, *(offset for s in sentences for offset in (s.start, s.end)), len(text)]
    gaps = zip(edges[::2], edges[1::2], strict=True)
    return tuple((start, end) for start, end in gaps if _WORD.search(text, start, end))


def article_page(entry: ArticleEntry, text: str, marks: Highlights, aside: Sequence[Interval], link: str) -> str:
    """The article as a page of its own, which can be mailed and printed; `link` leads to it.

    `aside` are the stretches that are not the article's content; they are shown dimmed.
    """
    return _page(entry.title, article_fragment(entry, text, marks, aside, link, heading="h1"))


def article_fragment(
    entry: ArticleEntry, text: str, marks: Highlights, aside: Sequence[Interval], link: str, heading: str = "h2"
) -> str:
    """The article as the source panel shows it, and as the page's body: head, actions, text."""
    notice = f'<p class="notice" role="status">{escape(marks.notice)}</p>' if marks.notice else ""
    return (
        f'<article class="article"><header class="head"><{heading} class="title">{escape(entry.title)}</{heading}>'
        f'<p class="about">{_about(entry)}</p>'
        f'<p class="actions">{_actions(entry, text, marks, link, heading)}</p></header>{notice}'
        f"{_printed(text, marks, link)}"
        f'<div class="text" lang="" dir="auto">{"".join(_marked(text, marks, aside))}</div></article>'
    )


def list_page(entries: Sequence[ArticleEntry], links: Sequence[str]) -> str:
    """All articles of the index, newest first, those without a date last."""
    order = sorted(range(len(entries)), key=lambda n: (entries[n].date, entries[n].path), reverse=True)
    rows = "".join(
        f'<li><a href="{escape(links[n])}">{escape(entries[n].title)}</a>'
        f'<span class="about">{_about(entries[n])}</span></li>'
        for n in order
    )
    nothing = "<p>The index holds no articles yet: put files into the corpus folder.</p>"
    count = f"{len(entries)} article{'' if len(entries) == 1 else 's'}"
    return _page("Articles", f"<h1>{count}</h1>" + (f'<ul class="articles">{rows}</ul>' if entries else nothing))


def unknown_page(path: str) -> str:
    """What is shown where no article has this path."""
    return _page(
        "No such article",
        f"<h1>No such article</h1><p>The index holds no article <b>{escape(path)}</b>. It may have been renamed or "
        'removed. <a href="/articles">See all articles</a>, or <a href="/">ask a question</a>.</p>',
    )


def problem_page(message: str) -> str:
    """What is shown where the index cannot be read."""
    return _page("The index cannot be read", f"<h1>The index cannot be read</h1><p>{escape(message)}</p>")


def citation(title: str, date: str, path: str, words: str) -> str:
    """A quote with its source, as it is copied: “words” (title, date, file)."""
    source = ", ".join(part for part in (title, date, PurePosixPath(path).name) if part)
    return f"“{' '.join(words.split())}” ({source})"


def _inside(text: str, interval: Interval) -> bool:
    return 0 <= interval[0] < interval[1] <= len(text)


def _about(entry: ArticleEntry) -> str:
    source = escape(entry.source)
    if _WEB.match(entry.source):
        source = f'<a href="{source}" rel="noopener noreferrer">{source}</a>'
    date = f'<time datetime="{escape(entry.date)}">{escape(entry.date)}</time>' if entry.date else ""
    path = f'<span class="file">{escape(entry.path)}</span>'
    return " · ".join(part for part in (date, escape(", ".join(entry.authors)), source, path) if part)


def _actions(entry: ArticleEntry, text: str, marks: Highlights, link: str, heading: str) -> str:
    page = f'<a class="button" href="{escape(link)}" target="_blank">Open as a page</a>' if heading == "h2" else ""
    if marks.quote is None:
        return page
    copied = citation(entry.title, entry.date, entry.path, text[slice(*marks.quote)])
    return (
        f'<button type="button" class="button" data-copy="{_text(copied)}" data-link="{escape(link)}">'
        f'Copy quote with citation</button><button type="button" class="button print">Print</button>{page}'
    )


def _printed(text: str, marks: Highlights, link: str) -> str:
    """What stands on paper alone, above the article: the quote, and the link that leads to it."""
    quote = f"<blockquote>{_text(text[slice(*marks.quote)])}</blockquote>" if marks.quote else ""
    return f'<div class="printed">{quote}<p><a href="{escape(link)}">{escape(link)}</a></p></div>'


def _marked(text: str, marks: Highlights, aside: Sequence[Interval]) -> Iterator[str]:
    """The text in pieces, each escaped and marked as what it is; the quote is one `<mark>`, whole."""
    classes = [("aside", span) for span in aside] + [("other", span) for span in marks.others]
    if marks.quote is None:
        yield from _pieces(text, 0, len(text), classes)
        return
    start, end = marks.quote
    yield from _pieces(text, 0, start, classes)
    yield f'<mark id="quote" tabindex="-1">{_text(text[start:end])}</mark>'
    yield from _pieces(text, end, len(text), classes)


def _pieces(text: str, start: int, end: int, classes: Sequence[tuple[str, Interval]]) -> Iterator[str]:
    """`text[start:end]`, cut where a span of `classes` begins or ends; the last that covers a piece decides."""
    within = [(name, max(a, start), min(b, end)) for name, (a, b) in classes if a < end and b > start]
    cuts = sorted({start, end, *(edge for _, a, b in within for edge in (a, b))})
    for a, b in zip(cuts, cuts[1:], strict=False):
        name = next((name for name, first, last in reversed(within) if first <= a and b <= last), "")
        words = _text(text[a:b])
        if name == "other":
            yield f'<mark class="other">{words}</mark>'
        else:
            yield f'<span class="aside">{words}</span>' if name else words


def _text(text: str) -> str:
    """Escaped; a carriage return survives the HTML parser only as a reference, and NUL not at all."""
    return escape(text).replace("\r", "&#13;").replace("\0", "\ufffd")


def _page(title: str, body: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)} – Quotewire</title>"
        '<link rel="icon" href="/quotewire/icon.svg"><link rel="stylesheet" href="/quotewire/article.css">'
        '<script defer src="/quotewire/quotewire.js"></script></head><body class="own-page">'
        '<nav aria-label="Quotewire"><a class="name" href="/">Quotewire</a><a href="/articles">All articles</a></nav>'
        f"<main>{body}</main></body></html>"
    )
