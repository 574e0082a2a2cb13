"""The ASGI layer that every request passes first: none from a foreign page, and none without the password."""

import hashlib
import hmac
import logging
import math
import time
from base64 import b64decode
from collections.abc import Awaitable, Callable
from importlib.resources import files
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chat.web.access import Access, Caller
from chat.web.health import HEALTH
from chat.web.login_page import login_page, logout_page
from chat.web.sessions import LONGEST_SECONDS, Clock, Sessions, Throttle, digest, network
from chat.web.visit import visit_of

log = logging.getLogger(__name__)
COOKIE = "quotewire_session"
_MOST_BYTES = 8192
_LONGEST_USER = 200
_NO_STORE = {"Cache-Control": "no-store"}
_STYLE = (files("chat.web") / "static" / "login.css").read_text(encoding="utf-8")


class Gate:
    """Passes on what may come in, answers the rest itself, and keeps the sessions."""

    def __init__(self, app: ASGIApp, access: Access, clock: Clock = time.monotonic) -> None:
        """Guard `app`; `clock` counts seconds."""
        self._app, self._access = app, access
        self._sessions, self._throttle = Sessions(clock), Throttle(clock)
        self._password = hashlib.sha256(access.password.encode()).digest()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on, or answer it."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        caller = Caller(connection, self._access)
        visit_of(scope).visitor = self._visitor(connection, caller)
        refusal = await self._answer(connection, caller, receive)
        if refusal is None:
            await self._app(scope, receive, _private(send) if self._access.asks else send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008, "reason": "refused"})
        else:
            await refusal(scope, receive, send)

    async def _answer(self, connection: HTTPConnection, caller: Caller, receive: Receive) -> Response | None:
        """What to answer instead of passing the request on; None to pass it on."""
        if caller.is_misdirected:
            return _refused(
                "Quotewire does not know itself by this host name: open it by its address, or start it with "
                "--public-host NAME.",
                421,
            )
        if caller.is_cross_site:
            return _refused("This request comes from a page of another site, which may not do that.", 403)
        if not self._access.asks or caller.is_vouched_for:
            return None
        if connection.scope["path"] == HEALTH and self._is_stranger(connection):
            visit_of(connection.scope).stranger = True
            return None
        if not self._access.password:
            return _refused("Log in at the proxy in front of this Quotewire; it did not say who you are.", 401)
        page = _PAGES.get(connection.scope["path"])
        if page and connection.scope["type"] == "http":
            return await page(self, Request(connection.scope, receive), caller)
        if self._sessions.holds(connection.cookies.get(COOKIE, "")):
            return None
        return self._by_credentials(connection, caller)

    def _is_stranger(self, connection: HTTPConnection) -> bool:
        """Whether it shows no sign of having been let in, nor tries to be."""
        known = bool(self._access.password) and self._sessions.holds(connection.cookies.get(COOKIE, ""))
        return not known and (connection.headers.get("authorization") is None or not self._access.password)

    def _visitor(self, connection: HTTPConnection, caller: Caller) -> str:
        """Whose request it is, as the limits count it: the proxy's user's, a session's, or an address's."""
        token = connection.cookies.get(COOKIE, "")
        if caller.user:
            return f"user {caller.user[:_LONGEST_USER]}"
        if self._access.password and self._sessions.holds(token):
            return f"session {digest(token).hex()[:16]}"
        return f"address {network(caller.address)}"

    def _by_credentials(self, connection: HTTPConnection, caller: Caller) -> Response | None:
        """Let in who sends the password with the request; send a browser to the log-in page."""
        given = connection.headers.get("authorization")
        if given is None:
            if connection.scope.get("method") == "GET" and "text/html" in connection.headers.get("accept", ""):
                query = connection.scope["query_string"].decode("latin-1")
                target = connection.scope["raw_path"].decode("latin-1") + (f"?{query}" if query else "")
                return RedirectResponse(f"/login?{urlencode({'next': target})}", 303, _NO_STORE)
            return _refused("Send the password as “Authorization: Bearer PASSWORD”, or log in at /login.", 401)
        wait = self._throttle.seconds_to_wait(caller.address)
        if wait:
            return _too_many(PlainTextResponse(_slowly(wait), 429), wait)
        if self._is_right(_credential(given), caller):
            return None
        return _refused("The password is wrong.", 401)

    def _is_right(self, given: str, caller: Caller) -> bool:
        """Whether it is the password, told in a time that does not depend on it; failures are counted and logged."""
        right = hmac.compare_digest(hashlib.sha256(given.encode("utf-8", "surrogateescape")).digest(), self._password)
        if right:
            self._throttle.succeeded(caller.address)
        else:
            self._throttle.failed(caller.address)
            log.warning("a wrong password came from %s", caller.address or "an unknown address")
        return right

    async def _log_in(self, request: Request, caller: Caller) -> Response:
        if request.method in ("GET", "HEAD"):
            target = same_site(request.query_params.get("next", ""))
            if self._sessions.holds(request.cookies.get(COOKIE, "")):
                return RedirectResponse(target, 303, _NO_STORE)
            return HTMLResponse(login_page(target), headers=_NO_STORE)
        if request.method != "POST":
            return _refused("This page is opened by GET or POST.", 405)
        form = await _form(request)
        target = same_site(form.get("next", ""))
        wait = self._throttle.seconds_to_wait(caller.address)
        if wait:
            return _too_many(HTMLResponse(login_page(target, _slowly(wait)), 429), wait)
        if not self._is_right(form.get("password", ""), caller):
            return HTMLResponse(login_page(target, "That is not the password. Try again."), 401, _NO_STORE)
        self._sessions.close(request.cookies.get(COOKIE, ""))
        response = RedirectResponse(target, 303, _NO_STORE)
        response.set_cookie(
            COOKIE, self._sessions.open(), LONGEST_SECONDS, secure=caller.secure, httponly=True, samesite="lax"
        )
        return response

    async def _log_out(self, request: Request, caller: Caller) -> Response:
        if request.method in ("GET", "HEAD"):
            return HTMLResponse(logout_page(forgets=caller.is_secure_context), headers=_NO_STORE)
        if request.method != "POST":
            return _refused("This page is opened by GET or POST.", 405)
        self._sessions.close(request.cookies.get(COOKIE, ""))
        response = RedirectResponse("/login", 303, {**_NO_STORE, "Clear-Site-Data": '"cache", "storage"'})
        response.delete_cookie(COOKIE, secure=caller.secure, httponly=True, samesite="lax")
        return response

    async def _style(self, request: Request, caller: Caller) -> Response:
        return Response(_STYLE, media_type="text/css")


