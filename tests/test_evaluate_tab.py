"""The tab “Evaluate”: in a real Chromium on a real server, and what it stands on without them."""

import json
import re
import shutil
import threading
import time
import urllib.parse
import urllib.request
from pathlib import Path

import pytest

from chat.assistant import Assistant
from chat.evaluation.evaluate import evaluate
from chat.web.evaluate_runs import MOST_QUESTIONS, Evaluations, Upload, keep, kept_path
from chat.web.service import Service
from indexer import NotReady, QuestionFileError, QuotewireError, build
from indexer.__main__ import main
from indexer.verify import verify
from tests.browser import LANTERN, OUT, ROOT, ask, get, pages, serving, wait_for

ANNOUNCEMENT = ROOT / "tests" / "questions" / "announcement.jsonl"
EVIL = "Does <img src=x onerror=document.title='evil'> ${1+1} {{x}} open?"
LONG = [{"id": f"l{n}", "question": f"Who opened the museum number {n}?", "answerable": False} for n in range(4000)]
PROGRAM = """
import sys
from pathlib import Path
from chat.web.server import serve
serve(Path(sys.argv[1]), Path(sys.argv[2]), "127.0.0.1", 0, [Path("known.jsonl"), Path("gone.jsonl")])
"""


def written(path, questions):
    path.write_text("".join(json.dumps(question) + "\n" for question in questions), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def few(tmp_path_factory):
    """Ten questions of the announcement, one that is answered though it should not be, and one that is markup."""
    lines = [json.loads(line) for line in ANNOUNCEMENT.read_text(encoding="utf-8").splitlines()[:10]]
    lines.append({"id": "no", "question": "Who opened the museum of Lantern Cove?", "answerable": False})
    lines.append({"id": "evil", "question": EVIL, "answerable": True, "answers": ["<b>x</b>"]})
    lines[-1]["evidence"] = [{"article": "lantern.txt", "quote": "was opened by Odile Marchetti"}]
    return written(tmp_path_factory.mktemp("few") / "few <i>.jsonl", lines)


@pytest.fixture
def open_tab(open_page):
    def opened(**options):
        return tab_of(open_page(**options))

    return opened


def tab_of(page):
    page.get_by_role("tab", name="Evaluate").click()
    page.wait_for_selector(".evaluate form")
    return page


def start(page, path):
    page.set_input_files(".evaluate [name=own]", path)
    page.click("text=Run the questions")


def finish(page):
    """Wait for the end of the run, and for its result."""
    page.wait_for_function("document.activeElement.matches('.evaluate .result h2')")
    return page.locator(".evaluate .result")


def test_upload_run_see_the_figures_the_charts_and_the_failures_then_compare(open_tab, few):
    page = open_tab()
    page.evaluate("""() => { window.said = []; new MutationObserver(() =>
        window.said.push(document.querySelector('.evaluate .spoken').textContent))
        .observe(document.querySelector('.evaluate .spoken'), {childList: true}) }""")
    page.focus(".evaluate [name=own]")
    page.set_input_files(".evaluate [name=own]", few)
    for _ in range(2):  # past “What a question file looks like”
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Run the questions"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    page.wait_for_selector(".evaluate progress:visible")
    assert re.search(r"few <i>.jsonl: \d+ of 12 questions", page.inner_text(".evaluate .count"))
    result = finish(page)
    assert page.locator(".evaluate .run").is_hidden()
    said = page.evaluate("window.said")
    assert said[-1] == "The evaluation has ended; its result is below." and len(said) <= 6

    assert result.locator("h2").first.text_content() == "Result of few <i>.jsonl"
    assert re.match(
        r"\d+ %of the questions that the articles answer", result.locator(".headline li").first.text_content()
    )
    assert "95 % interval" in result.locator(".headline").text_content()
    assert result.locator(".charts svg[role=img][aria-label]").count() == 4
    assert result.locator(".charts .numbers table").count() == 4
    failure = result.locator(".cases tr", has_text="Who opened the museum of Lantern Cove?")
    assert "To abstain." in failure.inner_text() and "Odile Marchetti" in failure.inner_text()
    assert result.locator("img, script").count() == 0 and page.title() == "Quotewire"
    assert "Compared with" not in result.inner_text()

    cite = failure.locator("a.cite").first
    assert cite.get_attribute("href").startswith("/articles/lantern.txt?")
    cite.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#source mark#quote")
    assert "Odile Marchetti" in page.locator("#source mark#quote").text_content()
    page.keyboard.press("Escape")

    page.reload()
    page = tab_of(page)
    page.wait_for_selector(".evaluate .result h2")
    start(page, few)
    page.wait_for_selector(".evaluate .result time >> nth=1")
    result = finish(page)
    assert "Compared with the run of" in result.inner_text()
    assert "The same as before: right answers and right abstentions, counted alike" in result.inner_text()
    assert "+0.0 points since the run before" in result.locator(".headline").text_content()


def test_the_downloads_are_what_the_command_writes(open_tab, server, tmp_path, monkeypatch):
    lines = [json.loads(line) for line in ANNOUNCEMENT.read_text(encoding="utf-8").splitlines()[10:15]]
    page, name = open_tab(), Path("five.jsonl")
    start(page, written(tmp_path / name, lines))
    result = finish(page)
    got = {}
    for link in ("results (JSONL)", "report (HTML)"):
        with page.expect_download() as download:
            result.get_by_text(f"Download the {link}").click()
        got[download.value.suggested_filename] = Path(download.value.path()).read_bytes().decode()
    monkeypatch.chdir(tmp_path)
    evaluate(Assistant(server.index), [name], Path("results.jsonl"), Path("report.html"), None, 0.02)
    timeless = {
        "results.jsonl": lambda text: [json.loads(line) | {"seconds": 0} for line in text.splitlines()],
        "report.html": lambda text: re.sub(r"<figure><h3>Time to.*?</figure>|<tr><th[^>]*>seconds_p.*?</tr>", "", text),
    }
    for file, strip in timeless.items():
        assert strip(got[file]) == strip(Path(file).read_text(encoding="utf-8"))
    assert "Time to answer" in got["report.html"] and "Time to" not in timeless["report.html"](got["report.html"])
    assert get(f"{server.url}/evaluate/results.jsonl?number=1")[0] == 404


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('\n{"id": "2"}\n[]\n', 'bad.jsonl, line 2: "question" is missing'),
        ("nothing\n", "bad.jsonl, line 1: is not JSON"),
        ("\n", "bad.jsonl: holds no question"),
    ],
)
def test_a_bad_file_shows_its_line(open_tab, tmp_path, text, said):
    page = open_tab()
    (tmp_path / "bad.jsonl").write_text(text, encoding="utf-8")
    start(page, tmp_path / "bad.jsonl")
    wait_for(lambda: page.inner_text(".evaluate .problem").startswith(said))
    wait_for(page.locator(".evaluate .main").is_enabled)
    assert page.locator(".evaluate .run").is_hidden()


