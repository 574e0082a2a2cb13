"""A clean stop: what was asked is answered to its end, and what comes later is told to come again."""

import asyncio
import re
import threading
import time
from collections.abc import Callable

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from chat.web.visit import visit_of

_STOPPING = "Quotewire is stopping: ask again once it runs anew."
_SECONDS_UNTIL_RETRY = "10"
_SECONDS_BETWEEN_LOOKS = 0.05
# What brings an answer to who asked for it; these alone of all that is read are waited for.
_BRINGS = re.compile(r"/gradio_api/(queue/data|call/.+)")
_STILL_ANSWERED = re.compile(r"/healthz|/metrics|/gradio_api/cancel/?")


class Ending:
    """The end of one server, and how many requests are `open` that must be answered before it."""

    def __init__(self, begun: threading.Event) -> None:
        """The end is still to come; `begun` is set when it does."""
        self.begun, self.open = begun, 0

    async def wait(self, answering: Callable[[], int], most: float, given_up: Callable[[], bool]) -> None:
        """Begin the end, and return once nothing is open and `answering` is 0; or after `most` seconds; or `given_up`.

        What is answered when one looks may be brought by a request that is only about to come: so it looks twice.
        """
        self.begun.set()
        until, quiet = time.monotonic() + most, 0
        while quiet < 2 and time.monotonic() < until and not given_up():
            quiet = 0 if self.open or answering() else quiet + 1
            await asyncio.sleep(_SECONDS_BETWEEN_LOOKS)


class NewRequestsRefused:
    """The ASGI layer that counts the open requests; once the end has begun, it refuses new ones with status 503."""

    def __init__(self, app: ASGIApp, ending: Ending) -> None:
        """Wrap `app`."""
        self._app, self._ending = app, ending

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on, or answer that it comes too late."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path, changes = scope["path"], scope["method"] not in ("GET", "HEAD")
        brings = not changes and bool(_BRINGS.fullmatch(path))
        if self._ending.begun.is_set() and not (brings or _STILL_ANSWERED.fullmatch(path)):
            visit_of(scope).refused = "ending"
            headers = {"Retry-After": _SECONDS_UNTIL_RETRY, "Connection": "close", "Cache-Control": "no-store"}
            await JSONResponse({"detail": _STOPPING}, 503, headers)(scope, receive, send)
            return
        self._ending.open += changes or brings
        try:
            await self._app(scope, receive, send)
        finally:
            self._ending.open -= changes or brings
