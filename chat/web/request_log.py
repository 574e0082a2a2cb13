"""The log of the server: a line of JSON for every request, and an id that the visitor is told and the line holds.

Control characters, and those that turn the direction of writing, are escaped, so that no path, file name or title can
write a line of its own. The query of a request is never logged: it may hold a question.
"""

import json
import logging
import re
import sys
import time
from datetime import UTC, datetime
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chat.web.visit import Visit, current_visit, visit_of
from chat.web.watch import Watch

log = logging.getLogger(__name__)
ID_HEADER = "X-Request-Id"
_LONGEST = 300
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
# The page's own files, and what is asked every few seconds: they are logged only when something is wrong.
_QUIET = ("/assets/", "/static/", "/quotewire/", "/healthz", "/metrics", "/theme.css", "/gradio_api/heartbeat/")


class JsonLines(logging.Formatter):
    """Every record as one line of JSON: what a record was `told` beside its message is in it."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, Any] = {"at": at, "level": record.levelname.lower(), "event": "message"}
        told = getattr(record, "told", None)
        if told is None:
            line |= {"logger": record.name, "message": record.getMessage()}
        else:
            line["event"] = record.getMessage()
        visit = current_visit()
        if visit:
            line["request"] = visit.id
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return one_line(line | (told or {}))


def one_line(told: dict[str, Any]) -> str:
    """JSON without any character that could end the line, or make it read otherwise than it is."""
    text = json.dumps(told, ensure_ascii=False, default=str)
    return _UNSAFE.sub(lambda unsafe: f"\\u{ord(unsafe[0]):04x}", text)


def log_as_json() -> None:
    """Write all that is logged to standard error, a line of JSON each."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("chat").setLevel(logging.INFO)
    logging.captureWarnings(True)


class RequestLog:
    """The outermost layer: gives every request its id, counts it, and logs how it was answered."""

    def __init__(self, app: ASGIApp, watch: Watch) -> None:
        """Wrap `app`."""
        self._app, self._watch = app, watch

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        visit, status = visit_of(scope), 0

        async def sent(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[ID_HEADER] = visit.id
            await send(message)

        try:
            await self._app(scope, receive, sent)
        finally:
            self._ended(visit, status)

    def _ended(self, visit: Visit, status: int) -> None:
        """Log and count; status 0: it was left before it was answered."""
        self._watch.metrics.requested(status, visit.refused)
        told: dict[str, Any] = {"method": visit.method, "path": visit.path[:_LONGEST], "status": status}
        told["ms"] = round(1000 * (time.monotonic() - visit.arrived), 1)
        if visit.refused:
            told["refused"] = visit.refused
            if visit.visitor:
                told["visitor"] = visit.visitor
        quiet = status < 400 and visit.path.startswith(_QUIET)
        log.log(logging.DEBUG if quiet else logging.INFO, "request", extra={"told": told})
