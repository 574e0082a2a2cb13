"""What is asked in the moment in which a page's stream of answers ends waits until the page has seen that end.

Gradio's page has one stream for all that it has asked, which the server ends once nothing is left to bring. What is
asked after that, but before the page has seen it, has no stream, and the page waits for ever; or it is cleared away
with the stream that ends (gradio 6.31, `queue_data_helper` in routes.py).
"""

import asyncio
import time
from collections import OrderedDict
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chat.web.limits import MOST_BYTES, replayed, value_of
from chat.web.own_page import body_of

_JOIN, _DATA = "/gradio_api/queue/join", "/gradio_api/queue/data"
_END = b'"close_stream"'
_SECONDS = 0.3
_MOST_SESSIONS = 1_000


class StreamsEndFirst:
    """The ASGI layer that holds back a page's question for a moment after its last stream ended."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap `app`, behind `Limits`, which bounds what is posted."""
        self._app = app
        self._ended: OrderedDict[str, float] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on, perhaps a moment later."""
        path = scope["path"].rstrip("/") if scope["type"] == "http" else ""
        if path == _DATA:
            session = parse_qs(scope["query_string"].decode("latin-1")).get("session_hash", [""])[0]
            send = self._noting(session, send)
        elif path == _JOIN and scope["method"] == "POST":
            body = await body_of(Request(scope, receive), MOST_BYTES) or b""
            ended = self._ended.get(str(value_of(body, "session_hash")))
            if ended is not None:
                await asyncio.sleep(max(0.0, ended + _SECONDS - time.monotonic()))
            receive = replayed(body, receive)
        await self._app(scope, receive, send)

    def _noting(self, session: str, send: Send) -> Send:
        async def sent(message: Message) -> None:
            if _END in message.get("body", b""):
                self._ended[session] = time.monotonic()
                self._ended.move_to_end(session)
                if len(self._ended) > _MOST_SESSIONS:
                    self._ended.popitem(last=False)
            await send(message)

        return sent
