"""77 payloads (`tests/payloads.py`) in a real Chromium: nothing runs, nothing leaves, and each stands there as it was written.

They stand in articles' texts, titles, authors and sources, in file names, questions, a conversation, filters, feedback,
a question file, uploads and addresses; they are looked at in the chat, the source panel, the article's page, the tab
Articles, the evaluation and its report, the downloads, feedback.jsonl, a terminal and the log. The first test shows that they are
live: a page that does not escape runs or loads most of those that are markup, and the hooks hear it.
"""

import json
import re
from html import escape
from urllib.parse import quote as url_quote

import pytest

from chat.__main__ import main as chat
from indexer.__main__ import main as indexer
from tests.browser import ROOT, ask, get, pages, serving, wait_for
from tests.payloads import ENCODED, FOREIGN, FORGED_LINE, HOOKS, HTML, LOADED, PAYLOADS, SKELETON

PROGRAM = """
import sys
from pathlib import Path
from chat.web.server import serve
from chat.web.watch import Operating
serve(Path(sys.argv[1]), Path(sys.argv[2]), "127.0.0.1", 0, operating=Operating(log_questions=True))
"""
SEND = """async (all) => Promise.all(all.map(async ([method, path, body]) => (await fetch(path, {
    method, body, headers: { "X-Quotewire": "1", "Content-Type": "application/json" } })).status))"""
CHAT = "section h2 p div ol ul li blockquote a b span time button svg path".split()
ARTICLE = "article header h1 h2 p a span time button div mark blockquote b main nav ul li".split()
LIBRARY = """h2 h3 p b a span time button div ul li details summary table thead tbody tr th td form dialog input label
    progress select option""".split()
REPORT = """h1 h2 h3 p b i a span time small code div ul li ol dl dt dd details summary table caption thead tbody tr th td
    blockquote cite figure figcaption svg g path rect line circle polyline polygon text title tspan main footer""".split()


def squeezed(text):
    """Without white space and control characters, of which HTML keeps some and changes others."""
    return re.sub(r"[\s\0-\x1f\x7f-\x9f\ufffd\ufeff]+", "", text)


def file_name(number, payload):
    """As much of the payload as a path can hold; its slashes are folders."""
    parts = [part for part in payload.replace("\0", "").split("/") if part.strip(". ")]
    return f"n{number:02} " + "/".join(part[:60] for part in parts) + (".md" if number % 2 else ".txt")


def article(number, payload):
    told = {
        "title": f"{number:02} {payload}",
        "date": "2026-02-03",
        "authors": [payload, "Odile Marchetti"],
        "source": payload,
    }
    head = "\n".join(f"{key}: {json.dumps(value)}" for key, value in told.items())
    words = payload.replace("\0", "")
    return f"---\n{head}\n---\n\nThe bulletin of Orvane reads {words} in full.\n\nIt was signed by Odile Marchetti on Friday.\n"


# All are in the conversation, the lists, the evaluation; these, more than 40 each, in what takes longer to look at.
ASKED = [number for number in range(len(PAYLOADS)) if number % 7 < 4]
OPENED = [number for number in range(len(PAYLOADS)) if number % 7 > 2]
NAMES = [file_name(number, payload) for number, payload in enumerate(PAYLOADS)]


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """A server with an article of each payload, and a file of its name that cannot be read."""
    folder = tmp_path_factory.mktemp("payloads")
    corpus = folder / "corpus"
    for name, payload, number in zip(NAMES, PAYLOADS, range(len(PAYLOADS)), strict=True):
        path = corpus / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(article(number, payload).encode())
        path.with_name(f"empty {path.name}").write_bytes(b"")
    with serving(folder, corpus, program=PROGRAM) as running:
        yield running


@pytest.fixture
def ran():
    """What ran, or was kept from it by the Content-Security-Policy alone: nothing, at the end of every test."""
    heard = []
    yield heard
    assert heard == []


