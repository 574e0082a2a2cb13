"""The web page in a real Chromium: ask, see the quote in its source; and nothing leaves this machine."""

import json
import re
import shutil
import threading

import pytest

from tests.browser import LANTERN, OUT, ask, call, get, pages, serving, wait_for

QUESTION = "Who attended the signing ceremony?"
ORVANE = (
    "Orvane Rail appoints a chief engineer\n\n"
    "Orvane Rail has appointed Mira Teledan as its new chief engineer. She begins on the first of May.\n"
)


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
    before = page.get_attribute(".thumbs", "data-turn")
    page.click("text=Ask again")
    page.wait_for_selector(f".turn .thumbs:not([data-turn='{before}'])")
    page.wait_for_selector("#stop", state="hidden")
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
    example = page.locator("#examples button:visible").first
    question = example.inner_text()
    example.click(timeout=10_000)
    turn = page.locator(".turn").first
    turn.locator(".answer, .notice").wait_for()
    assert turn.locator(".asked").inner_text() == question
    assert turn.locator(".answer:not(.abstained) .card").count(), turn.inner_html()


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
    assert own.locator("mark").count() == 0 and "has changed" in own.locator(".notice[role=status]").inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 768, 1440])
def test_no_width_scrolls_sideways(open_page, width, scheme):
    page = open_page(width=width, height=800, color_scheme=scheme)
    turn = ask(page, QUESTION)
    OUT.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=OUT / f"answer-{width}-{scheme}.png")
    turn.locator(".cite").first.click()
    page.wait_for_selector("#source mark#quote")
    page.wait_for_timeout(250)
    page.screenshot(path=OUT / f"source-{width}-{scheme}.png")
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


# A server whose first build waits for a file, and which is slow to answer what begins with SLOW.
SLOW = """
import sys, time
from pathlib import Path
import chat.assistant, chat.web.service
from chat.web.server import serve
gate, build, retrieve = Path(sys.argv[1]).parent / "gate", chat.web.service.build, chat.assistant.retrieve
def gated(*arguments, progress, **named):
    progress(3, 10)
    while not gate.exists():
        time.sleep(.05)
    return build(*arguments, progress=progress, **named)
def slow(index, question, *arguments, **named):
    time.sleep(6 if "SLOW" in question else 0)
    return retrieve(index, question, *arguments, **named)
chat.web.service.build, chat.assistant.retrieve = gated, slow
serve(Path(sys.argv[1]), Path(sys.argv[2]), "127.0.0.1", 0)
"""


@pytest.fixture(scope="module")
def slow_server(tmp_path_factory):
    """The slow server; its index is not built yet, the file `gate` opens the way."""
    folder = tmp_path_factory.mktemp("slow")
    (folder / "corpus").mkdir()
    (folder / "corpus" / "lantern.txt").write_text(LANTERN, encoding="utf-8")
    with serving(folder, folder / "corpus", program=SLOW, built=False) as running:
        yield running


def _opened(open_slow, slow_server):
    """A page of the slow server once its index is built."""
    (slow_server.corpus.parent / "gate").touch()
    wait_for(lambda: get(f"{slow_server.url}/articles/lantern.txt")[0] == 200)
    return open_slow()


def test_a_page_that_is_opened_while_the_index_is_built_says_so_and_then_goes_on(browser, slow_server):
    page = browser.new_context().new_page()
    page.goto(slow_server.url)
    page.wait_for_selector("#masthead [role=status]:has-text('3 of 10 passages are done')")
    notice = ask(page, "Who opened the museum of Lantern Cove?").locator(".notice").inner_text()
    assert "being read for the first time" in notice and "Ask again in a moment" in notice
    (slow_server.corpus.parent / "gate").touch()
    page.wait_for_selector("#masthead a:text('1 article')")  # without a reload
    page.click("#turn-row button:text-is('Ask again')")
    page.wait_for_selector(".turn .answer:has-text('Odile Marchetti')")
    assert page.locator(".turn").count() == 1
    page.context.close()


def test_stop_leaves_the_question_and_what_to_do(browser, slow_server):
    with pages(browser, slow_server.url) as open_slow:
        page = _opened(open_slow, slow_server)
        ask(page, "Who opened the museum of Lantern Cove?")
        page.fill("#question textarea", "SLOW who opened the museum of Lantern Cove?")
        page.press("#question textarea", "Enter")
        page.click("#stop")
        page.wait_for_selector(".turn >> nth=1 >> .notice:has-text('Stopped')")
        page.wait_for_selector("#ask:visible")
        assert page.locator(".turn >> nth=0 >> .card").count() > 0
        page.reload()
        page.wait_for_selector(".turn >> nth=1 >> .notice:has-text('Stopped')")
        page.click("text=Undo")
        wait_for(lambda: page.locator(".turn").count() == 1)
        assert page.input_value("#question textarea").startswith("SLOW"), "undo gives the question back"
        page.click("text=Undo")
        wait_for(lambda: page.locator(".turn").count() == 0)


