"""A thumb up or down becomes a test question that the real `chat evaluate` accepts, whatever is typed or crashes."""

import json
import os
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from types import SimpleNamespace

import pytest

from chat.assistant import Assistant
from chat.evaluation.question_file import article_text, read_questions
from chat.types import Scope
from chat.web.conversation import turn
from chat.web.feedback import NotFound, judged, line_of
from chat.web.feedback_file import keep
from indexer import QuotewireError
from tests.browser import ROOT, ask, wait_for

QUESTION = "Who attended the signing ceremony?"
NO_ANSWER = "What is the melting point of tungsten carbide?"
WRONG_WORDS = "The museum was opened by a brass band from Orvane."


@pytest.fixture(scope="module")
def assistant(corpus_index):
    return Assistant(corpus_index)


@pytest.fixture(scope="module")
def answered(assistant):
    """An answer and an abstention, as the page keeps them."""
    found = SimpleNamespace(answer=turn(assistant.ask(QUESTION)), abstention=turn(assistant.ask(NO_ANSWER)))
    assert found.answer["kind"] == "answer" and found.abstention["kind"] == "abstention"
    return found


def sent(of, verdict="up", **more):
    return {"turn": of, "verdict": verdict, "before": [], **more}


def line(assistant, *arguments, **named):
    return line_of(assistant.index, judged(sent(*arguments, **named)))


def accepted(tmp_path, assistant, *lines):
    """The lines as the evaluation reads them."""
    path = tmp_path / "feedback.jsonl"
    for one in lines:
        keep(path, one)
    return read_questions([path], article_text(assistant.index))


def test_a_right_answer_is_kept_with_its_quotes_as_evidence(assistant, answered, tmp_path):
    (question,) = accepted(tmp_path, assistant, line(assistant, answered.answer))
    assert question.answerable and question.question == QUESTION
    assert [span.quote for span in question.evidence] == [quote["text"] for quote in answered.answer["quotes"]]
    assert question.raw["verdict"] == "right" and question.raw["answer"] == answered.answer["answer"]
    assert question.raw["generation"] == assistant.index.manifest.generation


def test_a_right_abstention_is_a_question_that_is_not_answerable(assistant, answered, tmp_path):
    (question,) = accepted(tmp_path, assistant, line(assistant, answered.abstention))
    assert not question.answerable and not question.evidence


def test_the_words_of_a_quote_that_the_browser_sends_are_not_trusted(assistant, answered):
    quote = answered.answer["quotes"][0]
    forged = answered.answer | {"quotes": [quote | {"text": "forged", "title": "forged"}]}
    assert line(assistant, forged)["evidence"][0]["quote"] == quote["text"]
    for change in ({"content_hash": "sha256:" + "0" * 64}, {"article": "gone.txt"}, {"start": -5}, {"start": "0"},
                   {"start": 10**9, "end": 2 * 10**9}, {"end": None}):  # fmt: skip
        with pytest.raises(QuotewireError, match="has changed"):
            line(assistant, answered.answer | {"quotes": [quote | change]})


def test_what_it_should_have_been_is_looked_for_in_the_articles(assistant, answered, tmp_path):
    quote = answered.answer["quotes"][-1]
    pasted = "  " + quote["text"].replace(" ", "\n ", 2)
    cited = (
        f"“{' '.join(quote['text'].split())}” (A title (with one), 2026-01-01, file.txt) http://127.0.0.1:1/articles/x"
    )
    for words in (pasted, cited.replace(" (with one)", "")):
        found = line(assistant, answered.abstention, "down", should="said", words=words)
        assert found["answerable"] and quote["text"] in [e["quote"] for e in found["evidence"]]
        assert accepted(tmp_path, assistant, found)[0].evidence
    with pytest.raises(NotFound, match="No article says it"):
        line(assistant, answered.answer, "down", should="said", words=WRONG_WORDS)
    short = line(assistant, answered.answer, "down", should="short", words=WRONG_WORDS)
    assert short["answers"] == [WRONG_WORDS] and short["answerable"] and not short["evidence"]
    with pytest.raises(QuotewireError, match="whole sentence"):
        line(assistant, answered.answer, "down", should="said", words="the")
    with pytest.raises(QuotewireError, match="Paste the words"):
        line(assistant, answered.answer, "down", should="said", words=" ")


