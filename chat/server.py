"""The web server: the chat page, the articles with their quotes, and a thread that follows the corpus."""

import logging
import os
import re
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from urllib.parse import quote as url_quote

import uvicorn
from fastapi import FastAPI, Query, Request
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles

from chat import article_page
from chat.assistant import Assistant
from chat.headers import SameOriginOnly
from indexer import BuildReport, Index, IndexMissing, ProgressBar, QuotewireError, build, watch

log = logging.getLogger(__name__)
_STATIC = str(files("chat") / "static")
_INTERVAL = re.compile(r"(\d{1,12})-(\d{1,12})\Z", re.ASCII)
_OTHERS = 50
_SECONDS_TO_STOP = 1
_SECONDS_AFTER_A_FAULT = 5.0


def serve(corpus: Path, index: Path, host: str, port: int) -> None:
    """Serve the chat until SIGINT or SIGTERM, following the corpus; the index is built first if there is none.

    Port 0 takes a free one. Raises `QuotewireError` where the address cannot be listened on, and what `build` and
    `Assistant` raise.
    """
    with _listener(host, port) as listener:
        assistant = _assistant(corpus, index)
        app = application(assistant, corpus)
        config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=_SECONDS_TO_STOP)
        server = _Server(config, _address(listener))
        with _signals_end_the_server_alone(), _following(corpus, index, assistant):
            server.run(sockets=[listener])


def application(assistant: Assistant, corpus: Path) -> FastAPI:
    """The web application: `/` the chat, `/articles` and `/articles/{path}` the articles, `/quotewire/` our files."""
    os.environ.update(GRADIO_ANALYTICS_ENABLED="False", HF_HUB_OFFLINE="1")  # both are read as gradio is imported
    import gradio as gr

    from chat.conversation import Conversation
    from chat.page import HEAD, page, theme

    app = FastAPI(title="Quotewire", docs_url=None, redoc_url=None, openapi_url=None)
    app.mount("/quotewire", StaticFiles(directory=_STATIC))
    _add_articles(app, assistant)
    conversation = Conversation(assistant, corpus)
    conversation.examples()  # so that the first question is answered as fast as the next
    looks = {"theme": theme(), "head": HEAD, "favicon_path": f"{_STATIC}/icon.svg", "footer_links": []}
    gr.mount_gradio_app(app, page(conversation), "/", run_history=False, ssr_mode=False, pwa=False, **looks)
    app.add_middleware(SameOriginOnly)
    return app


def _add_articles(app: FastAPI, assistant: Assistant) -> None:
    @app.exception_handler(QuotewireError)
    async def problem(request: Request, error: QuotewireError) -> HTMLResponse:
        return HTMLResponse(article_page.problem_page(str(error)), 503)

    @app.get("/articles")
    def articles() -> HTMLResponse:
        entries = assistant.index.articles
        return HTMLResponse(article_page.list_page(entries, [f"/articles/{url_quote(e.path)}" for e in entries]))

    @app.get("/articles/{path:path}")
    def article(
        request: Request, path: str, start: str = "", end: str = "", claimed: str = Query("", alias="hash"),
        also: str = "", panel: str = "",
    ) -> HTMLResponse:
        index = assistant.index
        number = index.article_number(path)
        if number is None:
            return HTMLResponse(article_page.unknown_page(path), 404)
        entry, record = index.articles[number], index.record(number)
        others = [span for part in also.split(",")[:_OTHERS] if (span := _interval(part))]
        quote = _interval(f"{start}-{end}") or ((0, 0) if start or end else None)
        marks = article_page.highlights(record.text, entry.content_hash, claimed, quote, others)
        aside = article_page.not_content(record.text, record.sentences)
        link = str(request.url.remove_query_params("panel").replace(scheme="", netloc=""))
        make = article_page.article_fragment if panel else article_page.article_page
        return HTMLResponse(make(entry, record.text, marks, aside, link))


def _interval(text: str) -> tuple[int, int] | None:
    found = _INTERVAL.match(text)
    return (int(found[1]), int(found[2])) if found else None


def _assistant(corpus: Path, index: Path) -> Assistant:
    """The assistant on the index; it is built first if there is none."""
    try:
        Index.open(index).close()
    except IndexMissing:
        with ProgressBar("embedding", "passages") as bar:
            _report(build(corpus, index, progress=bar.show))
    return Assistant(index)


@contextmanager
def _following(corpus: Path, index: Path, assistant: Assistant) -> Iterator[None]:
    """A thread that builds whenever the corpus changes; a fault is logged, and it goes on."""
    stop = threading.Event()

    def rebuild() -> BuildReport:
        return build(corpus, index, embedder=assistant.embedder)

    def follow() -> None:
        while not stop.is_set():
            try:
                watch(corpus, rebuild, _report, stop)
            except Exception as error:
                log.error("%s is not followed for a moment: %s", corpus, error, exc_info=not isinstance(error, OSError))
                stop.wait(_SECONDS_AFTER_A_FAULT)

    thread = threading.Thread(target=follow, name="follower")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _report(report: BuildReport) -> None:
    """Tell what a build did, if anything."""
    for path, reason in report.skipped:
        log.warning("skipped: %s: %s", path, reason)
    if report.added or report.changed or report.removed:
        changes = f"{len(report.added)} added, {len(report.changed)} changed, {len(report.removed)} removed"
        print(f"articles: {changes}, {report.unchanged} unchanged; {report.seconds:.1f} s", flush=True)


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
    """Uvicorn, which says where it listens once it does, and nothing of the open pages that it leaves."""

    def __init__(self, config: uvicorn.Config, address: str) -> None:
        super().__init__(config)
        self._address = address

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        print(f"Quotewire listens on {self._address} (stop with Ctrl-C)", flush=True)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
        await super().shutdown(sockets)
