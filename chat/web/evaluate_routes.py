"""`/evaluate/…`: what the tab's script asks for; run, cancel, how far it is, what was found, and as files."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, JSONResponse, Response

from chat.evaluation.report import report_page
from chat.evaluation.table import printable
from chat.web.evaluate_page import result_html, tab_html
from chat.web.evaluate_runs import MOST_BYTES, Evaluations, Finished, Upload
from chat.web.own_page import body_of
from chat.web.service import Service
from indexer import QuestionFileError, QuotewireError

_LONGEST_NAME = 120


def evaluate_routes(service: Service) -> APIRouter:
    """The routes; what a visitor can mend is answered with status 422 and `problem`, a sentence."""
    evaluations = Evaluations(service)

    @asynccontextmanager
    async def lifespan(_: object) -> AsyncIterator[None]:
        yield
        await run_in_threadpool(evaluations.stop)

    routes = APIRouter(prefix="/evaluate", lifespan=lifespan)

    @routes.get("/tab")
    def tab() -> HTMLResponse:
        return HTMLResponse(tab_html(evaluations.files()))

    @routes.get("/state")
    def state() -> dict[str, Any]:
        run, finished = evaluations.state, evaluations.finished
        shown = {key: getattr(run, key) for key in ("number", "name", "running", "done", "total", "ended", "said")}
        return shown | {"result": finished.number if finished else 0}

    @routes.post("/run")
    async def run(request: Request, file: str = "", name: str = "") -> JSONResponse:
        try:
            if file:
                source: Path | Upload = _known(evaluations, file)
            else:
                source = await _uploaded(request, _base_name(name))
            return JSONResponse({"key": await run_in_threadpool(evaluations.start, source)})
        except QuotewireError as error:
            return JSONResponse({"problem": str(error)}, 422)

    @routes.post("/cancel")
    def cancel(key: str = "") -> dict[str, bool]:
        return {"cancelled": evaluations.cancel(key)}

    _add_results(routes, evaluations)
    return routes


def _add_results(routes: APIRouter, evaluations: Evaluations) -> None:
    @routes.get("/result")
    def result() -> HTMLResponse:
        finished = evaluations.finished
        return HTMLResponse(result_html(finished) if finished else "")

    @routes.get("/results.jsonl")
    def results(number: int = 0) -> Response:
        return _download(_run(evaluations, number).results, "application/jsonl", "results.jsonl")

    @routes.get("/report.html")
    def report(number: int = 0) -> Response:
        return _download(report_page(_run(evaluations, number).evaluation), "text/html", "report.html")


def _known(evaluations: Evaluations, file: str) -> Path:
    """The file of this name among those that the server offers: none else is ever opened."""
    for path in evaluations.files():
        if str(path) == file:
            return path
    raise QuotewireError(f"{printable(file)}: is no question file of this server any more: reload the page")


async def _uploaded(request: Request, name: str) -> Upload:
    data = await body_of(request, MOST_BYTES)
    if data is None:
        raise QuestionFileError(
            f"{name}: is larger than {MOST_BYTES // 1_000_000} MB: split it, or run python -m chat evaluate"
        )
    return Upload(name, data)


def _base_name(name: str) -> str:
    last = PurePosixPath(PureWindowsPath(printable(name)).name).name
    return last[-_LONGEST_NAME:] or "questions.jsonl"


def _run(evaluations: Evaluations, number: int) -> Finished:
    finished = evaluations.finished
    if finished is None or finished.number != number:
        raise HTTPException(404, "Other questions have been run since: run yours again.")
    return finished


def _download(text: str, media_type: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text.encode("utf-8", "backslashreplace"), media_type=media_type, headers=headers)