_PAGES: dict[str, Callable[[Gate, Request, Caller], Awaitable[Response]]] = {
    "/login": Gate._log_in,
    "/logout": Gate._log_out,
    "/login.css": Gate._style,
}


def same_site(target: str) -> str:
    """The path and query if it stays on this site, else `/`; browsers read `\\` as `/` and skip tabs and line ends."""
    odd = "\\" in target or any(character <= " " or character == "\x7f" for character in target)
    parts = urlsplit(target) if target.startswith("/") and not target.startswith("//") and not odd else None
    if parts is None or parts.scheme or parts.netloc or parts.path in _PAGES:
        return "/"
    return quote(target, safe="/?&=%+,:;@!$'()*~-._#")


def _credential(header: str) -> str:
    """The password of an Authorization header, Bearer or Basic with any user name; "" in none."""
    scheme, _, value = header.partition(" ")
    if scheme.lower() == "bearer":
        return value.strip().encode("latin-1", "replace").decode("utf-8", "surrogateescape")
    if scheme.lower() == "basic":
        try:
            return b64decode(value.strip(), validate=True).decode().partition(":")[2]
        except ValueError:
            return ""
    return ""


async def _form(request: Request) -> dict[str, str]:
    """The fields of a small form; none of one that is larger than a password needs."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MOST_BYTES:
            return {}
    fields = parse_qs(body.decode("utf-8", "surrogateescape"), keep_blank_values=True)
    return {name: values[0] for name, values in fields.items()}


def _refused(message: str, status: int) -> Response:
    headers = {"WWW-Authenticate": 'Bearer realm="Quotewire"'} if status == 401 else {}
    return PlainTextResponse(message, status, {**_NO_STORE, **headers})


def _slowly(wait: float) -> str:
    seconds = math.ceil(wait)
    return f"There were too many wrong passwords. Try again in {seconds} second{'' if seconds == 1 else 's'}."


def _too_many(response: Response, wait: float) -> Response:
    response.headers.update({**_NO_STORE, "Retry-After": str(math.ceil(wait))})
    return response


def _private(send: Send) -> Send:
    """A `send` that lets no cache between us and the visitor keep what needs a password."""

    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.setdefault("Cache-Control", "private")
            headers.add_vary_header("Cookie")
        await send(message)

    return sent