def test_a_line_that_is_wrong_is_told_with_the_result_of_the_rest(open_tab, tmp_path):
    page = open_tab()
    text = '{"id": "1", "question": "Who?", "answerable": false}\n{"id": "<b>2"}\n'
    (tmp_path / "half.jsonl").write_text(text, encoding="utf-8")
    start(page, tmp_path / "half.jsonl")
    shown = finish(page).inner_text()
    assert "Skipped: 1 line of the questions" in shown and 'half.jsonl, line 2: "question" is missing' in shown
    assert "1 questions: 0 answerable, 1 not" in shown


def test_no_file_and_too_large_a_file_are_told(open_tab, tmp_path, server):
    page = open_tab()
    page.click("text=Run the questions")
    assert "Choose a question file" in page.inner_text(".evaluate .problem")
    large = tmp_path / "large.jsonl"
    large.write_text(" " * 5_000_001)
    start(page, large)
    wait_for(lambda: "is larger than 5 MB" in page.inner_text(".evaluate .problem"))
    assert post(server.url, "run?name=large.jsonl", large.read_bytes()) == (
        422,
        {"problem": "large.jsonl: is larger than 5 MB: split it, or run python -m chat evaluate"},
    )


def test_one_run_at_a_time_which_holds_up_nobody_and_stops_when_cancelled(open_tab, open_page, few, tmp_path):
    page, other = open_tab(), open_page()
    start(page, written(tmp_path / "long.jsonl", LONG))
    page.wait_for_selector(".evaluate .cancel:focus")
    wait_for(lambda: "left" in page.inner_text(".evaluate .count"))
    began = time.monotonic()
    ask(other, "Who attended the signing ceremony?")
    assert time.monotonic() - began < 10
    assert page.locator(".evaluate .run").is_visible(), "the run has ended too early to show that it holds up nobody"

    tab_of(other)
    wait_for(lambda: "of 4000 questions" in other.inner_text(".evaluate .count"))
    assert other.locator(".evaluate .cancel").is_hidden() and other.locator(".evaluate .main").is_disabled()
    other.evaluate("document.querySelector('.evaluate .main').disabled = false")
    start(other, few)
    wait_for(lambda: other.inner_text(".evaluate .problem").startswith("Another evaluation is running: long.jsonl, "))

    page.reload()
    tab_of(page)
    page.click(".evaluate .cancel")
    wait_for(lambda: re.match(r"Cancelled after \d+ of 4000 questions", page.inner_text(".evaluate .problem")))
    other.wait_for_selector(".evaluate .run", state="hidden")
    assert other.locator(".evaluate .main").is_enabled()


