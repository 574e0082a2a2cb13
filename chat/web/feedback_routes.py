"""`POST /feedback`: a thumb up or down on an answer, kept as a test question. For the page itself alone."""

import json
from typing import Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from chat.web.feedback import NotFound, judged, line_of
from chat.web.feedback_file import keep
from chat.web.own_page import body_of, is_from_our_page
from chat.web.service import Service
from indexer import QuotewireError

MOST_BYTES = 1024 * 1024
SAVED = "Saved as a test question."
_ELSEWHERE = "Only the page itself may send feedback: open it under the address that the server prints."


def feedback_routes(service: Service) -> APIRouter:
    """The route; the file it writes is the service's `feedback`."""
    routes = APIRouter()

    @routes.post("/feedback")
    async def feedback(request: Request) -> JSONResponse:
        of_json = request.headers.get("content-type", "").partition(";")[0].strip() == "application/json"
        if not (is_from_our_page(request) and of_json):
            return _said(403, _ELSEWHERE)
        body = await body_of(request, MOST_BYTES)
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


def _said(status: int, message: str, **more: Any) -> JSONResponse:
    return JSONResponse({"message": message, **more}, status, {"Cache-Control": "no-store"})