@pytest.fixture
def opened(browser, hostile, ran):
    """Opens pages of `hostile` with the hooks in them."""
    with pages(Hooked(browser, ran), hostile.url) as opens:
        yield opens


def named(frame):
    """The name of the frame, or of the nearest one around it that has one."""
    return frame.name or (named(frame.parent_frame) if frame.parent_frame else "")


class Hooked:
    """A browser whose every page and frame has the hooks."""

    def __init__(self, browser, ran):
        self.browser, self.ran = browser, ran

    def new_context(self, **options):
        context = self.browser.new_context(**options)
        context.expose_binding("__told", lambda source, what: self.ran.append((named(source["frame"]), what)))
        context.add_init_script(HOOKS)
        context.on("dialog", lambda dialog: (self.ran.append(("", dialog.type)), dialog.dismiss()))
        return context


def nothing_foreign(page, selector, tags):
    assert page.locator(selector).count()
    assert page.evaluate(FOREIGN, [selector, tags]) == []


def test_the_payloads_are_live_where_nothing_escapes_them(browser):
    heard = []
    context = Hooked(browser, heard).new_context()
    frames = "".join(f'<iframe name="{n}" srcdoc="{escape(p)}"></iframe>' for n, p in enumerate(PAYLOADS))
    context.route("**/*", lambda route: route.abort())
    context.route("http://unescaped.invalid/", lambda route: route.fulfill(body=frames, content_type="text/html"))
    context.on("request", lambda r: heard.append((named(r.frame), r.url)) if "evil.invalid" in r.url else None)
    context.new_page().goto("http://unescaped.invalid/")
    context.pages[0].wait_for_timeout(1000)
    context.close()
    live = {int(name) for name, _ in heard if name.isdecimal()}
    assert len(PAYLOADS) == len(set(PAYLOADS)) == 77 and min(len(ASKED), len(OPENED)) > 40
    assert len(live) >= 35 and len(live & set(range(len(HTML)))) >= 20, [
        p for n, p in enumerate(PAYLOADS) if n not in live
    ]


def forged(payload, number):
    """A turn as a browser might have kept it, with the payload in every place."""
    path = NAMES[number] if number < len(NAMES) else "plain"
    quote = {"n": 1, "article": payload, "title": payload, "date": payload, "start": payload, "end": 1, "text": payload,
             "content_hash": payload, "link": "/articles/" + url_quote(path) + "?start=0&end=9&x=" + payload}  # fmt: skip
    quotes = [quote, quote | {"n": payload, "start": 5, "link": payload}]
    scope = {"articles": [payload], "since": payload, "until": payload}
    told = {
        "question": payload,
        "answer": payload,
        "lead": payload,
        "understood": payload,
        "note": payload,
        "id": payload,
    }
    told |= {"statements": [{"text": payload, "quotes": [1]}], "quotes": quotes, "nearest": quotes, "scope": scope}
    kind = ("answer", "abstention", "notice")[number % 3]
    return told | ({"notice": payload} if kind == "notice" else {"kind": kind, "by_date": number % 2 == 0})


def test_a_conversation_that_a_browser_kept(opened):
    page, plain = opened(), len(PAYLOADS) * 6
    for first in range(0, len(PAYLOADS), 40):
        part = list(range(first, min(first + 40, len(PAYLOADS))))
        turns = [forged("plain", plain + n) for n in range(6)] + [forged(PAYLOADS[n], n) for n in part]
        page.evaluate("(turns) => sessionStorage.setItem('quotewire-turns', JSON.stringify(turns))", turns)
        page.reload()
        page.wait_for_selector(f".turn >> nth={len(turns) - 1}")
        shown = page.locator(".turn").all()
        as_plain = [turn.evaluate(SKELETON) for turn in shown[:6]]
        for number, turn in zip(part, shown[6:], strict=True):
            assert turn.evaluate(SKELETON) == as_plain[number % 6], PAYLOADS[number]
            assert squeezed(turn.text_content()).count(squeezed(PAYLOADS[number])) >= (2 if number % 3 == 2 else 5)
        nothing_foreign(page, "#conversation .log", CHAT)
    nothing_foreign(page, "#masthead .masthead", [*CHAT, "header", "h1"])


