"""Helpers of the browser tests: a server of our own in its own process, pages in a real Chromium, asking in them."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / ".ci" / "out"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
FLAGS += ["--disable-background-networking", "--disable-component-update"]
SECONDS = 120  # a busy machine starts a server in a minute

# Runs in the server before anything else: what is looked up or connected to outside this machine is written down.
WATCH_SOCKETS = """
import os, sys
LOCAL = ("127.0.0.1", "::1", "localhost", "0.0.0.0", "", None)
def hook(event, arguments):
    if event == "socket.connect" and isinstance(arguments[1], tuple) and arguments[1][0] not in LOCAL \\
            or event == "socket.getaddrinfo" and arguments[0] not in LOCAL:
        with open(os.environ["VIOLATIONS"], "a") as out:
            print(event, arguments, file=out)
        raise ConnectionError(f"offline: {event} {arguments}")
sys.addaudithook(hook)
"""
SERVE = """
import sys
from pathlib import Path
from chat.web.server import serve
serve(Path(sys.argv[1]), Path(sys.argv[2]), "127.0.0.1", 0)
"""
LANTERN = (
    "Lantern Cove opens its lighthouse museum\n\nThe museum of Lantern Cove was opened by Odile Marchetti on Friday.\n"
)


@contextmanager
def serving(folder, corpus, index=None, program=SERVE, built=True):
    """A server of `corpus` in a process of its own, once it is `built`; its index and log lie in `folder`.

    At the end it has connected to nothing outside this machine, stops cleanly, and has logged no traceback.
    """
    folder.mkdir(parents=True, exist_ok=True)
    index, violations, log = index or folder / "index", folder / "violations", folder / "log"
    (folder / "sitecustomize.py").write_text(WATCH_SOCKETS, encoding="utf-8")
    environment = {**os.environ, "VIOLATIONS": str(violations), "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}"}
    with log.open("w") as stream:
        process = subprocess.Popen(
            [sys.executable, "-c", program, str(corpus), str(index)],
            cwd=folder,
            env=environment,
            stdout=stream,
            stderr=subprocess.STDOUT,
        )
    try:

        def port():
            assert process.poll() is None, log.read_text(encoding="utf-8")
            return re.search(r"listens on http://[^ ]+:(\d+) ", log.read_text(encoding="utf-8"))

        url = f"http://127.0.0.1:{wait_for(port)[1]}"
        wait_for(lambda: not built or get(f"{url}/articles")[0] == 200)
        yield SimpleNamespace(url=url, corpus=corpus, index=index, violations=violations, log=log, process=process)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
        assert "Traceback" not in log.read_text(encoding="utf-8")
        assert not violations.exists(), violations.read_text(encoding="utf-8")
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def chromium_or_skip():
    """The path of Chromium; without one the test is skipped, in CI it fails."""
    if CHROMIUM is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("no chromium on this machine: apt-get install chromium")
    return CHROMIUM


@contextmanager
def pages(browser, url):
    """Opens pages of the server at `url`; at the end none has asked anything of another host, or met a script error."""
    contexts, requests, errors = [], [], []

    def opened(path="/", width=1440, height=900, **options):
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        context.on("request", lambda request: requests.append(request.url))
        context.on("weberror", lambda error: errors.append(str(error.error)))
        page = context.new_page()
        page.set_default_timeout(SECONDS * 1000)
        page.goto(url + path)
        if path == "/":
            page.wait_for_selector("#question textarea")
            page.wait_for_selector("#masthead a:text-matches('^[1-9]')")
            settled(page)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert [asked for asked in requests if not asked.startswith((url, "data:", "blob:"))] == []
    assert errors == []


def settled(page):
    """Wait until nothing moves: the example buttons come one by one, and who presses while they do may miss."""
    page.evaluate("""async () => {
        const places = () => [...document.querySelectorAll("#examples button, #composer")]
            .map((e) => Object.values(e.getBoundingClientRect().toJSON())).join();
        for (let still = 0, last = ""; still < 5; await new Promise((r) => setTimeout(r, 50))) {
            const now = places();
            still = now === last ? still + 1 : 0;
            last = now;
        }
    }""")


def wait_for(condition, seconds=SECONDS):
    """What the condition returns, once that is true."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)
    return found


def in_thread(work):
    """What `work` returns, in a thread of its own: Playwright keeps an event loop running in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()


def ask(page, question):
    """Ask in the page and wait until the answer is whole; returns its turn."""
    before = page.locator(".turn").count()
    page.fill("#question textarea", question)
    page.press("#question textarea", "Enter")
    turn = page.locator(".turn").nth(before)
    turn.locator(".answer, .notice").wait_for()
    page.wait_for_selector("#ask:visible")
    return turn


def get(url):
    """(status, headers, text) of a page."""
    try:
        with urllib.request.urlopen(url, timeout=SECONDS) as response:
            return response.status, response.headers, response.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read().decode()


def call(server, question, history):
    """The result of the endpoint `/chat`."""
    url = f"{server.url}/gradio_api/call/chat"
    data = {"data": [question, history]}
    sent = urllib.request.Request(url, json.dumps(data).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(sent, timeout=SECONDS) as response:
        event = json.load(response)["event_id"]
    _, _, stream = get(f"{url}/{event}")
    return re.findall(r"event: (\w+)", stream)[-1], json.loads(re.findall(r"data: (.*)", stream)[-1])
