"""One request, as the log, the limits and the figures know it."""

import secrets
import sys
import time
from contextvars import ContextVar
from dataclasses import dataclass, field

from starlette.types import Scope

KEY = "quotewire.visit"
_CURRENT: ContextVar["Visit | None"] = ContextVar("visit", default=None)


@dataclass(slots=True)
class Visit:
    """A request: its id, where it leads, when it came (of `time.monotonic`).

    `visitor` tells whose it is, once the gate has let it in: a session, a proxy's user, or an address. `refused` says
    which limit it met, if any; `stranger` that only those may be told more than that we live who have proved who they
    are, and that it has not.
    """

    path: str
    method: str = ""
    id: str = field(default_factory=lambda: secrets.token_hex(8))
    arrived: float = field(default_factory=time.monotonic)
    visitor: str = ""
    refused: str = ""
    stranger: bool = False


def visit_of(scope: Scope) -> Visit:
    """The visit that a request is, begun now if nobody has yet; what is logged meanwhile is logged with its id."""
    found = scope.get(KEY)
    if not isinstance(found, Visit):
        found = scope[KEY] = Visit(scope["path"], scope.get("method", ""))
    _CURRENT.set(found)
    return found


def current_visit() -> Visit | None:
    """The visit that is answered in this task or thread; Gradio answers its own in tasks that know nothing of them."""
    context = sys.modules.get("gradio.context")
    request = context.LocalContext.request.get(None) if context else None
    asked = getattr(request, "request", None)
    found = asked.scope.get(KEY) if asked is not None else _CURRENT.get()
    return found if isinstance(found, Visit) else None