def test_questions_answers_the_source_panel_and_feedback(opened, hostile):
    page = opened()
    loaded, quoted = page.evaluate(LOADED), 0
    for count, number in enumerate(ASKED):
        payload = PAYLOADS[number]
        if count % 25 == 24:
            page.get_by_role("button", name="Clear", exact=True).click()
            page.locator(".turn").first.wait_for(state="detached")
        page.evaluate("(path) => { window.quotewire.scope = () => ({ articles: [path] }); }", NAMES[number])
        asked = f"What does the bulletin of Orvane read: {payload}"
        turn = ask(page, asked)
        assert squeezed(turn.locator(".asked").text_content()) == squeezed(asked)
        card = turn.locator(".card").first
        assert squeezed(card.locator(".file").get_attribute("title")) == squeezed(NAMES[number])
        title = squeezed(f"[1] {number:02} {payload}")
        assert squeezed(card.locator("a.cite").text_content()) == title
        quoted += squeezed(payload) in squeezed(card.locator("blockquote").text_content())
        assert card.locator(".copy").get_attribute("data-copy")[0] == "“"  # no formula, wherever it is pasted
        card.locator("a.cite").click()
        page.wait_for_function(
            "(n) => document.querySelector('#source .title')?.textContent.startsWith(n)", arg=f"{number:02} "
        )
        assert f"[1]{squeezed(page.locator('#source .title').text_content())}" == title
        assert squeezed(payload) in squeezed(page.locator("#source .text").text_content())
        nothing_foreign(page, "#source .panel-body", ARTICLE)
        page.evaluate("document.querySelector('#source .close').click()")
    assert quoted >= 34
    nothing_foreign(page, "#conversation .log", CHAT)
    assert page.evaluate(LOADED) == loaded
    kept = judged_all(page, hostile)
    assert [line["comment"] for line in kept] == list(PAYLOADS) and {line["verdict"] for line in kept} == {"wrong"}


def judged_all(page, hostile):
    """A verdict with each payload in it, as the page sends it; the lines of the file."""
    turn = page.evaluate("window.quotewire.turns().at(-1)")
    bodies = [
        {"verdict": "down", "turn": turn | {"id": f"{n:032x}", "question": p, "answer": p}, "before": [{"question": p, "answer": p}],
         "should": "short", "words": p, "comment": p}
        for n, p in enumerate(PAYLOADS)
    ]  # fmt: skip
    for body in bodies:
        assert page.evaluate(SEND, [["POST", "/feedback", json.dumps(body)]]) == [200]
    return [json.loads(line) for line in (hostile.log.parent / "feedback.jsonl").read_bytes().split(b"\n")[:-1]]


def test_the_pages_of_the_articles(opened, hostile):
    page = opened("/articles")
    rows = {a.get_attribute("href"): a.text_content() for a in page.locator(".articles a").all()}
    nothing_foreign(page, "body", ARTICLE)
    for number in OPENED:
        payload = PAYLOADS[number]
        link = f"/articles/{url_quote(NAMES[number])}"
        answer = page.goto(f"{hostile.url}{link}?start=0&end=90&also=10-20")
        assert answer.headers["content-security-policy"].startswith("default-src 'self'; img-src")
        title = squeezed(page.locator("h1").text_content())
        assert title == squeezed(rows[link]) == squeezed(f"{number:02} {payload}")
        assert squeezed(page.title()) == f"{title}–Quotewire"
        assert squeezed(payload) in squeezed(page.locator(".text").text_content())
        assert squeezed(f"{payload}, Odile Marchetti") in squeezed(page.locator(".about").text_content())
        nothing_foreign(page, "body", ARTICLE)
        if number % 3:
            continue
        assert page.goto(f"{hostile.url}/articles/no {url_quote(payload)}?x={url_quote(payload)}").status == 404
        assert squeezed(payload) in squeezed(page.locator("main").text_content())
        nothing_foreign(page, "body", ARTICLE)


