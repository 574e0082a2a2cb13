"""A language model behind an OpenAI-compatible endpoint: one call, streamed, within a set time and size.

ModelFault is raised for whatever goes wrong with it; its message is one line for the reader of an answer, and never
holds what the server said, which may hold a key. The key is read from OPENAI_API_KEY for each call and kept nowhere.
"""

import asyncio
import logging
import os
import queue
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from chat.llm.model_reply import ModelFault, Received, Reply, Stopped
from indexer import QuotewireError

if TYPE_CHECKING:
    from openai import AsyncOpenAI

log = logging.getLogger(__name__)

DEFAULT_URL = "https://api.openai.com/v1"
SECONDS = 60.0
MOST_TOKENS = 1500
_CHARACTERS_A_TOKEN = 8
_MOST_AT_ONCE = 4
_RETRIES = 2
_SECONDS_TO_CONNECT = 10.0
_POLL, _SILENCE = 0.05, 0.5
# What a server may refuse, in the order in which it is given up, and how it names it in its refusal.
_OPTIONAL = ("response_format", "stream_options", "temperature", "seed")


class Model:
    """A model by its server's address and its name; safe to use from many threads at once."""

    def __init__(
        self,
        url: str,
        name: str,
        *,
        seconds: float = SECONDS,
        most_tokens: int = MOST_TOKENS,
        at_once: int = _MOST_AT_ONCE,
    ) -> None:
        """`seconds` is the longest that a call may take from beginning to end, `at_once` how many may run.

        Raises `QuotewireError` if `url` is no address or there is no name.
        """
        if not url.startswith(("http://", "https://")) or "@" in url.split("/")[2]:
            raise QuotewireError(
                f"--llm-url {url.split('@')[-1]}: is no http:// or https:// address without a password in it; "
                "write it like http://127.0.0.1:11434/v1"
            )
        if not name.strip():
            raise QuotewireError(
                "--llm-url needs the model's name too: add --llm-model NAME, or set QUOTEWIRE_LLM_MODEL"
            )
        self.url, self.name, self.seconds = url.rstrip("/"), name, seconds
        self.most_tokens = most_tokens
        self._free = threading.BoundedSemaphore(at_once)
        self._refused: frozenset[str] = frozenset()

    def stream(
        self,
        messages: Sequence[dict[str, str]],
        schema: dict[str, Any],
        stop: threading.Event | None = None,
        seconds: float | None = None,
    ) -> Iterator[str | Reply]:
        """The reply's text in pieces as it comes in, "" now and then while it does not; at last the whole `Reply`.

        Raises `ModelFault` after `seconds` at the latest (by default the model's own), `Stopped` once `stop` is set.
        """
        until = time.monotonic() + (self.seconds if seconds is None else min(seconds, self.seconds))
        while not self._free.acquire(timeout=_POLL):
            self._check(until, stop, "was busy with other questions")
        call = _Call(self, list(messages), schema, until - time.monotonic())
        thread = threading.Thread(target=self._run, args=(call,), name="language-model", daemon=True)
        thread.start()
        try:
            yield from self._pieces(call, until, stop)
        finally:
            call.cancel()

    def _pieces(self, call: "_Call", until: float, stop: threading.Event | None) -> Iterator[str | Reply]:
        silent = 0.0
        while True:
            try:
                piece = call.pieces.get(timeout=_POLL)
            except queue.Empty:
                self._check(until, stop, "did not answer in time")
                silent += _POLL
                if silent >= _SILENCE:  # whoever waits may see that it goes on, or stop it
                    silent = 0.0
                    yield ""
                continue
            if isinstance(piece, Exception):
                raise piece
            yield piece
            if isinstance(piece, Reply):
                return
            self._check(until, stop, "did not answer in time")

    def _check(self, until: float, stop: threading.Event | None, why: str) -> None:
        if stop is not None and stop.is_set():
            raise Stopped("stopped")
        if time.monotonic() > until:
            raise ModelFault(f"The language model {why}.")

    def _run(self, call: "_Call") -> None:
        try:
            call.run()
        finally:
            self._free.release()

    def refused(self) -> frozenset[str]:
        """The parameters that the server has refused so far."""
        return self._refused

    def refuses(self, parameter: str) -> None:
        """Leave a parameter out from now on."""
        self._refused |= {parameter}


