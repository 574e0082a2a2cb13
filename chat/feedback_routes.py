"""`POST /feedback`: a thumb up or down on an answer, kept as a test question. For the page itself alone."""

import json
from typing import Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from chat.feedback import NotFound, judged, line_of
from chat.feedback_file import keep
from chat.service import Service
from indexer import QuotewireError

MOST_BYTES = 1024 * 1024
SAVED = "Saved as a test question."
_ELSEWHERE = "Only the page itself may send feedback: open it under the address that the server prints."


def feedback_routes(service: Service) -> APIRouter:
    """The route; the file it writes is the service's `feedback`."""
    routes = APIRouter()

    @routes.post("/feedback")
    async def feedback(request: Request) -> JSONResponse:
        if not _is_of_the_page(request):
            return _said(403, _ELSEWHERE)
        body = await _body(request)
        if body is None:
            return _said(413, "This conversation is too long to be sent with it: clear it, ask again, and judge that.")
        return await run_in_threadpool(_kept, service, body)

    return routes


def _kept(service: Service, body: bytes) -> JSONResponse:
    try:
        keep(service.feedback, line_of(service.assistant.index, judged(json.loads(body))))
    except NotFound as error:
        return _said(422, str(error), short=True)
    except QuotewireError as error:
        return _said(422, str(error))
    except (ValueError, RecursionError):
        return _said(400, "This is no JSON. Reload the page, and try again.")
    return _said(200, SAVED)


def _is_of_the_page(request: Request) -> bool:
    """Whether our own page sends it: another site's may send no header of its own, and not under our origin."""
    headers = request.headers
    origin = headers.get("origin")
    return (
        headers.get("x-quotewire") == "1"
        and headers.get("sec-fetch-site", "same-origin") == "same-origin"
        and (origin is None or origin.partition("://")[2] == headers.get("host"))
        and headers.get("content-type", "").partition(";")[0].strip() == "application/json"
    )


async def _body(request: Request) -> bytes | None:
    """The body; None as soon as it is longer than a conversation may be, without reading on."""
    data = bytearray()
    async for part in request.stream():
        data += part
        if len(data) > MOST_BYTES:
            return None
    return bytes(data)


def _said(status: int, message: str, **more: Any) -> JSONResponse:
    return JSONResponse({"message": message, **more}, status, {"Cache-Control": "no-store"})
