"""Nobody gets in where they don't belong: real requests to a real server that asks for a password."""

import asyncio
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import urllib.parse
from contextlib import contextmanager
from types import SimpleNamespace

import anyio
import pytest
import uvicorn
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.routing import Mount

from chat.__main__ import main
from chat.web.access import NOTHING_ASKED, PASSWORD_VARIABLE, Access, Caller, access_settings
from chat.web.gate import COOKIE, Gate, same_site
from chat.web.sessions import FREE_FAILURES, IDLE_SECONDS, LONGEST_SECONDS, Sessions, Throttle
from indexer import QuotewireError

from .browser import ask, in_thread, pages, wait_for
from .conftest import ROOT

PASSWORD = "correct hörse"
BEARER = {"Authorization": "Bearer " + PASSWORD.encode().decode("latin-1")}
HTML = {"Accept": "text/html"}


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@contextmanager
def running(app):
    """The port of a server of `app`."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(
            uvicorn.Config(app, log_level="error", proxy_headers=False, timeout_graceful_shutdown=1)
        )
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            while not server.started:
                assert thread.is_alive()
                threading.Event().wait(0.02)
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()


def request(port, path, method="GET", body=None, source="127.0.0.1", **headers):
    """(status, headers, body) of a request from an address of this machine; header names with _ for -."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30, source_address=(source, 0))
    try:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, named)
        response = connection.getresponse()
        return SimpleNamespace(status=response.status, headers=response.headers, text=response.read(200_000).decode())
    finally:
        connection.close()


def log_in(port, password=PASSWORD, target="/", source="127.0.0.1", **headers):
    body = urllib.parse.urlencode({"password": password, "next": target})
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    return request(port, "/login", "POST", body, source, **kind, **headers)


def cookie_of(response):
    return {"Cookie": response.headers["Set-Cookie"].split(";")[0]}


# A server that asks for a password, and writes down which routes it has.
GUARDED = """
import json, os, sys
from pathlib import Path
from chat.web import server
from chat.web.access import access_settings
from tests.test_access import routes_of
make = server.application
def application(*arguments):
    app = make(*arguments)
    Path(sys.argv[1], "routes").write_text(json.dumps(sorted(set(routes_of(app)))))
    return app
server.application = application
server.serve(Path(sys.argv[2]), Path(sys.argv[3]), "127.0.0.1", 0, access=access_settings())
"""


@pytest.fixture(scope="module")
def guarded(tmp_path_factory, announcement_index):
    """The port and the routes of such a server; it never writes the password down, and stops cleanly."""
    folder = tmp_path_factory.mktemp("guarded")
    log = folder / "log"
    command = [sys.executable, "-c", GUARDED, str(folder), str(ROOT / "corpus"), str(announcement_index)]
    environment = {**os.environ, PASSWORD_VARIABLE: PASSWORD, "PYTHONPATH": str(ROOT)}
    with log.open("w") as stream:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=stream, stderr=subprocess.STDOUT)
    try:

        def told():
            assert process.poll() is None, log.read_text(encoding="utf-8")
            return re.search(r"listens on http://127.0.0.1:(\d+) ", log.read_text(encoding="utf-8"))

        port = int(wait_for(told)[1])
        yield SimpleNamespace(port=port, routes=json.loads((folder / "routes").read_text()), log=log)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
        written = log.read_text(encoding="utf-8")
        assert "Traceback" not in written and PASSWORD not in written and "guess" not in written
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


@pytest.fixture
def port(guarded):
    return guarded.port


def echo(settings, clock=None):
    """An application behind the gate that says that it was reached."""

    async def reached(scope, receive, send):
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.accept"})
            await send({"type": "websocket.close"})
        elif scope["type"] == "http":
            await PlainTextResponse("reached")(scope, receive, send)

    return Gate(reached, settings, clock or Clock())


# --- every route ---


def routes_of(app, prefix=""):
    """(path, method) of every route, those of included routers and mounted applications too."""
    for route in app.routes:
        if hasattr(route, "original_router"):
            yield from routes_of(route.original_router, prefix + route.include_context.prefix)
            continue
        path = prefix + re.sub(r"\{\w+(:\w+)?\}", "x", route.path)
        if isinstance(route, Mount):
            yield path + "/x", "GET"
            yield from routes_of(route, path)
        else:
            yield from ((path or "/", method) for method in getattr(route, "methods", None) or ("GET", "POST"))