def test_an_answer_that_is_overtaken_takes_no_run_away(open_page, tmp_path):
    """What the tab asked before the run was started comes in after it."""
    page, held = open_page(), []
    page.route("**/evaluate/state", lambda route: route.continue_() if held else held.append(route))
    tab_of(page)
    wait_for(lambda: held or page.wait_for_timeout(50))
    start(page, written(tmp_path / "long.jsonl", LONG))
    page.wait_for_selector(".evaluate .cancel:focus")
    held[0].fulfill(json={"number": 1, "name": "", "running": False, "done": 0, "total": 0, "ended": "", "result": 0})
    page.wait_for_timeout(200)
    assert page.locator(".evaluate .main").is_disabled()
    page.click(".evaluate .cancel")
    page.wait_for_selector(".evaluate .problem:text-matches('^Cancelled after')")


def test_known_files_a_rebuild_meanwhile_and_a_clean_stop(browser, tmp_path):
    corpus = tmp_path / "corpus"
    shutil.copytree(ROOT / "corpus", corpus)
    (corpus / "lantern.txt").write_text(LANTERN, encoding="utf-8")
    folder = tmp_path / "server"
    folder.mkdir()
    written(folder / "known.jsonl", LONG)
    written(folder / "feedback.jsonl", LONG[:2])
    with serving(folder, corpus, program=PROGRAM) as running, pages(browser, running.url) as opened:
        page = tab_of(opened())
        assert page.locator(".evaluate [name=file]").count() == 4
        page.get_by_label("gone.jsonl").check()
        page.click("text=Run the questions")
        wait_for(lambda: "gone.jsonl: cannot be read" in page.inner_text(".evaluate .problem"))
        page.get_by_label("feedback.jsonl").check()
        page.click("text=Run the questions")
        assert "2 questions: 0 answerable, 2 not" in finish(page).inner_text()
        kept = list((running.index / "evaluations").iterdir())
        assert [path.name[:9] for path in kept] == ["feedback-"]

        page.get_by_label("known.jsonl").check()
        page.click("text=Run the questions")
        wait_for(lambda: "left" in page.inner_text(".evaluate .count"))
        (corpus / "more.txt").write_text("More\n\nNothing was said here about anything.\n", encoding="utf-8")
        wait_for(lambda: "was rebuilt during the evaluation: run it again" in page.inner_text(".evaluate .problem"))

        assert verify(running.index) == [] and main(["status", "--index", str(running.index)]) == 0
        assert [path for path in kept if path.exists()] == kept
        page.click("text=Run the questions")
        page.wait_for_selector(".evaluate progress:visible")  # the server is stopped while it runs


@pytest.fixture(scope="module")
def finished_run(server, few):
    assert post(server.url, "run?name=few.jsonl", few.read_bytes())[0] == 200
    wait_for(lambda: not json.loads(get(f"{server.url}/evaluate/state")[2])["running"])


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
def test_no_width_scrolls_sideways(open_tab, finished_run, width, scheme):
    page = open_tab(width=width, height=900, color_scheme=scheme)
    OUT.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=OUT / f"evaluate-form-{width}-{scheme}.png")
    page.locator(".evaluate .result h2").first.evaluate("heading => heading.scrollIntoView()")
    page.screenshot(path=OUT / f"evaluate-{width}-{scheme}.png")
    for summary in page.locator(".evaluate .report summary").all():
        if not summary.evaluate("summary => summary.parentElement.open"):
            summary.click()
    for name in ("charts", "cases"):
        page.locator(f".evaluate .{name}").first.evaluate("part => part.scrollIntoView()")
        page.screenshot(path=OUT / f"evaluate-{name}-{width}-{scheme}.png")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    ink, ground = (
        page.locator(".evaluate .report").evaluate(f"e => getComputedStyle(e).getPropertyValue('{name}')")
        for name in ("color", "color-scheme")
    )
    assert ground == scheme and (ink == "rgb(28, 30, 33)") == (scheme == "light")


def test_the_reports_style_reaches_nothing_else(open_page):
    selectors = open_page().evaluate("""() => [...document.styleSheets]
        .filter(sheet => sheet.href && sheet.href.endsWith("report.css"))
        .flatMap(sheet => [...sheet.cssRules]).flatMap(rule => rule.cssRules && rule.media ? [...rule.cssRules] : [rule])
        .map(rule => rule.selectorText)""")
    assert selectors and {part for text in selectors for part in text.split(", ")} == {".report", ".report-page"}


