"""What is asked in the moment in which a page's stream of answers ends waits until the page has seen that end.

Gradio's page has one stream for all that it has asked, which the server ends once nothing is left to bring. What is
asked after that, but before the page has seen it, has no stream, and the page waits for ever; or it is cleared away
with the stream that ends (gradio 6.31, `queue_data_helper` in routes.py).
"""

import asyncio
import time

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chat.web.limits import JOIN, MOST_BYTES, replayed, value_of
from chat.web.own_page import body_of
from chat.web.unused import EVENTS, session_of

_END = b'"close_stream"'
_SECONDS = 0.3


class StreamsEndFirst:
    """The ASGI layer that holds back a page's question for a moment after its last stream ended."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap `app`, behind `Limits`, which bounds what is posted."""
        self._app = app
        self._ended: dict[str, float] = {}  # the sessions whose stream ended in the last moment

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on, perhaps a moment later."""
        path = scope["path"] if scope["type"] == "http" else ""
        if EVENTS.fullmatch(path):
            send = self._noting(session_of(scope["query_string"]), send)
        elif JOIN.fullmatch(path) and scope["method"] == "POST" and self._lately():
            body = await body_of(Request(scope, receive), MOST_BYTES) or b""
            ended = self._ended.get(str(value_of(body, "session_hash")), 0.0)
            await asyncio.sleep(max(0.0, ended + _SECONDS - time.monotonic()))
            receive = replayed(body, receive)
        await self._app(scope, receive, send)

    def _lately(self) -> dict[str, float]:
        since = time.monotonic() - _SECONDS
        self._ended = {session: ended for session, ended in self._ended.items() if ended > since}
        return self._ended

    def _noting(self, session: str, send: Send) -> Send:
        async def sent(message: Message) -> None:
            if _END in message.get("body", b""):
                self._lately()[session] = time.monotonic()
            await send(message)

        return sent