def test_every_route_asks_for_the_password(guarded):
    asked, port = [tuple(route) for route in guarded.routes], guarded.port
    paths = {path for path, _ in asked}
    assert len(asked) > 60
    for known in (
        "/",
        "/articles",
        "/mcp",
        "/gradio_api/info",
        "/gradio_api/upload",
        "/gradio_api/queue/join",
        "/config",
    ):
        assert known in paths, sorted(paths)
    for path, method in [*asked, ("/login/", "GET"), ("//login", "GET"), ("/login.css/x", "GET"), ("/LOGIN", "GET")]:
        if path not in ("/login", "/logout", "/healthz"):  # the last one: see test_operations
            answer = request(port, path, method)
            assert answer.status == 401, (path, method, answer.status)
            assert answer.headers["WWW-Authenticate"].startswith("Bearer") and "SAIC" not in answer.text


def test_a_browser_is_sent_to_the_log_in_page_and_back(port):
    sent = request(port, "/articles/a%20b.txt?start=1&hash=ab", **HTML)
    assert (
        sent.status == 303
        and sent.headers["Location"] == "/login?next=%2Farticles%2Fa%2520b.txt%3Fstart%3D1%26hash%3Dab"
    )
    page = request(port, sent.headers["Location"], **HTML)
    assert page.status == 200 and '<label for="password">' in page.text and "<script" not in page.text
    assert "script-src" not in page.headers["Content-Security-Policy"]
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert page.headers["Cache-Control"] == "no-store" and request(port, "/login.css").status == 200
    target = re.search(r'name="next" value="([^"]*)"', page.text)[1].replace("&amp;", "&")
    done = log_in(port, target=target)
    assert done.status == 303 and done.headers["Location"] == "/articles/a%20b.txt?start=1&hash=ab"
    flags = done.headers["Set-Cookie"].lower()
    assert "httponly" in flags and "samesite=lax" in flags and "secure" not in flags and "path=/" in flags
    assert request(port, "/", **cookie_of(done), **HTML).status == 200
    assert request(port, "/login", **cookie_of(done)).headers["Location"] == "/"


def test_with_the_password_everything_is_there(port):
    for headers in (BEARER, {"Authorization": "Basic " + basic(f"anybody:{PASSWORD}")}, cookie_of(log_in(port))):
        assert "SAIC" in request(port, "/articles", **headers).text
        assert request(port, "/articles", **headers).headers["Cache-Control"] == "private"
        assert request(port, "/gradio_api/info", **headers).status == 200


def test_log_out_ends_the_session(port):
    cookie = cookie_of(log_in(port))
    page = request(port, "/logout", **cookie).text
    assert 'method="post"' in page and "also forgets" in page
    assert "press “Clear”" in request(port, "/logout", Host="10.0.0.7:7860", **cookie).text
    assert request(port, "/articles", **cookie).status == 200
    out = request(port, "/logout", "POST", **cookie)
    assert out.status == 303 and "storage" in out.headers["Clear-Site-Data"]
    assert request(port, "/articles", **cookie).status == 401


def test_a_new_log_in_ends_the_session_before(port):
    first = cookie_of(log_in(port))
    second = cookie_of(log_in(port, **first))
    assert first != second
    assert [request(port, "/articles", **cookie).status for cookie in (first, second)] == [401, 200]


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Basic !!!", "Basic " + "x" * 4000, "Digest x", PASSWORD[:7]])
def test_a_header_that_is_no_password_is_refused(header):
    with running(echo(Access(PASSWORD))) as port:
        assert request(port, "/", Authorization=header).status == 401


def test_made_up_and_repeated_cookies_are_refused(port):
    for value in ("", "x", "%00", "ü".encode().decode("latin-1"), "a" * 5000):
        assert request(port, "/articles", Cookie=f"{COOKIE}={value}").status == 401


def test_other_methods_on_the_log_in_pages_are_refused(port):
    for path in ("/login", "/logout"):
        assert request(port, path, "DELETE").status == 405