def post(url, path, data=b"", **headers):
    sent = urllib.request.Request(f"{url}/evaluate/{path}", data, headers, method="POST")
    try:
        with urllib.request.urlopen(sent, timeout=60) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error) if error.code == 422 else {}


def test_no_other_site_and_no_other_file(server):
    assert post(server.url, "run?name=x.jsonl", b"{}", **{"Sec-Fetch-Site": "cross-site"})[0] == 403
    assert post(server.url, "cancel?key=x", **{"Sec-Fetch-Site": "cross-site"})[0] == 403
    assert post(server.url, "cancel?key=%C3%A9") == (200, {"cancelled": False})
    status, said = post(server.url, f"run?file={urllib.parse.quote(str(ANNOUNCEMENT))}")
    assert status == 422 and "is no question file of this server" in said["problem"]
    status, said = post(server.url, "run?name=..%2F..%5Cevil%0A.jsonl", b"x")
    assert status == 422 and said["problem"].startswith("evil .jsonl, line 1: ")


def no_thread(_):
    raise RuntimeError("can't start new thread")


def test_what_cannot_be_run_is_said(tmp_path, embedder, monkeypatch):
    corpus, index = tmp_path / "corpus", tmp_path / "index"
    corpus.mkdir()
    evaluations = Evaluations(Service(corpus, index, editable=False))
    question = Upload("q.jsonl", b'{"id": "1", "question": "Who?", "answerable": false}')
    with pytest.raises(NotReady, match="Ask again in a moment"):
        evaluations.start(question)
    build(corpus, index, embedder=embedder)
    evaluations = Evaluations(Service(corpus, index, editable=False))
    with pytest.raises(QuotewireError, match="There are no articles yet: put files into the folder"):
        evaluations.start(question)
    (corpus / "lantern.txt").write_text(LANTERN, encoding="utf-8")
    build(corpus, index, embedder=embedder)
    many = "".join(json.dumps({"id": str(n), "question": "Who?", "answerable": False}) + "\n" for n in range(5001))
    with pytest.raises(QuestionFileError, match=f"holds 5001 questions, and at most {MOST_QUESTIONS}"):
        evaluations.start(Upload("q.jsonl", many.encode()))
    assert not evaluations.state.running and evaluations.state.said == "0 of 0 questions"
    with monkeypatch.context() as loaded, pytest.raises(RuntimeError):
        loaded.setattr(threading.Thread, "start", no_thread)
        evaluations.start(question)
    assert not evaluations.state.running
    assert evaluations.start(question)
    wait_for(lambda: not evaluations.state.running)
    assert evaluations.finished and evaluations.finished.evaluation.skipped == ()


def test_of_many_who_start_at_once_one_does_and_the_next_run_is_compared(tmp_path, embedder):
    corpus, index = tmp_path / "corpus", tmp_path / "index"
    corpus.mkdir()
    (corpus / "lantern.txt").write_text(LANTERN, encoding="utf-8")
    build(corpus, index, embedder=embedder)
    evaluations = Evaluations(Service(corpus, index, editable=False))
    source = Upload("q.jsonl", "".join(json.dumps(line) + "\n" for line in LONG[:20]).encode())
    outcomes = []

    def begin():
        try:
            outcomes.append(evaluations.start(source))
        except QuotewireError as error:
            outcomes.append(error)

    threads = [threading.Thread(target=begin) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(isinstance(outcome, str) for outcome in outcomes) == 1
    wait_for(lambda: not evaluations.state.running)
    assert evaluations.finished.before is None and evaluations.finished.note == ""

    kept_path(index, source).write_text("{}\n")  # not a result: said, and nothing is lost by it
    evaluations.start(source)
    wait_for(lambda: not evaluations.state.running)
    assert evaluations.finished.note.startswith("Not compared with the run before: ")
    evaluations.start(source)
    evaluations.stop()
    assert evaluations.state.ended.startswith("Cancelled after ") and not evaluations.state.running


def test_few_runs_are_kept_and_no_name_leaves_the_folder(tmp_path):
    index = tmp_path / "index"
    index.mkdir()
    for name in ("../../x.jsonl", "a" * 300, "ä" * 300, ".", "", "q.jsonl"):
        path = kept_path(index, Upload(name, b""))
        keep(path, "{}\n")
        assert path.parent == index / "evaluations"
    assert kept_path(index, Upload("q.jsonl", b"")) != kept_path(index, Path("q.jsonl"))
    for n in range(40):
        keep(kept_path(index, Upload(f"{n}.jsonl", b"")), "{}\n")
    assert len(list((index / "evaluations").iterdir())) == 30