def test_every_line_is_one_that_the_command_accepts(assistant, answered, corpus_index, tmp_path):
    odd = "Who\u2028said\u2029 “it”\x85?\x00\x1c\r\n \ud800 ＂{}\\n"
    path = tmp_path / "feedback.jsonl"
    turns = [answered.answer, answered.abstention]
    ways = [("up", {}), ("down", {"should": ""}), ("down", {"should": "not said"}),
            ("down", {"should": "said", "words": answered.answer["quotes"][0]["text"]}),
            ("down", {"should": "short", "words": odd, "comment": odd})]  # fmt: skip
    before = [{"question": odd, "answer": odd}, {"question": "And?", "answer": ""}]
    for number, (verdict, more) in enumerate(ways * 2):
        of = turns[number >= len(ways)] | {"id": f"{number:032x}", "question": odd if number % 2 else QUESTION}
        keep(path, line(assistant, of, verdict, before=before, **more))
    assert len(path.read_text(encoding="utf-8").splitlines()) == len(ways) * 2
    command = [
        sys.executable,
        "-m",
        "chat",
        "evaluate",
        str(path),
        "--corpus",
        "tests/corpus",
        "--index",
        str(corpus_index),
    ]
    done = subprocess.run(
        [*command, "--output", str(tmp_path / "results.jsonl")], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert len((tmp_path / "results.jsonl").read_text(encoding="utf-8").splitlines()) == len(ways) * 2


def test_another_verdict_takes_the_place_of_the_first(assistant, answered, tmp_path):
    path = tmp_path / "feedback.jsonl"
    by_hand = b'{"id": "by-hand", "question": "Why?",   "answerable": false}\r\n'
    path.write_bytes(by_hand)
    keep(path, line(assistant, answered.answer))
    keep(path, line(assistant, answered.abstention))
    keep(path, line(assistant, answered.answer, "down", should="not said"))
    first, second, third = read_questions([path], article_text(assistant.index))
    assert path.read_bytes().startswith(by_hand) and first.id == "by-hand"
    assert second.question == QUESTION and second.raw["verdict"] == "wrong" and not second.answerable
    assert third.question == NO_ANSWER


def test_a_line_that_a_crash_cut_off_is_taken_away_and_one_without_its_end_is_ended(tmp_path, caplog):
    path = tmp_path / "feedback.jsonl"
    path.write_bytes(b'{"id": "a"}\n{"id": "b", "que')
    keep(path, {"id": "c"})
    assert path.read_bytes() == b'{"id": "a"}\n{"id": "c"}\n' and "cut off" in caplog.text
    path.write_bytes(b'{"id": "a"}')
    keep(path, {"id": "c"})
    assert path.read_bytes() == b'{"id": "a"}\n{"id": "c"}\n'


def test_many_write_at_once_and_no_line_is_lost_or_mixed(tmp_path):
    path = tmp_path / "feedback.jsonl"

    def write(writer):  # each opens the file for itself, so that a thread is as apart from the others as a process
        for number in range(20):
            keep(path, {"id": f"{writer}-{number}", "text": "x" * 5000})
            keep(path, {"id": "shared", "text": f"{writer} {number}"})

    writers = [threading.Thread(target=write, args=(writer,)) for writer in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    ids = [json.loads(one)["id"] for one in path.read_bytes().splitlines()]
    assert sorted(ids) == sorted([*(f"{w}-{n}" for w in range(4) for n in range(20)), "shared"])
    assert os.listdir(tmp_path) == ["feedback.jsonl"]


def test_a_file_that_cannot_be_written_is_said_and_what_to_do(tmp_path):
    with pytest.raises(QuotewireError, match="--feedback FILE"):
        keep(tmp_path, {"id": "a"})
    with pytest.raises(QuotewireError, match="--feedback FILE"):
        keep(tmp_path / "none" / "feedback.jsonl", {"id": "a"})


def test_a_question_asked_in_a_scope_says_so(assistant):
    scope = Scope(articles=(assistant.index.articles[0].path,), until="2030-01-01")
    found = line(assistant, turn(assistant.ask(QUESTION, scope=scope), scope))
    assert found["scope"] == {"articles": list(scope.articles), "since": "", "until": "2030-01-01"}


@pytest.mark.parametrize(
    "change",
    [{"id": "../../etc"}, {"id": 5}, {"question": " "}, {"question": "x" * 2000}, {"answer": None}, {"asked": 3}],
)
def test_what_the_page_does_not_send_is_refused(answered, change):
    with pytest.raises(QuotewireError, match="Reload the page"):
        judged(sent(answered.answer | change))
    for body in (None, [], "x", 5, {}, {"turn": answered.answer}, sent(answered.answer, "sideways")):
        with pytest.raises(QuotewireError, match="Reload the page"):
            judged(body)


def post(server, data=b"{}", **headers):
    """(status, body) of the route's answer."""
    headers = {"X-Quotewire": "1", "Content-Type": "application/json"} | {
        k.replace("_", "-"): v for k, v in headers.items()
    }
    request = urllib.request.Request(
        f"{server.url}/feedback", data, {k: v for k, v in headers.items() if v is not None}
    )
    try:
        with urllib.request.urlopen(request) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def test_the_route_is_for_the_page_alone(server):
    written = server.log.parent / "feedback.jsonl"
    before = written.read_bytes() if written.exists() else b""
    for headers in ({"X_Quotewire": None}, {"Origin": "http://elsewhere.example"}, {"Origin": "null"},
                    {"Sec_Fetch_Site": "cross-site"}, {"Content_Type": "text/plain"}):  # fmt: skip
        assert post(server, **headers)[0] == 403, headers
    assert post(server, b"[" * 100_000)[0] == 400 and post(server, b"\xff")[0] == 400 and post(server)[0] == 422
    assert post(server, b" " * 2_000_000)[0] == 413
    assert (written.read_bytes() if written.exists() else b"") == before


def test_thumbs_in_the_page_write_lines_that_the_command_accepts(open_page, server):
    written = server.log.parent / "feedback.jsonl"
    page = open_page()
    first = ask(page, QUESTION)
    first.locator("[data-verdict=up]").click()
    page.wait_for_selector(".said:text('Saved as a test question.')")
    assert first.locator("[data-verdict=up]").get_attribute("aria-pressed") == "true"
    second = ask(page, "Who opened the museum of Lantern Cove?")
    assert first.locator("[data-verdict=up]").get_attribute("aria-pressed") == "true", (
        "a new turn keeps the old verdicts"
    )
    second.locator("[data-verdict=down]").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.name") == "should"
    page.fill(".wrong [name=words]", WRONG_WORDS)
    assert page.locator(".wrong [value=said]").is_checked()
    page.click(".wrong .save")
    page.wait_for_selector(".wrong .problem:text('No article says it')")
    page.fill(".wrong [name=words]", "opened by Odile Marchetti on Friday")
    page.fill(".wrong [name=comment]", "The name alone.")
    page.click(".wrong .save")
    page.wait_for_selector(".wrong", state="detached")
    assert page.evaluate("document.activeElement.dataset.verdict") == "down"
    lines = [json.loads(one) for one in written.read_bytes().splitlines()][-2:]
    assert [(one["verdict"], one["answerable"]) for one in lines] == [("right", True), ("wrong", True)]
    assert lines[1]["evidence"][0]["quote"] == "opened by Odile Marchetti on Friday" and lines[1]["comment"]
    assert [turn["role"] for turn in lines[1]["history"]] == ["user", "assistant"]
    page.reload()
    wait_for(lambda: page.locator("[aria-pressed=true]").count() == 2)
    page.locator(".thumbs").nth(1).locator("[data-verdict=up]").click()
    wait_for(lambda: json.loads(written.read_bytes().splitlines()[-1])["verdict"] == "right")
    command = [
        sys.executable,
        "-m",
        "chat",
        "evaluate",
        str(written),
        "--corpus",
        str(server.corpus),
        "--index",
        str(server.index),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_form_is_kept_while_another_question_is_asked(open_page):
    page = open_page()
    ask(page, QUESTION).locator("[data-verdict=down]").click()
    page.fill(".wrong [name=words]", "half a senten")
    ask(page, "Who opened the museum of Lantern Cove?")
    assert page.input_value(".wrong [name=words]") == "half a senten"
    page.locator(".wrong [name=words]").press("Escape")
    page.wait_for_selector(".wrong", state="detached")


def test_an_abstention_is_judged_as_one(open_page, server):
    page = open_page()
    judged_turn = ask(page, NO_ANSWER)
    assert "do not say it: right" in judged_turn.locator("[data-verdict=up]").get_attribute("aria-label")
    judged_turn.locator("[data-verdict=down]").click()
    assert page.locator(".wrong [value='not said']").count() == 0
    page.click(".wrong .cancel")
    judged_turn.locator("[data-verdict=up]").click()
    page.wait_for_selector(".said:text('Saved')")
    assert not json.loads((server.log.parent / "feedback.jsonl").read_bytes().splitlines()[-1])["answerable"]