def test_what_is_typed_while_an_answer_comes_stays_and_is_asked_at_once(browser, slow_server):
    with pages(browser, slow_server.url) as open_slow:
        page = _opened(open_slow, slow_server)
        page.fill("#question textarea", "SLOW who opened the museum on Friday?")  # answers are kept: its own
        page.press("#question textarea", "Enter")
        page.wait_for_selector("#stop:visible")
        page.fill("#question textarea", "Where is the museum?")
        # Enter in the very task in which "Ask" comes back, as a fast hand or a busy machine has it.
        page.evaluate("""() => new Promise((done, failed) => {
            setTimeout(() => failed("“Ask” did not come back"), 60000);
            const pressed = () => {
                if (!document.querySelector("#ask")?.checkVisibility()) return;
                seen.disconnect();
                const enter = { key: "Enter", bubbles: true, cancelable: true };
                document.querySelector("#question textarea").dispatchEvent(new KeyboardEvent("keypress", enter));
                done();
            };
            const seen = new MutationObserver(pressed);
            seen.observe(document.body, { childList: true, subtree: true, attributes: true });
            pressed();
        })""")
        page.locator(".turn").nth(1).locator(".answer").wait_for()
        assert "Where is the museum?" in page.locator(".turn").nth(1).inner_text()
        assert page.locator(".turn").nth(0).locator(".card").count() > 0, "the first answer is kept"


def test_one_long_question_does_not_hold_up_another_visitor(browser, slow_server):
    with pages(browser, slow_server.url) as open_slow:
        one, two = _opened(open_slow, slow_server), open_slow()
        one.fill("#question textarea", "SLOW who opened the museum of Lantern Cove?")
        one.press("#question textarea", "Enter")
        one.wait_for_selector(".pending")
        ask(two, "Who opened the museum of Lantern Cove?").locator(".answer").wait_for()
        assert one.locator(".pending").count() == 1
        one.wait_for_selector(".turn .answer")


def test_two_visitors_and_two_tabs_each_keep_their_own_conversation(open_page):
    one, two = open_page(), open_page()
    ask(one, QUESTION)
    ask(two, "Who opened the museum of Lantern Cove?")
    tab = one.context.new_page()
    tab.goto(one.url)
    tab.wait_for_selector(".turn:has-text('signing ceremony')")  # a new tab begins with the last conversation
    tab.click("text=Clear")
    wait_for(lambda: tab.locator(".turn").count() == 0)
    ask(tab, "What did Xu Zhijun say?")
    for page, asked in (
        (one, QUESTION),
        (two, "Who opened the museum of Lantern Cove?"),
        (tab, "What did Xu Zhijun say?"),
    ):
        page.reload()
        page.wait_for_selector(".turn")
        assert page.locator(".asked").all_text_contents() == [asked]


def test_the_tabs_are_one_stop_and_the_arrow_keys_move_between_them(open_page):
    page = open_page()
    page.wait_for_selector("[role=tab][tabindex='-1']")
    page.focus("[role=tab][aria-selected=true]")
    page.keyboard.press("ArrowRight")
    selected = page.locator("[role=tab][aria-selected=true]")
    assert selected.inner_text() == "Articles" == page.evaluate("document.activeElement.innerText")
    assert float(selected.evaluate("tab => getComputedStyle(tab).outlineWidth").removesuffix("px")) >= 2
    page.keyboard.press("End")
    assert page.evaluate("document.activeElement.innerText") == "Evaluate"
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.innerText") == "Ask"
    panel = page.locator(f"#{selected.get_attribute('aria-controls')}")
    assert panel.get_attribute("aria-labelledby") == selected.get_attribute("id") and panel.is_visible()
    assert page.locator("[role=tab][tabindex='0']").count() == 1


def test_three_actions_lead_to_a_printable_quote_with_its_source(open_page, server):
    page = open_page(color_scheme="dark")
    page.locator("#examples button:visible").first.click()
    page.locator(".turn .cite").first.click()
    page.wait_for_selector("#source mark#quote")
    page.evaluate("window.print = () => { dispatchEvent(new Event('beforeprint')); window.printed = true; }")
    page.click("#source .print")
    assert page.evaluate("window.printed")
    page.emulate_media(media="print")
    page.screenshot(path=OUT / "print.png", full_page=True)
    words = page.locator(".card blockquote").first.text_content()
    assert (
        page.locator(".printed blockquote").is_visible() and page.locator(".printed blockquote").text_content() == words
    )
    link = page.inner_text(".printed a")
    assert link.startswith(f"{server.url}/articles/") and "hash=" in link and "start=" in link
    assert page.locator("#source .title").is_visible() and page.locator("#source .about .file").is_visible()
    assert page.locator("gradio-app").is_hidden() and page.locator("#source .actions").is_hidden()
    style = page.locator("#source mark#quote").evaluate(
        "m => { const c = getComputedStyle(m); return [c.borderTopWidth, c.color]; }"
    )
    assert style == ["1px", "rgb(0, 0, 0)"], "the quote is framed, not only coloured"


def test_while_its_index_is_taken_away_the_server_goes_on_with_the_one_that_it_has(browser, slow_server):
    """The last with this server: its index is gone."""
    with pages(browser, slow_server.url) as open_slow:
        page = _opened(open_slow, slow_server)
        ask(page, "Who opened the museum of Lantern Cove?")
        shutil.rmtree(slow_server.index)
        assert "Odile Marchetti" in ask(page, "And who opened it?").inner_text()
        page.locator(".cite").first.click()
        page.wait_for_selector("#source:has-text('Odile Marchetti')")
        assert "until then the generation before it serves" in slow_server.log.read_text(encoding="utf-8")