def test_a_form_that_is_too_large_is_no_password_and_failures_are_logged(guarded):
    assert log_in(guarded.port, "x" * 100_000, source="127.0.0.9").status == 401
    assert "a wrong password came from 127.0.0.9" in guarded.log.read_text(encoding="utf-8")


def test_a_web_socket_asks_too(port):
    head = (
        "GET /x HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.sendall(head.encode())
        assert connection.recv(100).split()[1] in (b"401", b"403")
    assert answered(Access(PASSWORD)) == "websocket.close"
    assert answered(NOTHING_ASKED, origin="http://evil.example") == "websocket.close"
    assert answered(NOTHING_ASKED, origin="http://localhost:1") == "websocket.accept"


def answered(*arguments, **named):
    return in_thread(lambda: asyncio.run(socket_answer(*arguments, **named)))


async def socket_answer(settings, origin=None):
    """What a gate answers to a web socket first."""
    headers = [(b"host", b"localhost:1"), *([(b"origin", origin.encode())] if origin else [])]
    scope = {"type": "websocket", "path": "/", "raw_path": b"/", "query_string": b"", "headers": headers}
    sent = []

    async def receive():
        return {"type": "websocket.connect"}

    async def send(message):
        sent.append(message["type"])

    await echo(settings)({**scope, "client": ("127.0.0.1", 1), "scheme": "ws"}, receive, send)
    return sent[0]


def test_an_mcp_client_and_a_gradio_client_come_in_with_the_header(port):
    from gradio_client import Client
    from httpx2 import AsyncClient
    from mcp import ClientSession
    from mcp.client.streamable_http import streamable_http_client

    async def tools(headers):
        async with (
            AsyncClient(headers=headers) as http,
            streamable_http_client(f"http://127.0.0.1:{port}/mcp", http_client=http) as streams,
            ClientSession(streams[0], streams[1]) as session,
        ):
            await session.initialize()
            return [tool.name for tool in (await session.list_tools()).tools]

    assert "verify_quote" in in_thread(lambda: anyio.run(tools, {"Authorization": f"Basic {basic('x:' + PASSWORD)}"}))
    with pytest.raises(BaseException):  # noqa: B017 – the SDK wraps it in groups of its own
        in_thread(lambda: anyio.run(tools, {}))
    client = Client(
        f"http://127.0.0.1:{port}", headers={"Authorization": f"Basic {basic('x:' + PASSWORD)}"}, verbose=False
    )
    answer = client.predict(quote="nobody has said this", api_name="/verify_quote")
    assert answer["verbatim"] is False
    client.close()


def basic(text):
    from base64 import b64encode

    return b64encode(text.encode()).decode()


# --- guessing ---


def test_guessing_is_slowed_for_the_address_that_guesses():
    clock = Clock()
    with running(echo(Access(PASSWORD), clock)) as port:
        tries = [log_in(port, f"guess {n}").status for n in range(FREE_FAILURES + 1)]
        assert tries == [401] * FREE_FAILURES + [429]
        right = log_in(port)
        assert right.status == 429 and right.headers["Retry-After"] == "2" and "Try again in 2 seconds" in right.text
        assert request(port, "/", **BEARER).status == 429
        assert log_in(port, source="127.0.0.2").status == 303
        clock.now += 2.1
        assert request(port, "/", Authorization="Bearer wrong").status == 401
        assert log_in(port).headers["Retry-After"] == "4"
        clock.now += 4.1
        assert log_in(port).status == 303
        assert log_in(port, "wrong").status == 401 and log_in(port).status == 303


def test_a_spoofed_address_does_not_help_to_guess():
    with running(echo(Access(PASSWORD))) as port:
        tries = [log_in(port, "guess", **{"X-Forwarded-For": f"10.0.0.{n}"}).status for n in range(FREE_FAILURES + 1)]
        assert tries[-1] == 429


def test_behind_a_proxy_each_visitor_guesses_alone():
    with running(echo(Access(PASSWORD, proxy="127.0.0.1"))) as port:
        for _ in range(FREE_FAILURES):
            log_in(port, "guess", **{"X-Forwarded-For": "8.8.8.8, 10.0.0.1"})
        assert log_in(port, **{"X-Forwarded-For": "9.9.9.9, 10.0.0.1"}).status == 429
        assert log_in(port, **{"X-Forwarded-For": "10.0.0.1, 10.0.0.2"}).status == 303


def test_waits_double_up_to_a_quarter_of_an_hour_and_are_forgotten():
    clock = Clock()
    throttle = Throttle(clock)
    waits = []
    for _ in range(40):
        throttle.failed("10.0.0.1")
        waits.append(throttle.seconds_to_wait("10.0.0.1"))
    assert waits[:8] == [0, 0, 0, 0, 2, 4, 8, 16] and waits[-1] == 900
    clock.now += 3601
    throttle.failed("10.0.0.1")
    assert throttle.seconds_to_wait("10.0.0.1") == 0


def test_an_ipv6_network_is_one_guesser():
    throttle = Throttle(Clock())
    for n in range(FREE_FAILURES):
        throttle.failed(f"2001:db8:0:1::{n}")
    assert throttle.seconds_to_wait("2001:db8:0:1:ffff::1") == 2
    assert throttle.seconds_to_wait("2001:db8:0:2::1") == 0


def test_memory_is_bounded():
    throttle, sessions = Throttle(Clock()), Sessions(Clock())
    for n in range(10_100):
        throttle.failed(f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}")
    tokens = [sessions.open() for _ in range(10_100)]
    assert len(throttle._failures) == len(sessions._open) == 10_000
    assert not sessions.holds(tokens[0]) and sessions.holds(tokens[-1])


# --- sessions ---


def test_sessions_end():
    clock = Clock()
    with running(echo(Access(PASSWORD), clock)) as port:
        cookie = cookie_of(log_in(port))
        clock.now += IDLE_SECONDS - 1
        assert request(port, "/", **cookie).status == 200
        clock.now += IDLE_SECONDS + 1
        assert request(port, "/", **cookie).status == 401
        cookie, opened = cookie_of(log_in(port)), clock.now
        while clock.now + IDLE_SECONDS - 1 < opened + LONGEST_SECONDS:
            clock.now += IDLE_SECONDS - 1
            assert request(port, "/", **cookie).status == 200
        clock.now = opened + LONGEST_SECONDS + 1
        assert request(port, "/", **cookie).status == 401


def test_tokens_are_long_and_not_kept():
    sessions = Sessions(Clock())
    tokens = {sessions.open() for _ in range(100)}
    assert len(tokens) == 100 and all(len(token) >= 43 for token in tokens)
    assert not any(token.encode() in sessions._open for token in tokens)
    sessions.close("never opened")


# --- where the log-in page leads ---


@pytest.mark.parametrize(
    "target",
    ["//evil.example", "https://evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example", "/\n/evil.example",
     "javascript:alert(1)", "evil.example", "", "/login", "/logout", " //evil.example", "/x\r\nSet-Cookie: a=b",
     "http:/evil.example", "///evil.example", "/\x00/evil.example", "/\x7f"],
)  # fmt: skip
def test_it_leads_nowhere_else(target):
    assert same_site(target) == "/"


@pytest.mark.parametrize(
    "target", ["/", "/articles/a%20b.txt?start=1&end=2&hash=ab#quote", "/%2f%2fevil.example", "/é"]
)
def test_it_leads_to_our_own_pages(target):
    assert same_site(target).startswith("/") and urllib.parse.unquote(same_site(target)) == urllib.parse.unquote(target)


def test_an_open_redirect_is_refused_over_the_wire(port):
    for target in ("//evil.example", "/\\evil.example", "https://evil.example/"):
        assert log_in(port, target=target).headers["Location"] == "/"
    page = request(port, "/login?next=" + urllib.parse.quote('/"><script>x</script>'))
    assert "<script" not in page.text


# --- other sites ---


CROSS = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "http://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://localhost:1"},
    {"Origin": "http://[::1"},
    {"Origin": "file://"},
]


