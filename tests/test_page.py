"""The web page in a real Chromium: ask, see the quote in its source; and nothing leaves this machine."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).parent.parent
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
FLAGS += ["--disable-background-networking", "--disable-component-update"]
QUESTION = "Who attended the signing ceremony?"
SECONDS = 60

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
from chat.server import serve
serve(Path(sys.argv[1]), Path(sys.argv[2]), "127.0.0.1", 0)
"""
LANTERN = (
    "Lantern Cove opens its lighthouse museum\n\n"
    "The museum of Lantern Cove was opened by Odile Marchetti on Friday.\n"
)
ORVANE = (
    "Orvane Rail appoints a chief engineer\n\n"
    "Orvane Rail has appointed Mira Teledan as its new chief engineer. She begins on the first of May.\n"
)


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """A server on a copy of the corpus; it must have connected to nothing, and stop cleanly."""
    folder = tmp_path_factory.mktemp("page")
    corpus, violations = folder / "corpus", folder / "violations"
    shutil.copytree(ROOT / "corpus", corpus)
    (corpus / "lantern.txt").write_text(LANTERN, encoding="utf-8")
    (folder / "sitecustomize.py").write_text(WATCH_SOCKETS, encoding="utf-8")
    environment = {**os.environ, "VIOLATIONS": str(violations), "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}"}
    log = (folder / "log").open("w+")
    process = subprocess.Popen([sys.executable, "-c", SERVE, str(corpus), str(folder / "index")], cwd=folder,
                               env=environment, stdout=log, stderr=subprocess.STDOUT)
    try:
        def address():
            assert process.poll() is None, Path(log.name).read_text(encoding="utf-8")
            return re.search(r"listens on (http://127\.0\.0\.1:\d+)", Path(log.name).read_text(encoding="utf-8"))

        url = wait_for(address)[1]
        yield SimpleNamespace(url=url, corpus=corpus, violations=violations, log=Path(log.name))
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
        assert "Traceback" not in Path(log.name).read_text(encoding="utf-8")
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        log.close()


