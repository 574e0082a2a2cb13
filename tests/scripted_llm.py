"""A small server on loopback that speaks the OpenAI API and plays scripts: good replies, and all that can go wrong."""

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Asked = dict[str, Any]
Script = Callable[["Exchange", Asked], None]


class Exchange(BaseHTTPRequestHandler):
    """One request; scripts answer through `stream`, `whole` and `refuse`."""

    protocol_version = "HTTP/1.1"
    server: "ScriptedServer"

    def log_message(self, *_: object) -> None:
        pass

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(asked)
        self.server.keys.append(self.headers.get("Authorization", ""))
        try:
            self.server.script(self, asked)
        except (BrokenPipeError, ConnectionResetError):
            self.server.hung_up.set()
        finally:
            self.close_connection = True

    def begin(self, status: int, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Connection", "close")
        self.end_headers()

    def event(self, data: dict[str, Any] | str) -> None:
        said = data if isinstance(data, str) else json.dumps(data)
        self.wfile.write(f"data: {said}\n\n".encode())
        self.wfile.flush()

    def piece(self, text: str, reason: str | None = None) -> None:
        self.event({"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": reason}]})

    def stream(self, text: str, reason: str = "stop", size: int = 7, pause: float = 0.0) -> None:
        self.begin(200, "text/event-stream")
        for start in range(0, len(text), size):
            self.piece(text[start : start + size])
            time.sleep(pause)
        self.piece("", reason)
        self.event({"choices": [], "usage": {"prompt_tokens": 100, "completion_tokens": len(text) // 4}})
        self.event("[DONE]")

    def refuse(self, status: int, error: dict[str, Any], **headers: str) -> None:
        body = json.dumps({"error": error}).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class ScriptedServer(ThreadingHTTPServer):
    """The server: set `script`, look at what was `asked`."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Exchange)
        self.asked: list[Asked] = []
        self.keys: list[str] = []
        self.script: Script = says('{"statements": []}')
        self.hung_up = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def handle_error(self, *_: object) -> None:
        pass


@contextmanager
def scripted() -> Iterator[ScriptedServer]:
    """A running server."""
    server = ScriptedServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def says(text: str, **how: Any) -> Script:
    return lambda exchange, asked: exchange.stream(text, **how)


def sentences(asked: Asked) -> dict[int, str]:
    """The numbered sentences of a prompt, as a model would read them."""
    lines = asked["messages"][-1]["content"].splitlines()
    found = [re.match(r'(\d+): (".*")$', line) for line in lines]
    return {int(match[1]): json.loads(match[2]) for match in found if match}


def number_of(asked: Asked, words: str) -> int:
    """The number of the sentence that holds these words."""
    plain = " ".join(words.split())
    return next(n for n, text in sentences(asked).items() if plain in text)


def dead(exchange: Exchange, asked: Asked) -> None:
    """Takes the question and says nothing."""
    exchange.server.hung_up.wait(20)


def hangs_up(exchange: Exchange, asked: Asked) -> None:
    exchange.connection.close()


def breaks_off(exchange: Exchange, asked: Asked) -> None:
    exchange.begin(200, "text/event-stream")
    exchange.piece('{"statements": [{"text": "Baidu ')


def dribbles(exchange: Exchange, asked: Asked) -> None:
    """A byte now and then, for ever: no read times out."""
    exchange.begin(200, "text/event-stream")
    while True:
        exchange.wfile.write(b":\n\n")
        exchange.wfile.flush()
        time.sleep(0.05)


def babbles(exchange: Exchange, asked: Asked) -> None:
    exchange.begin(200, "text/event-stream")
    while True:
        exchange.piece("and so on and on ")


def floods(exchange: Exchange, asked: Asked) -> None:
    """One line that has no end."""
    exchange.begin(200, "text/event-stream")
    while True:
        exchange.wfile.write(b"data: " + b"x" * 65536)


def refuses(status: int, **headers: str) -> Script:
    secret = {"message": "no: your key sk-test-secret is wrong", "type": "invalid"}
    return lambda exchange, asked: exchange.refuse(status, secret, **headers)


def without(*parameters: str, then: str) -> Script:
    """A server that does not know some parameters, and says which."""

    def play(exchange: Exchange, asked: Asked) -> None:
        for name in parameters:
            if name in asked:
                instead = " Use 'max_completion_tokens' instead." if name == "max_tokens" else ""
                exchange.refuse(400, {"message": f"Unsupported parameter: '{name}'.{instead}", "param": name})
                return
        exchange.stream(then)

    return play


def at_once(text: str) -> Script:
    """A server that does not stream, whatever it is asked."""

    def play(exchange: Exchange, asked: Asked) -> None:
        exchange.begin(200, "application/json")
        whole = {"choices": [{"message": {"content": text}, "finish_reason": "stop"}], "usage": {"prompt_tokens": 5}}
        exchange.wfile.write(json.dumps(whole).encode())

    return play
