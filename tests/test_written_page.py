"""A language model's answer in a real browser: statements come one by one with their citations, and Stop stops the model."""

import json
import time

import pytest

from tests import scripted_llm as plays
from tests.browser import ROOT, ask, pages, serving
from tests.scripted_llm import scripted

QUESTION = "Who is the president of Baidu?"
SERVE = """
import sys
from chat.__main__ import main
sys.exit(main(["serve", "--corpus", sys.argv[1], "--index", sys.argv[2], "--port", "0", "--llm-url", "URL", "--llm-model", "m"]))
"""


@pytest.fixture(scope="module")
def model():
    with scripted() as running:
        yield running


@pytest.fixture(scope="module")
def written_server(tmp_path_factory, announcement_index, model):
    folder = tmp_path_factory.mktemp("written")
    with serving(folder, ROOT / "corpus", announcement_index, program=SERVE.replace("URL", model.url)) as running:
        assert model.asked == []  # not even for the example questions
        yield running


@pytest.fixture
def open_written(browser, written_server):
    with pages(browser, written_server.url) as opened:
        yield opened


def statement(asked, text):
    return json.dumps({"text": text, "sentences": [plays.number_of(asked, "attended by senior")]})


def test_statements_are_shown_with_their_citations_and_what_is_not_supported_is_not(open_written, model):
    def play(exchange, asked):
        exchange.stream(
            statement(asked, "Xu Zhijun is the President of Baidu.") + statement(asked, "<b>Elon</b> Musk came.")
        )

    model.script = play
    turn = ask(open_written(), QUESTION)
    turn.locator(".note:has-text('one statement')").wait_for()
    assert turn.locator(".statement").all_inner_texts() == ["Xu Zhijun is the President of Baidu. [1]"]
    link = turn.locator(".statement .cite").get_attribute("href")
    assert link.split("&also")[0] == turn.locator(".card .cite").first.get_attribute("href").split("&also")[0]
    assert "Musk" not in turn.inner_text() and turn.locator(".card").count() == 1


def test_stop_ends_the_model_and_keeps_what_it_has_written(open_written, model):
    def play(exchange, asked):
        exchange.begin(200, "text/event-stream")
        exchange.piece(statement(asked, "Yu Qinghai is President of SAIC Motor."))
        while True:
            exchange.wfile.write(b":\n\n")
            time.sleep(0.05)

    model.script = play
    model.hung_up.clear()
    page = open_written()
    page.fill("#question textarea", "Who is the president of SAIC Motor?")
    page.press("#question textarea", "Enter")
    page.wait_for_selector(".statement:has-text('Yu Qinghai')")
    assert "is writing" in page.locator(".turn .note").first.inner_text()
    page.click("#stop")
    page.wait_for_selector(".turn .note:has-text('was stopped')")
    assert model.hung_up.wait(20), "the model goes on"
    page.wait_for_selector("#ask:visible")
    page.reload()
    page.wait_for_selector(".turn .note:has-text('was stopped')")
    assert page.locator(".statement").count() == 1
