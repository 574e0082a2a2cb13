"""`/healthz` and `/metrics`: what a load balancer and a monitor ask for every few seconds."""

from dataclasses import asdict, dataclass

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST

from chat.web.limits import Askers
from chat.web.service import Service
from chat.web.visit import visit_of
from chat.web.watch import Watch
from indexer import NotReady, QuotewireError

HEALTH = "/healthz"
_BEING_BUILT = "The index is being built for the first time, or mended; the log says which."
_NOT_BUILT = "The index could not be built; the log says why."
_NOT_READ = "The index cannot be read; the log says why."
_OLD = "The newest index cannot be made or used, and the one before it answers; the log says why."
_STOPPING = "The server is stopping."


@dataclass(frozen=True, slots=True)
class Health:
    """Whether questions are answered, from what, and what is wrong. It names no article and no folder."""

    alive: bool = True
    ready: bool = False
    generation: str = ""
    articles: int = 0
    passages: int = 0
    built: str = ""
    problem: str = ""


def health(service: Service, watch: Watch) -> Health:
    """How it is now."""
    failed = bool(service.build_state.problem)
    try:
        assistant = service.assistant
        manifest = assistant.index.manifest
    except NotReady:
        return Health(problem=_NOT_BUILT if failed else _BEING_BUILT)
    except QuotewireError:
        return Health(problem=_NOT_READ)
    ending = watch.ending.is_set()
    problem = _STOPPING if ending else _OLD if failed or assistant.fault else ""
    of_index = (manifest.generation, len(manifest.articles), manifest.passages, manifest.built)
    return Health(True, not ending, *of_index, problem)


def health_routes(service: Service, watch: Watch, askers: Askers) -> APIRouter:
    """The routes. A stranger, whom the gate lets through to the first alone, hears only whether we live and answer."""
    routes = APIRouter()
    watch.metrics.shows(service, askers.counts)

    @routes.get(HEALTH)
    def healthz(request: Request) -> JSONResponse:
        found = health(service, watch)
        told = {"alive": found.alive, "ready": found.ready}
        if not visit_of(request.scope).stranger:
            answering, waiting = askers.counts()
            now = {"answering": answering, "waiting": waiting, "seconds_to_wait": round(askers.seconds(), 1)}
            told = asdict(found) | now
        return JSONResponse(told, 200 if found.ready else 503, {"Cache-Control": "no-store"})

    @routes.get("/metrics")
    def metrics() -> Response:
        return Response(watch.metrics.text(), media_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})

    return routes
