"""What one visitor, and all of them together, may ask at once; who asks for more is told when to ask again.

This ASGI layer reads what is posted to Gradio and to the tools, since only there it says whether it is a question.
"""

import asyncio
import json
import math
import re
import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chat.web.own_page import body_of
from chat.web.sessions import Clock
from chat.web.visit import visit_of
from chat.web.watch import Watch

if TYPE_CHECKING:
    from gradio import Blocks

ASKING = "asking"
AT_ONCE, MOST_WAITING, MOST_EVENTS = 8, 64, 512  # events: all that the page asks of Gradio, not only questions
QUESTIONS_A_MINUTE = 60
MOST_BYTES = 5 * 2**20
WAIT_HEADER = "X-Quotewire-Wait"
_MOST_VISITORS = 10_000
_TOOLS, _GRADIO = "/mcp", "/gradio_api/"
_QUEUED = re.compile(r"/gradio_api/call/(?:v2/)?([^/]+)/?")
_DIRECT = re.compile(r"/gradio_api/(?:run|api)/([^/]+)/?")
JOIN = re.compile(r"/gradio_api/queue/join/?")
_WORTH_TELLING = 2


class Rate:
    """Questions a minute for each visitor: as many at once, then one more as each part of the minute goes by.

    Beyond 10,000 visitors, those are forgotten who asked longest ago.
    """

    def __init__(self, a_minute: int, clock: Clock = time.monotonic) -> None:
        """Nobody has asked yet; 0 a minute: any number."""
        self.a_minute, self._clock = a_minute, clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def seconds_to_wait(self, visitor: str) -> float:
        """0, and the question is counted; or how long the visitor must wait to ask it."""
        if not self.a_minute:
            return 0.0
        now, a_second = self._clock(), self.a_minute / 60
        left, at = self._left.pop(visitor, (float(self.a_minute), now))
        left = min(float(self.a_minute), left + (now - at) * a_second)
        granted = left >= 1
        self._left[visitor] = (left - granted, now)
        if len(self._left) > _MOST_VISITORS:
            self._left.popitem(last=False)
        return 0.0 if granted else (1 - left) / a_second


