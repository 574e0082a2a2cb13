"""Requests that nobody thought of, to every route, by schemathesis: no 500, no crash, no hang, no traceback in the log.

QUOTEWIRE_FUZZ_HTTP is how many requests of each kind (such as the schema describes, and such as it does not) are sent to
each operation; 3 where it is not set. The longest round so far: see SECURITY.md.
"""

import json
import os
import shutil
import time
from contextlib import suppress

import pytest
import requests
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode, openapi

from chat.web.api import FAILED
from chat.web.unused import _UNUSED

from .browser import call, get, serving
from .conftest import ROOT

# As `serving` starts it; it also writes down the schema of our own routes, which it serves to nobody.
SERVE = """
import json, sys
from pathlib import Path
from chat.web import server
made = server.application
def application(*settings):
    app = made(*settings)
    Path("ours.json").write_text(json.dumps(app.openapi()))
    return app
server.application = application
server.serve(Path(sys.argv[1]), Path(sys.argv[2]), "127.0.0.1", 0)
"""
EACH = int(os.environ.get("QUOTEWIRE_FUZZ_HTTP", "3"))
LONGEST = 20  # seconds, of any request
# These go on for as long as the visitor listens; and an article's rebuild is tried elsewhere, for it takes long.
LEFT_OUT = ("/gradio_api/heartbeat/{session_hash}", "/library/rebuild")
TEXT = {"type": "string"}
TOOLS = {
    "type": "object",
    "properties": {
        "jsonrpc": {"enum": ["2.0"]}, "id": {"type": ["integer", "string"]},
        "method": {"enum": ["tools/call", "tools/list", "initialize", "ping"]},
        "params": {
            "type": "object",
            "properties": {"name": {"enum": ["chat", "ask", "search", "verify_quote"]}, "arguments": {"type": "object"}},
        },
    },
    "required": ["jsonrpc", "id", "method"],
}  # fmt: skip
QUESTIONS = {
    "type": "object",
    "properties": {"data": {"type": "array", "items": TEXT, "maxItems": 5}},
    "required": ["data"],
}
VERDICT = {
    "type": "object",
    "properties": {
        "turn": {"type": "object", "properties": {key: TEXT for key in ("id", "question", "answer", "kind", "asked")}},
        "before": {"type": "array"}, "verdict": {"enum": ["up", "down"]}, "should": TEXT, "words": TEXT,
    },
}  # fmt: skip


def operation(schema, kind="application/json", code="200"):
    body = {"required": True, "content": {kind: {"schema": schema}}}
    return {"post": {"requestBody": body, "responses": {code: {"description": ""}}}}


# What reads its body by itself, and so is without one in the application's own schema.
MORE = {
    "openapi": "3.1.0",
    "info": {"title": "more", "version": "1"},
    "paths": {
        "/mcp": operation(TOOLS),
        "/feedback": operation(VERDICT),
        "/evaluate/run": operation({"type": "object", "properties": {"id": TEXT, "question": TEXT}}),
        "/library": operation(TEXT, "text/plain"),
    }
    | {
        f"/gradio_api/{way}/{name}": operation(QUESTIONS)
        for way in ("call", "run")
        for name in ("chat", "ask", "search")
    },
}


@pytest.fixture(scope="module")
def running(tmp_path_factory, announcement_index):
    """A server on a copy of the corpus, which anybody may change; and the schemas of all that it serves."""
    folder = tmp_path_factory.mktemp("fuzz")
    corpus, index = folder / "corpus", folder / "index"
    shutil.copytree(ROOT / "corpus", corpus)
    shutil.copytree(announcement_index, index)
    with serving(folder, corpus, index, SERVE) as server:
        yield (
            server,
            [json.loads((folder / "ours.json").read_text()), json.loads(get(f"{server.url}/openapi.json")[2]), MORE],
        )