@pytest.mark.parametrize("headers", CROSS)
@pytest.mark.parametrize("settings", [NOTHING_ASKED, Access(PASSWORD)])
def test_another_site_can_change_nothing(headers, settings):
    with running(echo(settings)) as port:
        known = BEARER if settings.password else {}
        for method in ("POST", "PUT", "DELETE", "PATCH"):
            assert request(port, "/anything", method, **headers, **known).status == 403
        assert log_in(port, **headers).status == 403
        assert request(port, "/anything", "POST", **known).status == 200
        own = {"Sec-Fetch-Site": "same-origin", "Origin": f"http://127.0.0.1:{port}"}
        assert request(port, "/anything", "POST", **own, **known).status == 200


def test_another_site_may_link_to_us_but_not_read():
    with running(echo(NOTHING_ASKED)) as port:
        assert (
            request(port, "/articles", **{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}).status == 200
        )
        assert request(port, "/articles", Origin="http://evil.example").status == 403


def test_gradios_queue_and_the_tools_refuse_other_sites(port):
    body = json.dumps({"data": [], "fn_index": 0, "session_hash": "x"})
    for path in ("/gradio_api/queue/join", "/gradio_api/upload", "/gradio_api/call/chat", "/mcp", "/logout"):
        answer = request(port, path, "POST", body, Origin="http://evil.example", **BEARER)
        assert answer.status == 403 and "another site" in answer.text


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:7860", "localhost.evil.example", "127.0.0.1.evil.example", ""]
)
def test_a_name_that_was_made_to_lead_here_is_refused(host):
    with running(echo(NOTHING_ASKED)) as port:
        assert request(port, "/", Host=host).status in (400, 421)


