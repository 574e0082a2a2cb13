"""A small ASGI layer: no page may load anything of another host, and none of its markup names one."""

import re

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Gradio's own script compiles templates, which needs 'unsafe-eval'; our pages do without either.
_CHAT = "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; base-uri 'self'; frame-ancestors 'self'"
_LOG_IN = (
    "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_ARTICLES = "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
# Gradio's page describes itself for social networks, with pictures on other hosts.
_SOCIAL = re.compile(rb"<meta\s+(?:property|name)=\"(?:og|twitter):[^>]*>\s*")


class SameOriginOnly:
    """Adds the headers to every response, and takes the tags for social networks out of the chat's page."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap `app`."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and the response back with its headers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        await self._app(scope, receive, _Guarded(scope["path"], send))


class _Guarded:
    """A `send` that changes the head of a response; the chat's page is held until it is whole."""

    def __init__(self, path: str, send: Send) -> None:
        self._path, self._send = path, send
        self._held: Message | None = None
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["Content-Security-Policy"] = _policy(self._path)
            headers["X-Content-Type-Options"] = "nosniff"
            headers["Referrer-Policy"] = "same-origin"
            page = headers.get("content-type", "").startswith("text/html")
            if page and not self._path.startswith("/articles") and "content-encoding" not in headers:
                self._held = message
                return
        elif self._held is not None:
            self._body += message.get("body", b"")
            if message.get("more_body"):
                return
            await self._release()
            return
        await self._send(message)

    async def _release(self) -> None:
        """Send what was held: the page without the tags."""
        held, self._held = self._held, None
        assert held is not None
        body = _SOCIAL.sub(b"", self._body)
        MutableHeaders(scope=held)["Content-Length"] = str(len(body))
        await self._send(held)
        await self._send({"type": "http.response.body", "body": body})


def _policy(path: str) -> str:
    if path in ("/login", "/logout"):
        return _LOG_IN
    return _ARTICLES if path.startswith("/articles") else _CHAT