def served(text):
    return lambda route: route.fulfill(body=text, content_type="text/html")


def test_the_evaluation_its_report_and_its_downloads(opened, hostile, tmp_path):
    lines = [
        {"id": f"{n} {p}", "question": f"What is {n}? {p}", "answerable": n % 2 == 0, "answers": [p], "must_show": [[p]], p: p,
         "history": [{"role": "user", "content": p}, {"role": "assistant", "content": p}],
         "evidence": [{"article": NAMES[n], "quote": "It was signed by Odile Marchetti on Friday."}] if n % 2 == 0 else []}
        for n, p in enumerate(PAYLOADS)
    ]  # fmt: skip
    data = "".join(json.dumps(line) + "\n" for line in lines).encode()
    page = opened()
    page.get_by_role("tab", name="Evaluate").click()
    wrong = [f'{{"id": {json.dumps(p)}, "question": {json.dumps(p)}, "answerable": {json.dumps(p)}}}' for p in PAYLOADS]
    for payload, line in zip(PAYLOADS, wrong, strict=True):
        answer = page.request.post(f"{hostile.url}/evaluate/run?name={url_quote(payload)}", data=line.encode())
        assert answer.status == 422 and answer.headers["content-type"] == "application/json"
    page.set_input_files(
        ".evaluate [name=own]", {"name": PAYLOADS[2] + ".jsonl", "mimeType": "", "buffer": wrong[2].encode()}
    )
    page.click("text=Run the questions")
    page.locator(".evaluate .problem", has_text=PAYLOADS[2]).wait_for()
    page.set_input_files(".evaluate [name=own]", {"name": PAYLOADS[2] + ".jsonl", "mimeType": "", "buffer": data})
    page.click("text=Run the questions")
    page.wait_for_function("document.activeElement.matches('.evaluate .result h2')")
    assert page.locator(".evaluate .result h2").first.text_content() == f"Result of {PAYLOADS[2]}.jsonl"
    nothing_foreign(page, ".evaluate .result", REPORT)
    failed = squeezed(page.locator(".evaluate .result").text_content())
    report, results = (get(hostile.url + page.get_attribute(f".downloads a >> nth={n}", "href"))[2] for n in (1, 0))
    found = [json.loads(line) for line in results.split("\n")[:-1]]
    assert [(line["id"], line["question"]) for line in found] == [(line["id"], line["question"]) for line in lines]
    told = "".join(part for line in found for part in (line["id"], line["question"]))
    assert all(p in told for p in PAYLOADS)
    shown = [p for n, p in enumerate(PAYLOADS) if squeezed(f"{n} {p}") in failed]
    assert len(shown) >= 40, len(shown)
    for kept in (report, re.sub("<meta http-equiv[^>]*>", "", report)):  # its own policy is not what saves it
        assert kept is report or "Content-Security-Policy" not in kept
        page.route("**/report-as-downloaded", served(kept))
        page.goto(f"{hostile.url}/report-as-downloaded")
        nothing_foreign(page, "body", REPORT)
        everything = squeezed(page.locator("body").text_content())
        assert all(squeezed(payload) in everything for payload in shown)
        page.unroute("**/report-as-downloaded")


