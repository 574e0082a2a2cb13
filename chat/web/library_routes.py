"""`/library`: what the tab “Articles” asks of the server. Changes are for the page itself alone, where they are on."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from chat.web.library import MOST_BYTES, Library, NameTaken, NoSuchFile
from chat.web.own_page import body_of, is_from_our_page
from chat.web.service import Service
from indexer import SUFFIXES, ArticleEntry, QuotewireError

_OFF = (
    "Articles cannot be changed from this page, since everybody who reaches the server could. Start it with a password "
    "or on 127.0.0.1, or change the files in the corpus folder: the index follows them."
)
_ELSEWHERE = "Only Quotewire's own page may change articles, or a program that sends the header X-Quotewire: 1."


def library_routes(service: Service) -> APIRouter:
    """`GET /library` lists; `POST` and `DELETE` add and remove; `/restore` puts back; `/rebuild` makes it anew."""
    routes, library = APIRouter(), Library(service)

    @routes.get("/library")
    def listed(known: str = "") -> JSONResponse:
        return _answer(_listing(library, known))

    @routes.post("/library")
    async def add(request: Request, name: str = "", replace: bool = False, more: bool = False) -> JSONResponse:
        if reason := _refusal(request, service):
            return _problem(403, reason)
        data = await body_of(request, MOST_BYTES)
        if data is None:
            return _problem(413, f"The file has more than {MOST_BYTES // 2**20} MB: more cannot be added at once.")
        return await run_in_threadpool(_changed, lambda: asdict(library.add(name, data, replace=replace, more=more)))

    @routes.delete("/library")
    def remove(request: Request, path: str = "") -> JSONResponse:
        reason = _refusal(request, service)
        return _problem(403, reason) if reason else _changed(lambda: asdict(library.remove(path)))

    @routes.post("/library/restore")
    def restore(request: Request, name: str = "") -> JSONResponse:
        reason = _refusal(request, service)
        return _problem(403, reason) if reason else _changed(lambda: asdict(library.put_back(name)))

    @routes.post("/library/rebuild")
    def rebuild(request: Request) -> JSONResponse:
        if reason := _refusal(request, service):
            return _problem(403, reason)
        library.rebuild(full=True)
        return _answer({}, 202)

    return routes


def _listing(library: Library, known: str) -> dict[str, Any]:
    """All that the tab shows; the articles themselves only if their generation is not the `known` one."""
    service = library.service
    building = library.building  # before the articles: where it is over, they are the new ones
    state, contents = service.build_state, library.contents()
    skipped = state.report.skipped if state.report else ()
    dates = [entry.date for entry in contents.articles if entry.date]
    found: dict[str, Any] = {
        "generation": contents.generation,
        "count": len(contents.articles),
        "passages": sum(entry.passages for entry in contents.articles),
        "newest": max(dates, default=""),
        "problem": contents.problem or state.problem,
        "building": {"running": building, "done": state.done, "total": state.total},
        "skipped": [{"path": path, "reason": reason} for path, reason in skipped],
        "editable": service.editable,
    }
    if service.editable:
        limits = {"folder": str(service.corpus.resolve()), "suffixes": SUFFIXES, "most_bytes": MOST_BYTES}
        found |= limits | {"removed": [asdict(removed) for removed in library.removed()]}
    else:
        found["why"] = _OFF
    if not known or known != contents.generation:
        found["articles"] = [_shown(entry) for entry in contents.articles]
    return found


def _shown(entry: ArticleEntry) -> dict[str, Any]:
    keys = ("path", "title", "date", "content_hash", "sentences", "passages", "indexed")
    return {key: getattr(entry, key) for key in keys}


def _changed(change: Callable[[], dict[str, Any]]) -> JSONResponse:
    try:
        return _answer(change())
    except NameTaken as error:
        return _problem(409, str(error), taken=True)
    except NoSuchFile as error:
        return _problem(404, str(error))
    except QuotewireError as error:
        return _problem(422, str(error))
    except OSError as error:
        return _problem(507, f"The corpus folder cannot be written: {error.strerror or error}.")


def _refusal(request: Request, service: Service) -> str:
    """Why this request may change nothing; "" if it may."""
    if not service.editable:
        return _OFF
    return "" if is_from_our_page(request) else _ELSEWHERE


def _answer(content: dict[str, Any], status: int = 200) -> JSONResponse:
    return JSONResponse(content, status, {"Cache-Control": "no-store"})


def _problem(status: int, message: str, **more: Any) -> JSONResponse:
    return _answer({"problem": message, **more}, status)