def test_our_own_names_are_known():
    names = [
        "localhost",
        "LOCALHOST:80",
        "a.localhost:1",
        "127.0.0.1",
        "[::1]:80",
        "10.0.0.7",
        socket.gethostname(),
        "news.example",
    ]
    with running(echo(Access(names=("news.example",)))) as port:
        assert {name: request(port, "/", Host=name).status for name in names} == dict.fromkeys(names, 200)


# --- the proxy ---


BEHIND = Access(proxy="127.0.0.2", header="x-forwarded-user", names=("news.example",))


def test_only_the_proxy_is_believed():
    user = {"X-Forwarded-User": "ada"}
    with running(echo(BEHIND)) as port:
        assert request(port, "/", source="127.0.0.2", Host="news.example", **user).status == 200
        assert request(port, "/", source="127.0.0.2", Host="news.example").status == 401
        assert request(port, "/", source="127.0.0.2", **{"X-Forwarded-User": " "}).status == 401
        assert request(port, "/", source="127.0.0.1", **user).status == 401
        for spoofed in ("X-Forwarded-For", "X-Real-IP", "Forwarded", "X-Client-IP"):
            assert request(port, "/", source="127.0.0.3", **user, **{spoofed: "127.0.0.2"}).status == 401
        assert request(port, "/", source="127.0.0.2", Host="evil.example", **user).status == 421
        assert request(port, "/", "POST", source="127.0.0.2", Origin="https://news.example", **user).status == 200
        assert request(port, "/", "POST", source="127.0.0.2", Origin="https://evil.example", **user).status == 403


def test_a_header_sent_twice_names_nobody():
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/",
        "query_string": b"",
        "client": ("127.0.0.2", 1),
        "scheme": "http",
    }
    twice = [(b"host", b"localhost"), (b"x-forwarded-user", b"ada"), (b"x-forwarded-user", b"eve")]
    assert not Caller(HTTPConnection({**scope, "headers": twice}), BEHIND).is_vouched_for
    assert Caller(HTTPConnection({**scope, "headers": twice[:2]}), BEHIND).is_vouched_for
    mapped = {**scope, "client": ("::ffff:127.0.0.2", 1), "headers": twice[:2]}
    assert Caller(HTTPConnection(mapped), BEHIND).is_vouched_for


def test_the_cookie_is_secure_where_the_proxy_says_https():
    with running(echo(Access(PASSWORD, proxy="127.0.0.2"))) as port:
        https = {"X-Forwarded-Proto": "https"}
        assert "secure" in log_in(port, source="127.0.0.2", **https).headers["Set-Cookie"].lower()
        assert "secure" not in log_in(port, source="127.0.0.1", **https).headers["Set-Cookie"].lower()