def test_uploads_the_list_of_articles_and_the_filter(opened, hostile):
    page = opened()
    scope = {"articles": list(PAYLOADS[:40]), "since": PAYLOADS[2], "until": PAYLOADS[30]}
    page.evaluate("(scope) => sessionStorage.setItem('quotewire-scope', JSON.stringify(scope))", scope)
    page.reload()
    page.wait_for_selector("#filter .chosen span")
    assert PAYLOADS[30] in page.locator("#filter .chosen").text_content()
    page.click("#filter summary")
    page.wait_for_selector("#filter .choices li >> nth=99")
    choices = squeezed(page.locator("#filter .choices").text_content())
    assert [payload for payload in PAYLOADS if squeezed(payload) not in choices] == []
    nothing_foreign(page, "#filter .choices", ["li", "label", "input", "span", "small"])
    notice = ask(page, PAYLOADS[2]).locator(".notice").text_content()
    assert PAYLOADS[2] in notice
    page.evaluate("sessionStorage.removeItem('quotewire-scope')")
    page.reload()
    page.get_by_role("tab", name="Articles", exact=True).click()
    page.wait_for_selector(f"#library tbody tr >> nth={len(PAYLOADS) - 1}")
    listed = squeezed(page.locator("#library tbody").text_content())
    unread = squeezed(page.locator("#library .skipped").text_content())
    for number, payload in enumerate(PAYLOADS):
        assert squeezed(f"{number:02} {payload}") in listed and squeezed(NAMES[number]) in listed, payload
    assert unread.count("empty") == len(PAYLOADS) and unread.count("holdsnotext") == len(PAYLOADS)
    files = [{"name": f"{payload}.exe", "mimeType": "text/plain", "buffer": b"x"} for payload in PAYLOADS]
    page.set_input_files(
        "#library-files", [*files, {"name": ENCODED[0] + HTML[2] + ".txt", "mimeType": "", "buffer": b"A <b>."}]
    )
    page.wait_for_selector("#library .said-here:text('1 of 78 files can be asked about. 77 not added')")
    page.locator("#library .sent li", has_text=HTML[2]).last.wait_for()
    nothing_foreign(page, "#library .library", LIBRARY)
    page.locator("#library tbody tr", has_text=NAMES[2]).get_by_role("button").click()
    assert squeezed(f"Remove “02 {PAYLOADS[2]}”?") == squeezed(page.locator("#library dialog h3").text_content())
    page.locator("#library dialog .main").click()
    page.locator("#library .removed li", has_text=NAMES[2]).wait_for(state="attached")
    nothing_foreign(page, "#library .library", LIBRARY)


def test_a_terminal_is_told_nothing_to_obey(hostile, capsys):
    number = next(n for n, payload in enumerate(PAYLOADS) if payload.startswith("\x1b[2K"))
    assert indexer(["status", "--index", str(hostile.index)]) == 0
    assert (
        chat(["ask", f"What does the bulletin of Orvane read: {PAYLOADS[number]}", "--index", str(hostile.index)]) == 0
    )
    assert indexer(["status", "--index", PAYLOADS[number] + "\n" + FORGED_LINE]) == 2
    told = "".join(capsys.readouterr())
    assert re.search(r"[^\n\x20-\x7e\xa0-\u061b\u061d-\u200d\u2010-\u2027\u202f-\u2065\u206a-\uffff]", told) is None
    assert told.count("[2K") >= 3 and FORGED_LINE in told and f"\n{FORGED_LINE}" not in told


def test_zz_no_line_of_the_log_is_forged(hostile):
    """Of all that was asked, named and sent above."""
    get(f"{hostile.url}/articles/x%0d%0a%7B%22event%22:%20%22forged%22%7D%1b%5b31m")
    text = wait_for(lambda: "%1b" not in (told := hostile.log.read_bytes().decode()) and "u001b[31m" in told and told)
    assert re.search(r"[^\n\x20-\x7e\xa0-\u2027\u202f-\u2065\u206a-\uffff]", text) is None
    lines = [line for line in text.split("\n") if not re.match("embedding: |articles: |Quotewire listens on |$", line)]
    told = [json.loads(line) for line in lines]
    assert {line["event"] for line in told} <= {"request", "question", "message"}
    asked = squeezed(" ".join(line["question"] for line in told if line["event"] == "question" and "question" in line))
    assert [n for n in ASKED if squeezed(PAYLOADS[n]) not in asked] == []
    assert sum("skipped: " in line.get("message", "") for line in told) >= len(PAYLOADS)
    assert not (ROOT / "feedback.jsonl").exists()
