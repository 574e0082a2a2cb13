"""What Gradio offers beside what the page and the endpoints need is not served: it takes files, or ends in errors."""

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

if TYPE_CHECKING:
    from collections.abc import Collection

    from gradio import Blocks

_UNUSED = re.compile(
    r"/(?:pwa_icon|monitoring)(?:/.*)?"
    r"|/gradio_api/(?:deep_link|dev|custom_component|stream|process_recording|upload|upload_progress|component_server"
    r"|runs|run-history|(?:undo-)?vibe-[a-z-]+)(?:/.*)?"
    r"|/gradio_api/(?:proxy|file)[=/].*",
    re.DOTALL,
)
_ENDPOINT = re.compile(r"/gradio_api/(?:run|api|call/v2|call)/(?!v2/)([^/]*)(?:/(.*))?", re.DOTALL)
EVENTS = re.compile(r"/gradio_api/queue/data/?")
_PAGE = ("/", "/config", "/config/")


class UnusedNotServed:
    """The ASGI layer that answers 404 to what nobody needs, and keeps from Gradio's page what it does not expect."""

    def __init__(self, app: ASGIApp, endpoints: "Collection[str]", blocks: "Blocks") -> None:
        """Wrap `app`, which serves the page `blocks` and its endpoints of these names."""
        self._app, self._endpoints, self._blocks = app, endpoints, blocks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on, or answer that there is no such thing."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif self._is_none(scope["path"], scope["query_string"]):
            await JSONResponse({"detail": "There is no such page, endpoint or answer."}, 404)(scope, receive, send)
        else:
            # Gradio reads a page's name and a “deep link” out of the query, and fails on any that it does not know.
            plain = {**scope, "query_string": b""} if scope["path"] in _PAGE else scope
            await self._app(plain, receive, send)

    def _is_none(self, path: str, query: bytes) -> bool:
        """Whether it is not served, or no answer is on its way where one is fetched: Gradio would break off there."""
        named = _ENDPOINT.fullmatch(path)
        if _UNUSED.fullmatch(path) or (named and named[1] not in self._endpoints):
            return True
        if named and named[2]:
            return not self._is_coming(named[2].rstrip("/"))
        if EVENTS.fullmatch(path):
            return not self._is_coming(session_of(query))
        return False

    def _is_coming(self, name: str) -> bool:
        """Whether the queue holds an answer, or will, for the event or session of this name."""
        queue = self._blocks._queue
        held = name in queue.pending_messages_per_session or name in queue.event_ids_to_events
        return held or any(name in events for events in list(queue.pending_event_ids_session.values()))


def session_of(query: bytes) -> str:
    """The page's session that a query for its answers names, "" for none."""
    return parse_qs(query.decode("latin-1")).get("session_hash", [""])[0]
