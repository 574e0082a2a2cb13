"""`/articles` and `/articles/{path}`: the articles, and each with its quotes highlighted."""

import re
from urllib.parse import quote as url_quote

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from starlette.convertors import PathConvertor, register_url_convertor

from chat.web import article_page
from chat.web.service import Service

_INTERVAL = re.compile(r"(\d{1,12})-(\d{1,12})\Z", re.ASCII)
_OTHERS = 50


class _AnyPath(PathConvertor):
    """A path as a file may have it: with a line break in it, which Starlette's own does not match."""

    regex = r"[\s\S]*"


register_url_convertor("any_path", _AnyPath())


def article_routes(service: Service) -> APIRouter:
    """The routes; they raise `QuotewireError` where the index cannot be read."""
    routes = APIRouter()

    @routes.get("/articles")
    def articles() -> HTMLResponse:
        entries = service.assistant.index.articles
        return HTMLResponse(article_page.list_page(entries, [f"/articles/{url_quote(e.path)}" for e in entries]))

    @routes.get("/articles/{path:any_path}")
    def article(
        request: Request,
        path: str,
        start: str = "",
        end: str = "",
        claimed: str = Query("", alias="hash"),
        also: str = "",
        panel: str = "",
    ) -> HTMLResponse:
        index = service.assistant.index
        number = index.article_number(path)
        if number is None:
            return HTMLResponse(article_page.unknown_page(path), 404)
        entry, record = index.articles[number], index.record(number)
        others = [span for part in also.split(",")[:_OTHERS] if (span := _interval(part))]
        quote = _interval(f"{start}-{end}") or ((0, 0) if start or end else None)
        marks = article_page.highlights(record.text, entry.content_hash, claimed, quote, others)
        aside = article_page.not_content(record.text, record.sentences)
        link = str(request.url.remove_query_params("panel").replace(scheme="", netloc=""))
        make = article_page.article_fragment if panel else article_page.article_page
        return HTMLResponse(make(entry, record.text, marks, aside, link))

    return routes


def _interval(text: str) -> tuple[int, int] | None:
    found = _INTERVAL.match(text)
    return (int(found[1]), int(found[2])) if found else None