class _Call:
    """One call in a thread of its own, with an event loop of its own, so that it can be ended at any moment."""

    def __init__(self, model: Model, messages: list[dict[str, str]], schema: dict[str, Any], seconds: float) -> None:
        self.model, self.messages, self.schema, self.seconds = model, messages, schema, max(seconds, 0.1)
        self.pieces: queue.SimpleQueue[str | Reply | Exception] = queue.SimpleQueue()
        self._task: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._cancelled = False
        self._lock = threading.Lock()

    def cancel(self) -> None:
        """End the call, if it still runs; its connection is closed."""
        with self._lock:
            self._cancelled = True
            if self._loop and self._task and not self._loop.is_closed():
                with suppress(RuntimeError):  # the loop was closed between the two lines
                    self._loop.call_soon_threadsafe(self._task.cancel)

    def run(self) -> None:
        """Run the call to its end; what it gives, and what goes wrong, is put into `pieces`."""
        try:
            asyncio.run(self._main())
        except asyncio.CancelledError:
            pass
        except Exception as error:
            self.pieces.put(_fault(error, self.model))

    async def _main(self) -> None:
        with self._lock:
            self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
            if self._cancelled:
                return
        from openai import AsyncOpenAI  # half a second, and most people have no model

        key = os.environ.get("OPENAI_API_KEY", "").strip() or "none"
        async with (
            asyncio.timeout(self.seconds),
            AsyncOpenAI(
                base_url=self.model.url,
                api_key=key,
                max_retries=_RETRIES,
                timeout=max(self.seconds, _SECONDS_TO_CONNECT),
            ) as client,
        ):
            await self._ask(client)

    async def _ask(self, client: "AsyncOpenAI") -> None:
        """Ask, and where the server refuses a parameter ask again without it."""
        from openai import BadRequestError, NotFoundError, UnprocessableEntityError

        while True:
            parameters = self._parameters()
            try:
                await self._read(client, parameters)
                return
            except (BadRequestError, NotFoundError, UnprocessableEntityError) as error:
                unwanted = _unwanted(error, parameters)
                if not unwanted:
                    raise
                log.info("the model's server refuses %s: it is left out", unwanted)
                self.model.refuses(unwanted)

    def _parameters(self) -> dict[str, Any]:
        refused = self.model.refused()
        limit = "max_completion_tokens" if "max_tokens" in refused else "max_tokens"
        wanted: dict[str, Any] = {
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "reply", "strict": True, "schema": self.schema},
            },
            "stream_options": {"include_usage": True},
            "temperature": 0,
            "seed": 0,
            limit: self.model.most_tokens,
        }
        return {name: value for name, value in wanted.items() if name not in refused}

    async def _read(self, client: "AsyncOpenAI", parameters: dict[str, Any]) -> None:
        began = time.monotonic()
        received = Received(_CHARACTERS_A_TOKEN * self.model.most_tokens)
        create: Any = client.chat.completions.with_streaming_response.create
        async with create(model=self.model.name, messages=self.messages, stream=True, **parameters) as response:
            async for chunk in response.iter_bytes():
                for piece in received.feed(chunk):
                    self.pieces.put(piece)
                if received.done:
                    break
            for piece in received.end():
                self.pieces.put(piece)
        self.pieces.put(received.reply(time.monotonic() - began))


def _unwanted(error: Any, parameters: dict[str, Any]) -> str:
    """Which parameter a refusal is about: the one that it names, else the next that may be given up; "" if none."""
    said = f"{getattr(error, 'param', '')} {error}".lower()
    if "max_tokens" in parameters and "max_completion_tokens" in said:
        return "max_tokens"
    held = [name for name in _OPTIONAL if name in parameters]
    if "json_schema" in said or "schema" in said or "grammar" in said:
        held.sort(key=lambda name: name != "response_format")
    named = [name for name in held if name in said]
    if getattr(error, "status_code", 0) == 404 and not named:
        return ""
    return next(iter(named + held), "")


def _fault(error: Exception, model: Model) -> Exception:
    """What went wrong, in our own words."""
    if isinstance(error, ModelFault):
        return error
    import openai

    if isinstance(error, TimeoutError | openai.APITimeoutError):
        return ModelFault("The language model did not answer in time.")
    if isinstance(error, openai.RateLimitError):
        return ModelFault("The language model's server is overloaded, or its quota is used up.")
    if isinstance(error, openai.AuthenticationError | openai.PermissionDeniedError | UnicodeError):
        return ModelFault("The language model's server refuses the key in OPENAI_API_KEY.")
    if isinstance(error, openai.NotFoundError):
        return ModelFault(
            f"The language model's server does not know the model “{model.name}”, or the address is wrong."
        )
    if isinstance(error, openai.APIStatusError):
        return ModelFault(f"The language model's server refused the question (status {error.status_code}).")
    library = type(error).__module__.split(".")[0]
    if isinstance(error, openai.APIError | OSError) or library.startswith(("httpx", "httpcore", "h11")):
        return ModelFault("The language model's server could not be reached.")
    log.error("the language model could not be asked", exc_info=error)
    return ModelFault("The language model could not be asked; the log says why.")


def model_from(url: str | None, name: str | None) -> Model | None:
    """The model that the options or OPENAI_BASE_URL and QUOTEWIRE_LLM_MODEL name; None where they name none.

    Nothing but a model's name makes one be asked: an address or a key in the environment alone does not.
    """
    name = name or os.environ.get("QUOTEWIRE_LLM_MODEL") or ""
    if not name and not url:
        return None
    return Model(url or os.environ.get("OPENAI_BASE_URL") or DEFAULT_URL, name)
