"""A question that is asked in the moment in which the page's stream ends waits until the page has seen that."""

import asyncio
import json
import time

from starlette.types import Message, Receive, Scope, Send

from chat.web.streams import _SECONDS, StreamsEndFirst
from tests.browser import in_thread

END = b'data: {"msg":"close_stream"}\n\n'


async def gradio(scope: Scope, receive: Receive, send: Send) -> None:
    """Brings an end of the stream, or takes a question."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    body = END if scope["path"].endswith("data") else (await receive())["body"]
    await send({"type": "http.response.body", "body": body})


async def seconds(app: StreamsEndFirst, method: str, path: str, session: str) -> float:
    """How long a request takes; what is posted arrives as it was sent."""
    body = json.dumps({"session_hash": session, "data": ["Who?"]}).encode() if method == "POST" else b""
    scope = {"type": "http", "method": method, "path": path, "query_string": f"session_hash={session}".encode()}
    scope["headers"] = [(b"content-length", str(len(body)).encode())]
    brought: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        brought.append(message)

    began = time.monotonic()
    await app(scope, receive, send)
    assert brought[1]["body"] == (body or END)
    return time.monotonic() - began


def test_a_question_waits_until_the_stream_that_ended_is_seen_to_have_ended() -> None:
    async def asked() -> list[float]:
        app, join, data = StreamsEndFirst(gradio), "/gradio_api/queue/join", "/gradio_api/queue/data"
        first = await seconds(app, "POST", join, "one")
        await seconds(app, "GET", data, "one")
        at_once, another = await asyncio.gather(
            seconds(app, "POST", join, "one"), seconds(app, "POST", f"{join}/", "two")
        )
        later = await seconds(app, "POST", join, "one")
        return [at_once, first, another, later]

    at_once, *others = in_thread(lambda: asyncio.run(asked()))
    assert at_once >= 0.9 * _SECONDS > max(others)
