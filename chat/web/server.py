"""The web server: an address to listen on, the application of all routes and the page, a clean stop."""

import logging
import os
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from importlib.resources import files
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles

from chat.assistant import Assistant
from chat.web import article_page
from chat.web.access import NOTHING_ASKED, Access
from chat.web.api import endpoints
from chat.web.article_routes import article_routes
from chat.web.ending import Ending, NewRequestsRefused
from chat.web.evaluate_routes import evaluate_routes
from chat.web.feedback_routes import feedback_routes
from chat.web.gate import Gate
from chat.web.headers import SameOriginOnly
from chat.web.health import health_routes
from chat.web.library_routes import library_routes
from chat.web.limits import QUESTIONS_A_MINUTE, Askers, Limits, Rate
from chat.web.mcp_tools import McpTools
from chat.web.memory import giving_back, limit_arenas
from chat.web.request_log import RequestLog, log_as_json
from chat.web.service import FEEDBACK, Service
from chat.web.streams import StreamsEndFirst
from chat.web.unused import UnusedNotServed
from chat.web.watch import AS_USUAL, Operating, Watch
from indexer import IN_FILES, Place, QuotewireError

_STATIC = str(files("chat.web") / "static")
_SECONDS_TO_STOP, _SECONDS_TO_ANSWER = 1, 8
# Read as gradio is imported. It keeps figures of its own, which cost 60 ms a question once there were 10,000 of them.
_GRADIO = {
    "GRADIO_ANALYTICS_ENABLED": "False",
    "GRADIO_ANALYTICS_MAX_EVENTS": "1",
    "GRADIO_ANALYTICS_CACHE_FREQUENCY": "1000000000",
    "HF_HUB_OFFLINE": "1",
}


def serve(
    corpus: Path,
    index: Path,
    host: str,
    port: int,
    questions: Sequence[Path] = (),
    feedback: Path = FEEDBACK,
    access: Access = NOTHING_ASKED,
    opened: Callable[[Path], Assistant] = Assistant,
    operating: Operating = AS_USUAL,
    place: Place = IN_FILES,
) -> None:
    """Serve the chat until SIGINT or SIGTERM, following the corpus; where there is no index, it is built meanwhile.

    Once it is to stop, answers that were asked for are brought, for at most 8 seconds, and new requests refused.
    Where it asks nobody who they are on loopback, its one visitor may ask any number of questions a minute.
    Port 0 takes a free one. Raises `QuotewireError` where the address cannot be listened on, or can be reached from
    other machines while `access` does not say who may come in, and what `Assistant` raises. An index at a `place`
    that does not build itself must be there; it and the articles are not changed from here.
    """
    limit_arenas()
    with _listener(host, port) as listener:
        loopback = _is_loopback(listener)
        access.must_be_safe_on(host, loopback=loopback)
        editable = place.builds_itself and (loopback or access.asks)
        log_as_json()
        service = Service(
            corpus, index, editable=editable, questions=questions, feedback=feedback, opened=opened, place=place
        )
        if operating.questions_a_minute is None:
            operating = replace(operating, questions_a_minute=0 if loopback and not access.asks else QUESTIONS_A_MINUTE)
        app = application(service, replace(access, names=(*access.names, host.lower())), operating)
        # What a proxy says of its visitors counts only from the proxy that `access` names: see `Caller`.
        calm: dict[str, Any] = {"log_level": "warning", "timeout_graceful_shutdown": _SECONDS_TO_STOP}
        calm |= {"log_config": None, "access_log": False, "lifespan": "on"}  # ours has a line for every request
        config = uvicorn.Config(app, proxy_headers=False, **calm)
        server = _Server(config, _address(listener), app.state.ended)
        with _signals_end_the_server_alone(), giving_back(), service.following():
            server.run(sockets=[listener])


def application(service: Service, access: Access = NOTHING_ASKED, operating: Operating = AS_USUAL) -> FastAPI:
    """The web application: `/` the page, `/articles/…` the articles, `/quotewire/` our own files, `/mcp` the tools,
    `/healthz` and `/metrics` for who operates it.

    It serves once: the tools cannot be started again. `state.ended` ends it: see `Ending.wait`.
    """
    os.environ.update(_GRADIO)
    import gradio as gr

    from chat.web.conversation import Conversation
    from chat.web.page import HEAD, page, theme

    watch = Watch(log_questions=operating.log_questions)
    tools = McpTools(service, watch)
    unlisted: dict[str, Any] = {"docs_url": None, "redoc_url": None, "openapi_url": None}
    app = FastAPI(title="Quotewire", lifespan=lambda _: tools.running(), **unlisted)

    @app.exception_handler(QuotewireError)
    async def problem(request: Request, error: QuotewireError) -> HTMLResponse:
        return HTMLResponse(article_page.problem_page(str(error)), 503)

    app.mount("/quotewire", StaticFiles(directory=_STATIC))
    app.router.routes.append(tools.route)
    app.include_router(article_routes(service))
    app.include_router(library_routes(service))
    app.include_router(evaluate_routes(service))
    app.include_router(feedback_routes(service))
    conversation = Conversation(service, watch)
    conversation.examples()  # so that the first question is answered as fast as the next
    looks = {"theme": theme(), "head": HEAD, "favicon_path": f"{_STATIC}/icon.svg", "footer_links": []}
    blocks = page(conversation, log_out=bool(access.password))
    askers, ending = Askers(blocks, watch), Ending(watch.ending)
    app.state.ended = partial(ending.wait, lambda: sum(askers.counts()))
    app.include_router(health_routes(service, watch, askers))
    gr.mount_gradio_app(app, blocks, "/", run_history=False, ssr_mode=False, pwa=False, **looks)
    # A request passes the last one first.
    names = [endpoint.__name__ for endpoint in endpoints(service)]
    app.add_middleware(UnusedNotServed, endpoints=names, blocks=blocks)
    app.add_middleware(StreamsEndFirst)
    app.add_middleware(Limits, askers=askers, rate=Rate(operating.questions_a_minute or 0))
    app.add_middleware(Gate, access=access)
    app.add_middleware(SameOriginOnly)
    app.add_middleware(NewRequestsRefused, ending=ending)
    app.add_middleware(RequestLog, watch=watch)
    return app


def _is_loopback(listener: socket.socket) -> bool:
    return ip_address(listener.getsockname()[0].split("%")[0]).is_loopback


def _listener(host: str, port: int) -> socket.socket:
    """A socket bound to the address, before anything is loaded: a port in use is told at once."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.socket(family, socket.SOCK_STREAM)
    except OSError as error:
        raise QuotewireError(f"{host}: is no address of this machine ({error}); choose another with --host") from error
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except (OSError, OverflowError) as error:
        listener.close()
        raise QuotewireError(
            f"cannot listen on {host}:{port} ({error}): stop the program that does, or choose another with --port"
        ) from error
    return listener


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@contextmanager
def _signals_end_the_server_alone() -> Iterator[None]:
    """Uvicorn raises the signal that stopped it once more: it ends here, so that what follows is put away too."""
    kept = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)


class _Server(uvicorn.Server):
    """Uvicorn, which says where it listens once it does, and ends as it should: what was asked is answered first."""

    def __init__(self, config: uvicorn.Config, address: str, ended: Callable[..., Awaitable[None]]) -> None:
        super().__init__(config)
        self._address, self._ended = address, ended

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        print(f"Quotewire listens on {self._address} (stop with Ctrl-C)", flush=True)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self._ended(_SECONDS_TO_ANSWER, lambda: self.force_exit)
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
        await super().shutdown(sockets)