@pytest.fixture(scope="session")
def browser():
    """Chromium."""
    if CHROMIUM is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("no chromium on this machine: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield found
        found.close()


@pytest.fixture
def open_page(server, browser):
    """Opens pages; at the end none of them has asked anything of another host, or met an error in a script."""
    contexts, requests, errors = [], [], []

    def opened(path="/", width=1440, height=900, **options):
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        context.on("request", lambda request: requests.append(request.url))
        context.on("weberror", lambda error: errors.append(str(error.error)))
        page = context.new_page()
        page.set_default_timeout(SECONDS * 1000)
        page.goto(server.url + path)
        if path == "/":
            page.wait_for_selector("#question textarea")
            page.wait_for_selector("#masthead a:text-matches('^[1-9]')")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert [url for url in requests if not url.startswith((server.url, "data:", "blob:"))] == []
    assert errors == []


def wait_for(condition, seconds=SECONDS):
    """What the condition returns, once that is true."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)
    return found


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


def call(server, *data):
    """The result of the endpoint `/chat`."""
    url = f"{server.url}/gradio_api/call/chat"
    sent = urllib.request.Request(url, json.dumps({"data": data}).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(sent, timeout=SECONDS) as response:
        event = json.load(response)["event_id"]
    _, _, stream = get(f"{url}/{event}")
    return re.findall(r"event: (\w+)", stream)[-1], json.loads(re.findall(r"data: (.*)", stream)[-1])


def test_an_answer_is_cards_of_verbatim_quotes(open_page, server):
    turn = ask(open_page(), QUESTION)
    assert turn.locator(".abstained").count() == 0, turn.inner_text()
    quotes = turn.locator(".card blockquote").all_text_contents()
    texts = [path.read_text(encoding="utf-8") for path in server.corpus.glob("*.txt")]
    assert quotes and all(any(quote in text for text in texts) for quote in quotes)
    assert "Xu Zhijun" in " ".join(quotes)
    assert turn.locator(".marker").first.text_content() == "[1]"
    assert "saic-bmw-and-baidu-strategic-partnership.txt" in turn.locator(".card").first.inner_text()


@pytest.mark.parametrize("how", ["click", "click on the card", "Enter"])
def test_a_citation_shows_the_quote_in_its_source(open_page, how):
    page = open_page()
    turn = ask(page, QUESTION)
    cite = turn.locator(".cite").first
    if how == "Enter":
        cite.focus()
        page.keyboard.press("Enter")
    else:
        (cite if how == "click" else turn.locator(".card blockquote").first).click()
    mark = page.locator("#source mark#quote")
    mark.wait_for()
    assert mark.text_content() == turn.locator(".card blockquote").first.text_content()
    head, body, where = (page.locator(s).bounding_box() for s in ("#source .head", "#source", "#source mark#quote"))
    assert head["y"] + head["height"] <= where["y"] < body["y"] + body["height"]
    assert page.evaluate("document.activeElement.id") == "quote"
    page.keyboard.press("Escape")
    assert page.locator("#source").is_hidden()
    assert page.evaluate("document.activeElement.className") == "cite"


def test_copy_puts_the_quote_with_its_citation_on_the_clipboard(open_page, server):
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    turn = ask(page, QUESTION)
    turn.locator(".cite").first.click()
    page.click("#source [data-copy]")
    page.wait_for_selector(".said:text('Copied.')")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("“" + turn.locator(".card blockquote").first.text_content())
    assert f"{server.url}/articles/saic-bmw" in copied


def test_a_mailed_link_opens_the_article_at_the_quote(open_page):
    page = open_page()
    turn = ask(page, QUESTION)
    href = turn.locator(".cite").first.get_attribute("href")
    own = open_page(href, height=400)
    assert own.locator("mark#quote").text_content() == turn.locator(".card blockquote").first.text_content()
    own.wait_for_function("scrollY > 0")
    assert own.locator(".aside").first.text_content().strip() == "top of page"


def test_a_reload_keeps_the_conversation_and_undo_and_clear_take_it_back(open_page):
    page = open_page()
    ask(page, QUESTION)
    ask(page, "")
    page.reload()
    page.wait_for_selector(".turn >> nth=1")
    page.locator(".cite").first.click()
    page.wait_for_selector("#source mark#quote")
    page.click("#source .close")
    page.click("text=Undo")
    wait_for(lambda: page.locator(".turn").count() == 1)
    page.click("text=Ask again")
    page.wait_for_selector("#stop", state="hidden")
    wait_for(lambda: page.locator(".turn .answer").count() == 1)
    page.click("text=Clear")
    wait_for(lambda: page.locator(".turn").count() == 0)


def test_a_long_conversation_keeps_the_newest_turn_and_the_question_box_in_view(open_page):
    page = open_page(width=360, height=740)
    page.locator("#conversation .log").evaluate("log => { window.region = log }")
    for _ in range(3):
        turn = ask(page, QUESTION)
    wait_for(lambda: 0 <= turn.bounding_box()["y"] < 370)
    box = page.locator("#composer").bounding_box()
    assert box["y"] + box["height"] <= 740
    assert page.evaluate("window.region.isConnected"), "the region that announces answers was replaced"


def test_what_cannot_be_asked_is_told_what_to_do(open_page):
    page = open_page()
    assert "Type a question" in ask(page, "  ").inner_text()
    assert "at most 1000" in ask(page, "why " * 300).inner_text()


def test_an_abstention_is_not_dressed_as_an_answer(open_page):
    turn = ask(open_page(), "What is the melting point of tungsten carbide?")
    assert turn.locator(".abstained").count() == 1
    if turn.locator(".card").count():
        assert "not an answer" in turn.locator(".note").inner_text()


def test_markup_in_a_question_is_shown_as_it_was_typed(open_page):
    evil = "<img src=x onerror=alert(1)> ${1+1} {{x}} **b**"
    page = open_page()
    assert ask(page, evil).locator(".asked").text_content() == evil
    assert page.locator("#conversation img").count() == 0


def test_an_example_question_is_answered(open_page):
    page = open_page()
    page.locator("#examples button:visible").first.click(timeout=10_000)
    page.wait_for_selector(".turn .answer:not(.abstained) .card")


def test_a_dropped_file_is_answered_from_without_a_restart(open_page, server):
    page = open_page()
    (server.corpus / "orvane.txt").write_text(ORVANE, encoding="utf-8")
    try:
        wait_for(lambda: get(f"{server.url}/articles/orvane.txt")[0] == 200)
        turn = ask(page, "Who is the new chief engineer of Orvane Rail?")
        assert "Mira Teledan" in turn.locator(".answer:not(.abstained)").inner_text()
        page.wait_for_selector("#masthead a:text('3 articles')")
    finally:
        (server.corpus / "orvane.txt").unlink()
    wait_for(lambda: get(f"{server.url}/articles/orvane.txt")[0] == 404)


def test_a_link_into_a_changed_article_says_so(open_page, server):
    turn = ask(open_page(), "Who opened the museum of Lantern Cove?")
    href = turn.locator(".cite").first.get_attribute("href")
    assert '<mark id="quote"' in get(server.url + href)[2]
    (server.corpus / "lantern.txt").write_text("An addition.\n\n" + LANTERN, encoding="utf-8")
    wait_for(lambda: "has changed since" in get(server.url + href)[2])
    own = open_page(href)
    assert own.locator("mark").count() == 0 and "has changed" in own.locator("[role=status]").inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 768, 1440])
def test_no_width_scrolls_sideways(open_page, width, scheme):
    page = open_page(width=width, height=800, color_scheme=scheme)
    turn = ask(page, QUESTION)
    out = ROOT / ".ci" / "out"
    out.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=out / f"answer-{width}-{scheme}.png")
    turn.locator(".cite").first.click()
    page.wait_for_selector("#source mark#quote")
    page.wait_for_timeout(250)
    page.screenshot(path=out / f"source-{width}-{scheme}.png")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator(".panel-body").evaluate("body => body.scrollWidth <= body.clientWidth")
    assert page.locator("#source .close").is_visible()


def test_the_endpoint_gives_the_answer_object(server):
    event, data = call(server, QUESTION, [])
    assert event == "complete"
    quote = data[0]["quotes"][0]
    text = (server.corpus / quote["article"]).read_text(encoding="utf-8")
    assert quote["text"] == text[quote["start"] : quote["end"]]
    event, data = call(server, "", [])
    assert event == "complete" and data[0]["abstained"] and not data[0]["quotes"]


def test_many_ask_while_the_index_is_rebuilt(server):
    results = []

    def ask_often():
        results.extend(call(server, QUESTION, []) for _ in range(3))

    askers = [threading.Thread(target=ask_often) for _ in range(6)]
    (server.corpus / "extra.txt").write_text("Extra\n\nNothing was said here about anything.\n", encoding="utf-8")
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    (server.corpus / "extra.txt").unlink()
    assert [event for event, _ in results] == ["complete"] * 18
    assert len({json.dumps(data[0]["quotes"]) for _, data in results}) == 1


@pytest.mark.parametrize("path", ["nothing.txt", "../../etc/passwd", "..%2f..%2fetc%2fpasswd", "%00", "a" * 3000])
def test_an_unknown_article_is_a_plain_404(server, path):
    status, _, text = get(f"{server.url}/articles/{path}")
    assert status == 404 and "No such article" in text


@pytest.mark.parametrize("query", ["start=5&end=999999", "start=x&end=y", "start=9&end=3", "start=-1&end=3", "start=1"])
def test_a_link_to_no_place_shows_the_article_and_says_so(server, query):
    status, _, text = get(f"{server.url}/articles/lantern.txt?{query}")
    assert status == 200 and "highlighted" in text and "<mark" not in text and "Odile Marchetti" in text


@pytest.mark.parametrize("path", ["/", "/articles", "/articles/lantern.txt", "/quotewire/article.css", "/theme.css"])
def test_every_response_forbids_other_hosts_and_names_none(server, path):
    _, headers, text = get(server.url + path)
    assert headers["Content-Security-Policy"].startswith("default-src 'self'")
    named = set(re.findall(r"(?:https?:)?//([\w.-]+\.[a-z]{2,})[/\"'):]", text))
    assert named <= {"www.w3.org"}


def test_zz_the_server_has_connected_to_nothing(server):
    """The last of this file: all that the server did until here stayed on this machine."""
    assert not server.violations.exists(), server.violations.read_text(encoding="utf-8")