class Askers:
    """How many questions are answered, and how many wait: those in Gradio's queue, and those past it."""

    def __init__(self, blocks: "Blocks", watch: Watch) -> None:
        """Look at the queue of the page `blocks`, whose functions that answer have the concurrency id `ASKING`."""
        self._blocks, self._watch = blocks, watch
        self._slots, self._direct = asyncio.Semaphore(AT_ONCE), 0
        self._answer = {fn._id: fn.concurrency_id == ASKING for fn in blocks.fns.values()}
        self._names = {str(fn.api_name): fn._id for fn in blocks.fns.values() if fn.api_name}
        self._inputs = {fn._id: len(fn.inputs) for fn in blocks.fns.values()}

    def counts(self) -> tuple[int, int]:
        """(answered, waiting)."""
        queue = self._blocks._queue.event_queue_per_concurrency_id.get(ASKING)
        answering, waiting = (queue.current_concurrency, len(queue.queue)) if queue else (0, 0)
        return answering + min(self._direct, AT_ONCE), waiting + max(0, self._direct - AT_ONCE)

    def seconds(self) -> float:
        """How long one who asks now waits for the answer to begin, as far as can be foretold."""
        answering, waiting = self.counts()
        return self._watch.metrics.mean_seconds * (waiting + 1) / AT_ONCE if answering >= AT_ONCE else 0.0

    def is_question(self, function: object, name: str) -> bool:
        """Whether the page's function of this number, or the endpoint of this name, answers one; yes if in doubt."""
        number = function if isinstance(function, int) else self._names.get(name)
        return self._answer.get(number, True) if number is not None else True

    def lacks(self, function: object, name: str, data: object) -> str:
        """What is wrong with the values for a function of the page or an endpoint, which Gradio would stumble over."""
        number = function if isinstance(function, int) else self._names.get(name)
        wanted = self._inputs.get(number) if number is not None else None
        if wanted is None:
            return "fn_index: the page has no such function."
        if not isinstance(data, list) or len(data) < wanted:
            return f"data: must be a list of {wanted} values, null for what is left out."
        return ""

    async def directly(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer what does not pass Gradio's queue, once less than `AT_ONCE` such are answered."""
        self._direct += 1
        try:
            async with self._slots:
                await app(scope, receive, send)
        finally:
            self._direct -= 1


class Limits:
    """Passes on what is within the limits, and answers the rest with status 413, 429 or 503 and a sentence."""

    def __init__(self, app: ASGIApp, askers: Askers, rate: Rate) -> None:
        """Guard `app`, behind the gate, which tells whose a request is."""
        self._app, self._askers, self._rate = app, askers, rate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on, or answer it."""
        posted = scope["type"] == "http" and scope["method"] == "POST"
        if not (posted and scope["path"].startswith((_GRADIO, _TOOLS))):
            await self._app(scope, receive, send)
            return
        body = await body_of(Request(scope, receive), MOST_BYTES)
        if body is None:
            said = f"That is more than {MOST_BYTES // 2**20} MB: ask with less history, or of fewer articles."
            await self._refused(scope, "size", 413, said, 0)(scope, receive, send)
            return
        ask, direct = self._asks(scope["path"], body)
        refusal = self._refusal(scope, body) if ask else None
        lacking = self._lacking(scope["path"], body)
        if refusal is None and lacking:
            refusal = JSONResponse({"detail": lacking}, 422, {"Cache-Control": "no-store"})
        again = replayed(body, receive)
        if refusal is not None:
            await refusal(scope, again, send)
        elif ask and direct:
            await self._askers.directly(self._app, scope, again, send)
        else:
            await self._app(scope, again, _told(send, self._askers.seconds()) if ask else send)

    def _lacking(self, path: str, body: bytes) -> str:
        """What is wrong with what is posted to be answered; "" for nothing, and for what is told elsewhere."""
        named = _QUEUED.fullmatch(path) or _DIRECT.fullmatch(path)
        if "/v2/" in path or not (named or JOIN.fullmatch(path)):
            return ""
        return self._askers.lacks(value_of(body, "fn_index"), named[1] if named else "", value_of(body, "data"))

    def _asks(self, path: str, body: bytes) -> tuple[bool, bool]:
        """(whether it is a question, whether it is answered past Gradio's queue)."""
        if path.rstrip("/") == _TOOLS:
            return value_of(body, "method") in ("tools/call", None), True
        if named := _QUEUED.fullmatch(path):
            return self._askers.is_question(None, named[1]), False
        if named := _DIRECT.fullmatch(path):
            return self._askers.is_question(value_of(body, "fn_index"), named[1]), True
        return bool(JOIN.fullmatch(path)) and self._askers.is_question(value_of(body, "fn_index"), ""), False

    def _refusal(self, scope: Scope, body: bytes) -> Response | None:
        """What to answer to a question too many."""
        wait = self._rate.seconds_to_wait(visit_of(scope).visitor)
        if wait:
            said = f"Only {self._rate.a_minute} questions a minute are answered: ask again in {_seconds(wait)}."
            return self._refused(scope, "rate", 429, said, wait, body)
        waiting = self._askers.counts()[1]
        if waiting >= MOST_WAITING:
            wait = self._askers.seconds()
            said = f"{waiting} questions wait already: ask again in about {_seconds(wait)}."
            return self._refused(scope, "queue", 503, said, wait, body)
        return None

    def _refused(self, scope: Scope, limit: str, status: int, said: str, wait: float, body: bytes = b"") -> Response:
        visit_of(scope).refused = limit
        headers = {"Cache-Control": "no-store"} | ({"Retry-After": str(math.ceil(wait))} if wait else {})
        content: dict[str, Any] = {"detail": said}
        if scope["path"].startswith(_TOOLS):  # as its protocol has it, so that the client shows the sentence
            number = value_of(body, "id")
            known = number if isinstance(number, str | int) else None
            content = {"jsonrpc": "2.0", "id": known, "error": {"code": -32000, "message": said}}
        return JSONResponse(content, status, headers)


def value_of(body: bytes, key: str) -> object:
    """A value of a JSON object; None where there is none, or it is no such object."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found.get(key) if isinstance(found, dict) else None


def replayed(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives the body that was read once more."""
    given = False

    async def received() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return received


def _told(send: Send, seconds: float) -> Send:
    """A `send` that tells how long the question will wait, where that is worth telling."""

    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message)[WAIT_HEADER] = str(math.ceil(seconds))
        await send(message)

    return sent if seconds >= _WORTH_TELLING else send


def _seconds(wait: float) -> str:
    whole = max(1, math.ceil(wait))
    return f"{whole} second{'' if whole == 1 else 's'}"