# --- the settings ---


def test_the_password_is_taken_out_of_the_environment_and_never_shown(tmp_path):
    environment = {PASSWORD_VARIABLE: PASSWORD}
    settings = access_settings(environment=environment)
    assert settings.password == PASSWORD and environment == {} and PASSWORD not in repr(settings)
    (tmp_path / "p").write_text(f"{PASSWORD} \n", encoding="utf-8")
    (tmp_path / "p").chmod(0o600)
    assert access_settings(tmp_path / "p", environment={PASSWORD_VARIABLE: "x"}).password == PASSWORD + " "


@pytest.mark.parametrize(
    "content, mode, says",
    [(b"secret", 0o604, "chmod"), (b"\n", 0o600, "is empty"), (b"\xff\xfe", 0o600, "UTF-8"), (None, 0, "cannot be read")],
)  # fmt: skip
def test_a_password_file_that_will_not_do(tmp_path, content, mode, says):
    if content is not None:
        (tmp_path / "p").write_bytes(content)
        (tmp_path / "p").chmod(mode)
    with pytest.raises(QuotewireError, match=says) as error:
        access_settings(tmp_path / "p", environment={})
    assert "secret" not in str(error.value)


@pytest.mark.parametrize(
    "arguments, says",
    [
        ({"header": "X-User"}, "--trusted-proxy"),
        ({"proxy": "10.0.0.5"}, "no use"),
        ({"proxy": "proxy.example", "header": "X-User"}, "no IP address"),
        ({"environment": {PASSWORD_VARIABLE: "x"}, "anyone": True}, "contradicts"),
        ({"environment": {PASSWORD_VARIABLE: ""}}, "is empty"),
    ],
)
def test_settings_that_contradict_each_other(arguments, says):
    with pytest.raises(QuotewireError, match=says):
        access_settings(**{"environment": {}, **arguments})


def test_off_loopback_it_does_not_start_without_a_password(tmp_path, monkeypatch, capsys):
    monkeypatch.delenv(PASSWORD_VARIABLE, raising=False)
    assert main(["--host", "0.0.0.0", "--port", "0", "--corpus", str(tmp_path), "--index", str(tmp_path / "i")]) == 2
    said = capsys.readouterr()
    assert said.out == "" and said.err.count("\n") == 1
    assert all(words in said.err for words in ("error: 0.0.0.0", PASSWORD_VARIABLE, "--password-file", "--no-auth"))


def test_what_is_safe_to_start():
    for settings in (Access(PASSWORD), Access(anyone=True), BEHIND):
        settings.must_be_safe_on("0.0.0.0", loopback=False)
    NOTHING_ASKED.must_be_safe_on("127.0.0.1", loopback=True)
    with pytest.raises(QuotewireError):
        NOTHING_ASKED.must_be_safe_on("::", loopback=False)


def test_a_person_logs_in_asks_and_logs_out(browser, port):
    address = f"http://127.0.0.1:{port}"
    with pages(browser, address) as opened:
        page = opened("/articles", color_scheme="dark", width=360, height=740)
        out = ROOT / ".ci" / "out"
        out.mkdir(parents=True, exist_ok=True)
        page.keyboard.type("guess")
        page.keyboard.press("Enter")
        assert "not the password" in page.locator("[role=alert]").inner_text()
        page.screenshot(path=out / "login-dark.png")
        assert page.evaluate("document.activeElement.id") == "password"
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url("**/articles")
        page.goto(f"{address}/")
        page.wait_for_selector("#question textarea")
        turn = ask(page, "Who attended the signing ceremony?")
        turn.locator(".cite").first.click()
        page.wait_for_selector("#source mark#quote")
        page.emulate_media(color_scheme="light")
        page.keyboard.press("Escape")
        page.get_by_role("link", name="Log out").click()
        page.wait_for_url("**/logout")
        page.screenshot(path=out / "logout-light.png")
        page.get_by_role("button", name="Log out").click()
        page.wait_for_url("**/login")
        assert page.context.cookies() == []
        page.goto(f"{address}/")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        page.wait_for_selector("#question textarea")
        page.wait_for_timeout(500)
        assert page.locator(".turn").count() == 0
