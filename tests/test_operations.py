"""What an operator sees of the server, and what the server does not put up with: real requests to a real server."""

import io
import json
import logging
import os
import re
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import SimpleNamespace
from unittest.mock import ANY

import anyio
import pytest
from prometheus_client.parser import text_string_to_metric_families

from chat.__main__ import main
from chat.assistant import Assistant
from chat.laps import RENDERING, STAGES
from chat.llm.model import Model
from chat.llm.written import Writer
from chat.web import evaluate_runs, limits
from chat.web.access import PASSWORD_VARIABLE
from chat.web.api import LONGEST_TURN, MOST_TURNS, endpoints
from chat.web.conversation import Conversation
from chat.web.health import health
from chat.web.limits import Rate
from chat.web.request_log import JsonLines, one_line
from chat.web.service import Service
from chat.web.watch import PAGE, Watch
from indexer import DEFAULT_MODEL, NotReady, QuotewireError, build

from . import scripted_llm as plays
from .browser import in_thread, pages, wait_for
from .conftest import ROOT
from .test_access import BEARER, PASSWORD, Clock, cookie_of, log_in, request
from .test_accessibility import serious

QUESTION = "Who attended the signing ceremony?"
SLOWLY = ("slowly {n}: " + QUESTION).format  # another one each time, for what was asked is not worked for again
A_MINUTE, WAITING, SLOW_SECONDS = 5, 2, 1.5
# A real assistant that takes its time where it is asked to, so that questions are in flight for as long as a test needs.
SERVE = f"""
import sys, time
from pathlib import Path
from chat.assistant import Assistant
from chat.web import limits, server
from chat.web.access import access_settings
from chat.web.watch import Operating
limits.MOST_WAITING, limits._WORTH_TELLING = {WAITING}, 1e-6
class Slow(Assistant):
    def answers(self, question, *rest, **named):
        if question.startswith("slowly"):
            time.sleep({SLOW_SECONDS})
        yield from super().answers(question.split(": ")[-1], *rest, **named)
where = (Path(sys.argv[1]), Path(sys.argv[2]), "127.0.0.1", 0)
server.serve(*where, access=access_settings(), opened=Slow, operating=Operating({A_MINUTE}))
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory, announcement_index):
    """A server that asks for a password and allows little; its log goes to a file."""
    folder = tmp_path_factory.mktemp("operations")
    log, environment = folder / "log", {**os.environ, PASSWORD_VARIABLE: PASSWORD, "PYTHONPATH": str(ROOT)}
    with log.open("w") as stream:
        process = subprocess.Popen(
            [sys.executable, "-c", SERVE, str(ROOT / "corpus"), str(announcement_index)],
            cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=stream, text=True,
        )  # fmt: skip
    try:
        port = int(re.search(r":(\d+) ", process.stdout.readline())[1])
        yield SimpleNamespace(port=port, log=log, process=process)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        process.stdout.close()


def lines(served):
    """The log, parsed: every line of it is one JSON object."""
    return [json.loads(line) for line in served.log.read_text(encoding="utf-8").split("\n") if line]


def logged(served, answer):
    """What the log says of a request, by the id that its answer told; once it is answered, which is its last line."""
    number = answer.headers["X-Request-Id"]

    def whole():
        found = [line for line in lines(served) if line.get("request") == number]
        return found if any(line["event"] == "request" for line in found) else None

    return wait_for(whole, 10)


def post(port, path, body, source="127.0.0.1", **headers):
    text = json.dumps(body)
    return request(port, path, "POST", text, source, Content_Type="application/json", **{**BEARER, **headers})


def call(port, question, source="127.0.0.1", history=()):
    """The answer to the posted question; it is not fetched."""
    return post(port, "/gradio_api/call/chat", {"data": [question, list(history)]}, source)


def fetched(port, posted, source="127.0.0.1"):
    """(how it ended, the answer object or the error) of a posted question."""
    event = json.loads(posted.text)["event_id"]
    stream = request(port, f"/gradio_api/call/chat/{event}", source=source, **BEARER).text
    return re.findall(r"event: (\w+)", stream)[-1], json.loads(re.findall(r"data: (.*)", stream)[-1])


def tool(port, question, source, **headers):
    asked = {"name": "ask", "arguments": {"question": question}}
    body = {"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": asked}
    kinds = {"Accept": "application/json, text/event-stream", "MCP-Protocol-Version": "2025-06-18"}
    return post(port, "/mcp", body, source, **kinds, **headers)


def figures(port):
    """The metrics, as Prometheus reads them: (name, labels) → value."""
    answer = request(port, "/metrics", **BEARER)
    assert answer.status == 200 and answer.headers["Content-Type"].startswith("text/plain")
    found = text_string_to_metric_families(answer.text)
    return {(s.name, *sorted(s.labels.values())): s.value for family in found for s in family.samples}


# --- health ---


def test_a_stranger_hears_only_that_we_live_and_answer(served):
    bare = request(served.port, "/healthz")
    assert bare.status == 200 and json.loads(bare.text) == {"alive": True, "ready": True}
    assert request(served.port, "/healthz", Accept="text/html").text == bare.text
    assert request(served.port, "/healthz", source="127.0.0.9", Authorization="Bearer wrong").status == 401
    for path in ("/healthz/", "/healthz/x", "/metrics", "//healthz"):
        assert request(served.port, path).status == 401, path


def test_who_has_logged_in_hears_more_but_no_article_and_no_folder(served, announcement_index):
    for known in (BEARER, cookie_of(log_in(served.port))):
        answer = request(served.port, "/healthz", **known)
        told = json.loads(answer.text)
        assert answer.headers["Cache-Control"] == "no-store"
        assert told["generation"] == (announcement_index / "CURRENT").read_text().strip()
        assert told["articles"] == 1 and told["passages"] > 1 and told["built"][:2] == "20" and told["problem"] == ""
        assert (told["answering"], told["waiting"], told["seconds_to_wait"]) == (0, 0, 0)
        assert not any(word in answer.text for word in ("saic", ".txt", "/", PASSWORD))


def test_health_while_there_is_no_index_once_there_is_and_when_it_is_damaged(small_corpus, tmp_path, caplog, embedder):
    service, watch = Service(small_corpus, tmp_path / "index", editable=True), Watch()
    assert not health(service, watch).ready and "being built" in health(service, watch).problem
    service.corpus = tmp_path / "gone"
    with pytest.raises(QuotewireError):
        service.rebuild()
    assert "could not be built" in health(service, watch).problem
    service.corpus = small_corpus
    service.rebuild()
    now = health(service, watch)
    assert now.ready and now.articles == 3 and not now.problem
    (small_corpus / "new.txt").write_text("New\n\nSomething new is here.\n", encoding="utf-8")
    build(small_corpus, tmp_path / "index", embedder=embedder)
    for damaged in (tmp_path / "index" / "generations").glob("*/manifest.json"):
        damaged.write_bytes(b"{}")
    broken = health(service, watch)
    assert broken.ready and broken.articles == 3 and "the one before it answers" in broken.problem
    watch.ending.set()
    assert not health(service, watch).ready
    with caplog.at_level(logging.ERROR):
        started, watch = Service(small_corpus, tmp_path / "index", editable=True), Watch()
    assert "manifest.json" in caplog.text and "that is done now" in caplog.text
    assert not health(started, watch).ready and "mended" in health(started, watch).problem
    with pytest.raises(NotReady, match="was damaged and is being mended"):
        started.assistant.ask(QUESTION)
    assert not started.rebuild().embedded and health(started, watch) == replace(
        now, generation=ANY, built=ANY, articles=4, passages=ANY
    )


def built_by(port):
    return health_now(port)["generation"], DEFAULT_MODEL


# --- figures and the log ---


def test_questions_are_counted_timed_and_logged_without_their_words(served):
    before = figures(served.port)
    source = "127.0.0.30"
    posted = call(served.port, QUESTION, source)
    ended, (answer,) = fetched(served.port, posted, source)
    assert ended == "complete" and answer["quotes"]
    used = tool(served.port, QUESTION, source)
    assert used.status == 200 and '"quotes"' in used.text
    nothing = call(served.port, "Who won the Zanzibar marathon of 1987?", source)
    assert fetched(served.port, nothing, source)[1][0]["abstained"]
    after = figures(served.port)

    def more(*key):
        return after.get(key, 0) - before.get(key, 0)

    assert more("quotewire_questions_total", "answer", "api") == more("quotewire_questions_total", "answer", "mcp") == 1
    assert more("quotewire_questions_total", "abstention", "api") == 1
    assert more("quotewire_answer_seconds_count", "answer") == 2 and more("quotewire_wait_seconds_count", "api") == 2
    assert more("quotewire_answer_seconds_sum", "answer") > 0.001
    assert after["quotewire_index_ready",] == after["quotewire_articles",] == 1
    assert after["quotewire_index_age_seconds",] >= 0 and after["process_resident_memory_bytes",] > 1e6
    assert [key[1:] for key in after if key[0] == "quotewire_generation_info"] == [tuple(sorted(built_by(served.port)))]
    asked = [line for line in logged(served, posted) if line["event"] == "question"][0]
    assert asked["kind"] == "answer" and asked["way"] == "api" and asked["quotes"] == len(answer["quotes"])
    assert asked["generation"] and 0 < asked["seconds"] < 60 and asked["waited"] >= 0 and "question" not in asked
    of_tool = logged(served, used)
    assert {line["event"] for line in of_tool} == {"question", "request"} and of_tool[0]["way"] == "mcp"
    came = [line for line in logged(served, posted) if line["event"] == "request"][0]
    assert (came["method"], came["path"], came["status"]) == ("POST", "/gradio_api/call/chat", 200) and came["ms"] > 0
    written = served.log.read_text(encoding="utf-8")
    assert "ceremony" not in written and "Zanzibar" not in written and PASSWORD not in written


def test_the_stages_of_an_answer_are_timed_and_one_that_is_given_again_has_none(served):
    before, source = figures(served.port), "127.0.0.32"
    question = "Who spoke at the signing ceremony, and what of?"
    first, second = (fetched(served.port, call(served.port, question, source), source)[1] for _ in range(2))
    assert first == second and first[0]["question"] == question
    after = figures(served.port)
    counts, seconds = (
        {s: after[name, s] - before.get((name, s), 0) for s in STAGES}
        for name in ("quotewire_stage_seconds_count", "quotewire_stage_seconds_sum")
    )
    assert counts == {stage: 2 if stage == RENDERING else 1 for stage in STAGES}
    assert min(seconds.values()) > 0
    whole = sum(v - before.get(k, 0) for k, v in after.items() if k[0] == "quotewire_answer_seconds_sum")
    assert sum(seconds.values()) <= whole
    assert after["quotewire_answers_again_total",] - before["quotewire_answers_again_total",] == 1


def test_no_path_writes_a_line_of_its_own_and_no_query_is_logged(served):
    path = "/articles/a%0A%7B%22event%22:%22forged%22%7D%E2%80%A8b%E2%80%AEc%1B%5B31m"
    answer = request(served.port, f"{path}?question=what-is-secret", **BEARER)
    (line,) = logged(served, answer)
    assert line["path"] == '/articles/a\n{"event":"forged"}\u2028b\u202ec\x1b[31m' and line["status"] == 404
    assert not any(line["event"] == "forged" for line in lines(served))
    raw = served.log.read_bytes().decode()
    assert "what-is-secret" not in raw and not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202e]", raw)


def test_a_warning_is_logged_with_the_request_it_is_of(served):
    answer = request(served.port, "/articles", source="127.0.0.31", Authorization="Bearer guess")
    warned, came = logged(served, answer)
    assert warned["level"] == "warning" and "127.0.0.31" in warned["message"] and came["status"] == 401


def test_the_pages_own_files_are_not_logged(served):
    answer = request(served.port, "/quotewire/page.css", **BEARER)
    missing = request(served.port, "/quotewire/none.css", **BEARER)
    assert logged(served, missing)[0]["status"] == 404
    assert not any(line.get("request") == answer.headers["X-Request-Id"] for line in lines(served))


def test_ids_differ_and_are_never_taken_from_the_visitor(served):
    answers = [request(served.port, "/healthz", X_Request_Id="mine") for _ in range(3)]
    assert len({answer.headers["X-Request-Id"] for answer in answers} | {"mine"}) == 4


def test_questions_are_logged_where_the_operator_wants_them(announcement_index):
    stream, log = io.StringIO(), logging.getLogger("chat.web.watch")
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    try:
        service = Service(ROOT / "corpus", announcement_index, editable=False)
        for wanted in (True, False):
            *_, turns = Conversation(service, Watch(log_questions=wanted)).steps(f"{QUESTION}\n\u2028", [])
            assert turns[-1]["quotes"]
    finally:
        log.removeHandler(handler)
    first, second = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert first["question"] == QUESTION and "question" not in second and second["kind"] == "answer"


@pytest.mark.parametrize("text", ["a\nb", "\x85", "\u2028", "\x1b[2J", "\u202e", "\ud800", "\x00", "\x7f"])
def test_a_line_stays_one_line(text):
    line = one_line({"text": text})
    assert line.isprintable() and json.loads(line) == {"text": text}


def test_errors_and_stops_are_counted_as_such():
    watch = Watch()
    with pytest.raises(ZeroDivisionError), watch.question("x", PAGE):
        raise ZeroDivisionError

    def stopped():
        with watch.question("x", PAGE):
            yield

    begun = stopped()
    next(begun)
    begun.close()
    text = watch.metrics.text().decode()
    assert 'quotewire_questions_total{kind="error",way="page"} 1.0' in text
    assert 'quotewire_questions_total{kind="stopped",way="page"} 1.0' in text
    assert "quotewire_questions_total{" not in Watch().metrics.text().decode()


# --- limits ---


def test_a_visitor_who_asks_too_much_is_told_when_to_ask_again(served):
    for ask in (call, lambda *asked: tool(*asked)):
        source = "127.0.0.40" if ask is call else "127.0.0.41"
        assert [ask(served.port, QUESTION, source).status for _ in range(A_MINUTE)] == [200] * A_MINUTE
        over = ask(served.port, QUESTION, source)
        assert over.status == 429 and 1 <= int(over.headers["Retry-After"]) <= 60 // A_MINUTE
        told = json.loads(over.text)
        said = told["detail"] if ask is call else told["error"]["message"]
        assert said.startswith("Only 5 questions a minute are answered: ask again in ") and "second" in said
        assert (
            logged(served, over)[0]["refused"] == "rate" and logged(served, over)[0]["visitor"] == f"address {source}"
        )
    source = "127.0.0.41"
    assert post(served.port, "/gradio_api/run/chat", {"data": [QUESTION, []]}, source).status == 429
    body = {"data": [QUESTION, []], "fn_index": "not a number", "session_hash": "x"}
    assert post(served.port, "/gradio_api/queue/join", body, source).status == 429
    assert post(served.port, "/gradio_api/run/chat", {"data": [QUESTION, []]}, "127.0.0.42").status == 200
    assert request(served.port, "/articles", source=source, **BEARER).status == 200
    assert figures(served.port)["quotewire_refused_total", "rate"] >= 4


def test_clients_of_both_kinds_hear_it_and_each_session_has_its_own_allowance(served):
    import httpx2
    from gradio_client import Client
    from mcp import ClientSession
    from mcp.client.streamable_http import streamable_http_client
    from mcp.shared.exceptions import MCPError

    cookies = [cookie_of(log_in(served.port)) for _ in range(2)]
    client = Client(f"http://127.0.0.1:{served.port}", headers=cookies[0], verbose=False)
    for _ in range(A_MINUTE):
        assert client.predict(QUESTION, [], api_name="/chat")["quotes"]
    with pytest.raises(Exception, match="429"):
        client.predict(QUESTION, [], api_name="/chat")
    client.close()

    async def used(headers):
        async with (
            httpx2.AsyncClient(headers=headers) as http,
            streamable_http_client(f"http://127.0.0.1:{served.port}/mcp", http_client=http) as streams,
            ClientSession(streams[0], streams[1]) as session,
        ):
            await session.initialize()
            try:
                return (await session.call_tool("ask", {"question": QUESTION})).structured_content["quotes"]
            except MCPError as error:
                return str(error)

    assert "Only 5 questions a minute" in in_thread(lambda: anyio.run(used, cookies[0]))
    assert isinstance(in_thread(lambda: anyio.run(used, cookies[1])), list)


def test_a_full_queue_says_how_long(served):
    sources = [f"127.0.1.{n}" for n in range(limits.AT_ONCE + WAITING)]
    posted = [call(served.port, SLOWLY(n=source), source) for source in sources]
    assert [answer.status for answer in posted] == [200] * len(sources)
    assert posted[-1].headers[limits.WAIT_HEADER] == "1" and limits.WAIT_HEADER not in posted[0].headers
    wait_for(lambda: health_now(served.port)["waiting"] == WAITING)
    told = health_now(served.port)
    assert told["answering"] == limits.AT_ONCE and told["seconds_to_wait"] >= 0
    full = call(served.port, QUESTION, "127.0.2.1")
    assert full.status == 503 and int(full.headers["Retry-After"]) >= 1
    assert re.fullmatch(r"2 questions wait already: ask again in about \d+ seconds?\.", json.loads(full.text)["detail"])
    assert figures(served.port)["quotewire_askers", "waiting"] == WAITING
    assert all(fetched(served.port, *pair)[0] == "complete" for pair in zip(posted, sources, strict=True))
    assert fetched(served.port, call(served.port, QUESTION, "127.0.2.1"), "127.0.2.1")[0] == "complete"
    assert figures(served.port)["quotewire_wait_seconds_sum", "api"] > SLOW_SECONDS


def health_now(port):
    return json.loads(request(port, "/healthz", **BEARER).text)


def test_what_is_too_large_is_refused(served):
    huge = call(served.port, "x" * (limits.MOST_BYTES + 1), "127.0.0.50")
    assert huge.status == 413 and "5 MB" in json.loads(huge.text)["detail"]
    turns = [{"role": "user", "content": "x"}] * (MOST_TURNS + 1)
    ended, error = fetched(served.port, call(served.port, QUESTION, "127.0.0.50", turns), "127.0.0.50")
    assert ended == "error" and f"has {MOST_TURNS + 1} turns; send the last {MOST_TURNS}" in json.dumps(error)
    turns = [{"role": "user", "content": "x" * (LONGEST_TURN + 1)}]
    ended, error = fetched(served.port, call(served.port, QUESTION, "127.0.0.50", turns), "127.0.0.50")
    assert ended == "error" and "20001 characters" in json.dumps(error)


def test_a_rate_gives_back_what_time_brings_and_remembers_few():
    clock = Clock()
    rate = Rate(6, clock)
    assert [rate.seconds_to_wait("a") for _ in range(6)] == [0] * 6
    assert rate.seconds_to_wait("a") == pytest.approx(10) and rate.seconds_to_wait("b") == 0
    clock.now += 10.1
    assert rate.seconds_to_wait("a") == 0 and rate.seconds_to_wait("a") > 9
    clock.now += 3600
    assert [rate.seconds_to_wait("a") == 0 for _ in range(7)] == [True] * 6 + [False]
    for n in range(10_100):
        rate.seconds_to_wait(str(n))
    assert len(rate._left) == 10_000
    assert {Rate(0).seconds_to_wait("a") for _ in range(1000)} == {0}


def test_an_evaluation_ends_in_time_and_says_so(announcement_index, monkeypatch):
    monkeypatch.setattr(evaluate_runs, "MOST_SECONDS", 0.0)
    runs = evaluate_runs.Evaluations(Service(ROOT / "corpus", announcement_index, editable=False))
    runs.start(ROOT / "tests" / "questions" / "announcement.jsonl")
    wait_for(lambda: not runs.state.running, 20)
    assert "the longest that this page waits" in runs.state.ended and runs.finished is None


def test_a_rate_below_nothing_is_an_error(tmp_path, capsys):
    assert main(["--questions-a-minute", "-1", "--corpus", str(tmp_path), "--port", "0"]) == 2
    assert "--questions-a-minute" in capsys.readouterr().err


# --- the page ---


def test_the_page_says_what_the_server_refuses(served, browser):
    with pages(browser, f"http://127.0.0.1:{served.port}") as opened:
        page = opened("/login")
        page.get_by_label("Password").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_selector("#masthead a:text-matches('^[1-9]')")
        busy = [call(served.port, SLOWLY(n=f"page {n}"), f"127.0.5.{n}") for n in range(limits.AT_ONCE)]
        for n in range(A_MINUTE):
            page.fill("#question textarea", QUESTION)
            page.press("#question textarea", "Enter")
            if not n:
                page.wait_for_selector(
                    ".notices:text-is('Others are asking too: your answer begins in about 1 second.')"
                )
            page.locator(".turn").nth(n).locator(".answer").wait_for()
            page.wait_for_selector("#ask:visible")
        page.fill("#question textarea", QUESTION)
        page.press("#question textarea", "Enter")
        page.wait_for_selector(".notices:has-text('Only 5 questions a minute are answered: ask again in')")
        assert page.input_value("#question textarea") == QUESTION and page.locator(".turn").count() == A_MINUTE
        assert all(fetched(served.port, each, f"127.0.5.{n}")[0] == "complete" for n, each in enumerate(busy))
        page.screenshot(path=ROOT / ".ci" / "out" / "too-many.png")
        token = {"Cookie": "; ".join(f"{c['name']}={c['value']}" for c in page.context.cookies())}
        assert request(served.port, "/logout", "POST", **token).status == 303
        page.press("#question textarea", "Enter")
        page.wait_for_selector(".notices:has-text('You have been logged out: log in again')")
        page.screenshot(path=ROOT / ".ci" / "out" / "logged-out.png")
        page.get_by_role("link", name="log in again").click()
        page.get_by_label("Password").wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_to_log_in_and_out_have_no_serious_violation(served, browser, scheme):
    with pages(browser, f"http://127.0.0.1:{served.port}") as opened:
        page = opened("/login", color_scheme=scheme)
        assert serious(page) == []
        page.get_by_label("Password").fill("wrong")
        page.keyboard.press("Enter")
        page.get_by_role("alert").wait_for()
        assert serious(page) == []
        page.get_by_label("Password").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_selector("#masthead")
        page.goto(f"http://127.0.0.1:{served.port}/logout")
        assert serious(page) == []


# --- the end ---


def test_an_answer_that_a_model_writes_ends_with_the_articles_words(announcement_index, tmp_path):
    with plays.scripted() as model:
        model.script = plays.dead
        writer = Writer(Model(model.url, "m"), tmp_path)
        service = Service(
            ROOT / "corpus", announcement_index, editable=False, opened=lambda index: Assistant(index, writer=writer)
        )
        watch = Watch()
        threading.Timer(0.5, watch.ending.set).start()
        began = time.monotonic()
        *_, turns = Conversation(service, watch).steps(QUESTION, [])
        assert turns[-1]["quotes"] and time.monotonic() - began < 10
        assert endpoints(service, watch)[0](QUESTION)["quotes"] and time.monotonic() - began < 15
        model.hung_up.set()


def test_answers_in_flight_are_brought_and_new_questions_refused(served):
    sources = [f"127.0.3.{n}" for n in range(limits.AT_ONCE + WAITING)]
    posted = [call(served.port, SLOWLY(n=source), source) for source in sources]
    with ThreadPoolExecutor(len(sources)) as pool:
        brought = [pool.submit(fetched, served.port, *pair) for pair in zip(posted, sources, strict=True)]
        time.sleep(0.3)
        began = time.monotonic()
        served.process.send_signal(signal.SIGTERM)
        wait_for(lambda: health_now(served.port)["problem"] == "The server is stopping.", 2)
        assert request(served.port, "/healthz").status == 503
        for late in (call(served.port, QUESTION, "127.0.4.1"), request(served.port, "/articles", **BEARER)):
            assert late.status == 503 and late.headers["Retry-After"] == "10"
            assert "is stopping" in json.loads(late.text)["detail"]
        assert [each.result()[0] for each in brought] == ["complete"] * len(sources)
        assert all(each.result()[1][0]["quotes"] for each in brought)
    assert served.process.wait(10) == 0 and time.monotonic() - began < 10
    assert "Traceback" not in served.log.read_text(encoding="utf-8")
    assert sum(line.get("refused") == "ending" for line in lines(served)) == 2


def test_whoever_builds_is_waited_for(tmp_path):
    """What a build imports (torch, after 512 passages) cannot be imported in a Python that ends."""
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "first.txt").write_text("The first\n\nIt came before all others.\n", encoding="utf-8")
    service, builds, built = Service(tmp_path / "corpus", tmp_path / "index", editable=True), threading.Event(), []

    def build_slowly():
        with service._building:
            builds.set()
            time.sleep(1)
            built.append(True)

    with service.following():
        wait_for(lambda: service.build_state.report, 60)
        threading.Thread(target=build_slowly).start()
        builds.wait()
    assert built