def sent_to(server, operation, mode):
    """The requests that were sent, each with what came of it: (as a command, status or error, seconds)."""
    found = []

    @seed(0)
    @settings(
        max_examples=EACH,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(mode))
    def send(case):
        began = time.monotonic()
        try:
            answer = case.call(base_url=server.url, headers={"X-Quotewire": "1"}, timeout=LONGEST)
            status = answer.status_code
            if status == 500 and "/gradio_api/run/" in case.formatted_path:  # that is how Gradio tells any error there
                status = 422 if answer.json()["error"] not in (None, FAILED) else 500
        except requests.RequestException as error:
            status = repr(error)
        found.append((case.as_curl_command()[:500], status, time.monotonic() - began))

    with suppress(Unsatisfiable):  # where nothing can be sent that the schema does not describe
        send()
    return found


def operations(schemas):
    """What there is to ask, without Gradio's that are not served (see below) and its second names with a slash."""
    for schema in schemas:
        for result in openapi.from_dict(schema).get_all_operations():
            wanted = result.ok()
            twice = len(wanted.path) > 1 and wanted.path.endswith("/")
            if not (twice or wanted.path in LEFT_OUT or _UNUSED.fullmatch(wanted.path)):
                yield wanted


def test_no_request_ends_in_an_error_of_the_server_or_takes_long(running):
    server, schemas = running
    found = []
    for wanted in operations(schemas):
        for mode in GenerationMode if wanted.body or wanted.query else [GenerationMode.POSITIVE]:
            found += sent_to(server, wanted, mode)
    print(f"{len(found)} requests; the slowest took {max(seconds for *_, seconds in found):.1f} s")
    assert [one for one in found if not isinstance(one[1], int) or one[1] >= 500] == []
    assert max(seconds for *_, seconds in found) < LONGEST
    assert len(found) > 80
    assert call(server, "Who attended the signing ceremony?", [])[1][0]["quotes"]  # and it still answers


@pytest.mark.parametrize(
    "path",
    ["pwa_icon/100000", "monitoring", "monitoring/summary", "gradio_api/upload", "gradio_api/proxy=http://127.0.0.1/",
     "gradio_api/file=/etc/passwd", "gradio_api/file/etc/passwd", "gradio_api/dev/reload", "gradio_api/vibe-code",
     "gradio_api/call/none/1", "gradio_api/call/chat/none", "gradio_api/call/v2/chat/none", "gradio_api/call/v2/none",
     "gradio_api/queue/data?session_hash=none", "gradio_api/queue/data", "gradio_api/deep_link?session_hash=x"],
)  # fmt: skip
def test_what_nobody_needs_is_not_there(running, path):
    server, _ = running
    for method in ("GET", "POST"):
        answer = requests.request(method, f"{server.url}/{path}", json={"data": []}, timeout=LONGEST)
        assert answer.status_code in (404, 405), (method, answer.status_code)
    assert requests.get(f"{server.url}/{path}", timeout=LONGEST).status_code == 404


@pytest.mark.parametrize("way", ["call", "run", "api"])
@pytest.mark.parametrize("data", [[], ["Who attended?"], None, {"question": "Who attended?"}])
def test_an_endpoint_that_is_given_too_little_says_what_it_needs(running, way, data):
    server, _ = running
    answer = requests.post(f"{server.url}/gradio_api/{way}/chat", json={"data": data}, timeout=LONGEST)
    assert answer.status_code == 422 and "list of 2 values" in answer.json()["detail"]
    for body in ({"data": data, "fn_index": 10_000, "session_hash": "x"}, {"data": data, "session_hash": "x"}):
        assert requests.post(f"{server.url}/gradio_api/queue/join", json=body, timeout=LONGEST).status_code == 422


def test_the_page_is_the_same_whatever_its_address_asks(running):
    server, _ = running
    plain = requests.get(server.url, timeout=LONGEST)
    for query in ("page=none", "deep_link=none", "deep_link=..%2F..&page=%00"):
        assert requests.get(f"{server.url}/?{query}", timeout=LONGEST).status_code == plain.status_code == 200
        assert requests.get(f"{server.url}/config?{query}", timeout=LONGEST).status_code == 200
