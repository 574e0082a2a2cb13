"""The tab “Articles” in a real Chromium: add, replace, remove, put back, rebuild; and the page follows."""

import base64
import json
import re
import shutil
import urllib.error
import urllib.request

import pytest

from tests.browser import LANTERN, OUT, ROOT, ask, get, pages, serving, wait_for

ORVANE = (
    "Orvane Rail appoints a chief engineer\n\n"
    "Orvane Rail has appointed Mira Teledan as its new chief engineer. She begins on the first of May.\n"
)
QUESTION = "Who is the new chief engineer of Orvane Rail?"
EVIL = "<img src=x onerror=document.title='owned'>${1+1}{{x}}&quot;.txt"
OPEN_TO_ALL = """
import sys
from pathlib import Path
from chat.web.access import Access
from chat.web.server import serve
serve(Path(sys.argv[1]), Path(sys.argv[2]), "0.0.0.0", 0, access=Access(anyone=True))
"""
DROP = """([selector, files]) => {
    const data = new DataTransfer();
    for (const [name, bytes] of files) data.items.add(new File([Uint8Array.from(atob(bytes), c => c.charCodeAt(0))], name));
    const place = document.querySelector(selector);
    for (const type of ["dragenter", "dragover", "drop"])
        place.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer: data }));
}"""


@pytest.fixture(scope="module")
def shelf(tmp_path_factory):
    """A server whose corpus these tests change: the made-up announcements, one file more, and one that is empty."""
    folder = tmp_path_factory.mktemp("shelf")
    corpus = folder / "corpus"
    shutil.copytree(ROOT / "tests" / "corpus", corpus)
    (corpus / "lantern.txt").write_text(LANTERN, encoding="utf-8")
    (corpus / "empty.txt").write_bytes(b"")
    with serving(folder, corpus) as running:
        yield running


@pytest.fixture
def open_tab(shelf, browser):
    """Opens the page with the tab “Articles” shown."""
    with pages(browser, shelf.url) as opened:

        def tab(**options):
            page = opened(**options)
            to(page, "Articles")
            page.wait_for_selector("#library tbody tr")
            return page

        yield tab


@pytest.fixture(autouse=True)
def as_before(shelf):
    """Every test leaves the articles as they were."""
    yield
    for name in ("orvane.txt", "evil.txt", "a.pdf"):
        (shelf.corpus / name).unlink(missing_ok=True)
    for path in shelf.corpus.glob("*onerror*"):
        path.unlink()
    wait_for(lambda: listing(shelf)["count"] == 18 and not listing(shelf)["building"]["running"])


def listing(server):
    return json.loads(get(f"{server.url}/library")[2])


def to(page, tab):
    page.get_by_role("tab", name=tab, exact=True).click()


def file(name, text):
    return {"name": name, "mimeType": "text/plain", "buffer": text.encode()}


def choose(page, *files):
    page.set_input_files("#library-files", list(files))


def row(page, title):
    return page.locator("#library tbody tr", has_text=title)


def sent(page, words):
    page.locator("#library .sent li", has_text=words).wait_for()


def test_an_added_article_is_listed_and_asked_about_and_when_removed_no_more(open_tab, shelf):
    page = open_tab()
    choose(page, file("orvane.txt", ORVANE))
    sent(page, "orvane.txt: is in the index, in 1 passage: Orvane Rail appoints a chief engineer")
    assert (shelf.corpus / "orvane.txt").read_text() == ORVANE
    assert row(page, "Orvane Rail").locator("td").all_inner_texts()[2] == "1"
    page.wait_for_selector("#masthead a:text-is('19 articles')")
    page.wait_for_selector("#library .said-here:text('1 of 1 file can be asked about.')")
    to(page, "Ask")
    assert "Mira Teledan" in ask(page, QUESTION).locator(".answer:not(.abstained)").inner_text()
    to(page, "Articles")
    row(page, "Orvane Rail").get_by_role("button").click()
    dialog = page.locator("#library dialog")
    assert dialog.get_by_role("heading").inner_text() == "Remove “Orvane Rail appoints a chief engineer”?"
    dialog.get_by_role("button", name="Remove").click()
    row(page, "Orvane Rail").wait_for(state="detached")
    page.wait_for_selector("#masthead a:text-is('18 articles')")
    to(page, "Ask")
    assert ask(page, QUESTION).locator(".abstained").count() == 1
    assert page.locator("#masthead time").count() == 1


def test_a_file_that_is_dropped_is_added(open_tab):
    page = open_tab()
    page.evaluate(DROP, ["#library h2", [["orvane.txt", base64.b64encode(ORVANE.encode()).decode()]]])
    sent(page, "orvane.txt: is in the index")
    assert row(page, "Orvane Rail").get_by_role("link").get_attribute("href") == "/articles/orvane.txt"


def test_a_corrected_version_replaces_the_old_one_only_when_that_is_said(open_tab, shelf):
    page = open_tab()
    choose(page, file("orvane.txt", ORVANE))
    sent(page, "is in the index")
    corrected = ORVANE.replace("Mira Teledan", "Mirabel Teledan")
    choose(page, file("orvane.txt", corrected))
    sent(page, "is there already, with other content")
    page.get_by_role("button", name="Keep the old orvane.txt").press("Enter")
    sent(page, "the old one is kept")
    assert (shelf.corpus / "orvane.txt").read_text() == ORVANE
    choose(page, file("orvane.txt", corrected))
    page.get_by_role("button", name="Replace orvane.txt").click()
    sent(page, "is in the index")
    assert (shelf.corpus / "orvane.txt").read_text() == corrected
    assert "Mirabel" in get(f"{shelf.url}/articles/orvane.txt")[2]
    choose(page, file("orvane.txt", corrected))
    sent(page, "is there already, with the same content")


def test_removing_asks_first_by_keyboard_and_can_be_undone(open_tab, shelf):
    page = open_tab()
    button = row(page, "Lantern Cove").get_by_role("button")
    assert button.get_attribute("aria-label") == "Remove “Lantern Cove opens its lighthouse museum”"
    button.focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.textContent") == "Cancel"
    page.keyboard.press("Escape")
    assert page.locator("#library dialog").is_hidden() and (shelf.corpus / "lantern.txt").exists()
    assert button.evaluate("button => button === document.activeElement")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    row(page, "Lantern Cove").wait_for(state="detached")
    assert not (shelf.corpus / "lantern.txt").exists()
    assert page.evaluate("document.querySelector('#library').contains(document.activeElement)")
    page.wait_for_selector("#library [role=status]:text('lantern.txt is removed')")
    page.click("#library .removed summary")
    page.locator("#library .removed li", has_text="lantern.txt").get_by_role("button").first.click()
    row(page, "Lantern Cove").wait_for()
    assert (shelf.corpus / "lantern.txt").read_text() == LANTERN


def test_rebuilding_shows_its_progress(open_tab, shelf):
    page = open_tab()
    before = listing(shelf)["generation"]
    page.get_by_role("button", name="Rebuild").click()
    page.locator("#library dialog").get_by_role("button", name="Rebuild").click()
    page.wait_for_selector("#library .building span:text-matches('[0-9]+ of [0-9]+ passages done')")
    assert page.locator("#library progress").get_attribute("max")
    page.wait_for_selector("#library [role=status]:text('The index was made anew.')")
    assert page.locator("#library .building").is_hidden()
    assert listing(shelf)["generation"] != before and listing(shelf)["count"] == 18


def test_files_that_cannot_be_read_are_shown_with_their_reasons(open_tab, shelf):
    page = open_tab()
    assert "empty.txt: holds no text" in page.locator("#library .skipped li").inner_text()
    choose(page, file("a.pdf", ORVANE), file("a.exe", ORVANE), file("orvane.txt", ORVANE))
    sent(page, "a.pdf is not what its name says")
    sent(page, "its name must end in one of .txt")
    sent(page, "orvane.txt: is in the index")
    page.wait_for_selector("#library .said-here:text('1 of 3 files can be asked about. 2 not added')")
    assert not (shelf.corpus / "a.pdf").exists() and not list(shelf.corpus.glob("*.exe"))


def test_a_name_that_is_markup_is_shown_as_it_is(open_tab):
    page = open_tab()
    choose(page, file(EVIL, EVIL + "\n\nWords of " + EVIL))
    sent(page, "is in the index")
    assert row(page, EVIL).count() == 1
    row(page, EVIL).get_by_role("button").click()
    assert "onerror" in page.locator("#library dialog").inner_text()
    page.locator("#library dialog .main").click()
    page.locator("#library .removed li", has_text=EVIL).wait_for(state="attached")
    assert page.locator("#library img").count() == 0 and page.title() == "Quotewire"


def test_the_list_is_searched_and_ordered(open_tab):
    page = open_tab()
    visible = page.locator("#library tbody tr:visible")
    dates = [date for date in visible.locator("td:nth-child(2)").all_inner_texts() if date != "–"]
    assert dates == sorted(dates, reverse=True) and len(dates) > 10
    page.get_by_label("Find").fill("marrowgate WAGE")
    assert visible.count() == 1 and "1 of 18 articles" in page.locator("#library .shown").inner_text()
    page.get_by_label("Find").fill("")
    page.get_by_label("Order", exact=True).select_option("title")
    titles = [title.lower() for title in visible.locator("a").all_inner_texts()]
    assert titles == sorted(titles) and len(titles) == 18


def test_the_count_above_follows_the_folder_while_the_page_is_open(open_tab, shelf):
    page = open_tab()
    to(page, "Ask")
    (shelf.corpus / "orvane.txt").write_text(ORVANE, encoding="utf-8")
    page.wait_for_selector("#masthead a:text-is('19 articles')")
    (shelf.corpus / "orvane.txt").unlink()
    page.wait_for_selector("#masthead a:text-is('18 articles')")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
def test_no_width_scrolls_sideways(open_tab, width, scheme):
    page = open_tab(width=width, height=900, color_scheme=scheme)
    choose(page, file("a.pdf", ORVANE), file("lantern.txt", ORVANE))
    sent(page, "with other content")
    OUT.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=OUT / f"articles-{width}-{scheme}.png")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    row(page, "Lantern Cove").get_by_role("button").click()
    page.screenshot(path=OUT / f"articles-remove-{width}-{scheme}.png")
    box = page.locator("#library dialog").bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= width
    assert page.locator("#library table").get_by_role("columnheader").count() == 5


def test_where_changes_are_off_the_page_says_so_and_the_server_refuses(browser, tmp_path):
    (tmp_path / "corpus").mkdir()
    with serving(tmp_path, tmp_path / "corpus", program=OPEN_TO_ALL) as running, pages(browser, running.url) as opened:
        page = opened("/?")
        to(page, "Articles")
        page.wait_for_selector("#library .state:text('There are no articles yet. Put files into the corpus folder')")
        assert "Start it with a password or on 127.0.0.1" in page.locator("#library .why").inner_text()
        assert page.locator("#library :is(button, input, label):visible").count() == 0
        url = f"{running.url}/library?name=orvane.txt"
        request = urllib.request.Request(url, ORVANE.encode(), {"X-Quotewire": "1"}, method="POST")
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request)
        with refused.value as answer:
            assert answer.code == 403 and "corpus folder" in json.load(answer)["problem"]
        assert not list((tmp_path / "corpus").iterdir())


def test_an_empty_corpus_says_what_to_do(browser, tmp_path):
    (tmp_path / "corpus").mkdir()
    with serving(tmp_path, tmp_path / "corpus") as running, pages(browser, running.url) as opened:
        page = opened("/?")
        to(page, "Articles")
        page.wait_for_selector("#library .state:text('There are no articles yet. Choose files or drop them here')")
        assert page.locator("#library table").is_hidden()
        choose(page, file("orvane.txt", ORVANE))
        row(page, "Orvane Rail").wait_for()
        assert re.match("1 article in 1 passage", page.locator("#library .state").inner_text())


def test_a_server_that_is_stopped_while_it_rebuilds_stops_cleanly(tmp_path, corpus_index):
    index = shutil.copytree(corpus_index, tmp_path / "index")
    with serving(tmp_path, ROOT / "tests" / "corpus", index) as running:
        asked = urllib.request.Request(f"{running.url}/library/rebuild", b"", {"X-Quotewire": "1"}, method="POST")
        urllib.request.urlopen(asked).close()
        wait_for(lambda: listing(running)["building"]["running"] and listing(running)["building"]["total"])
    assert "what was embedded so far is kept" in running.log.read_text(encoding="utf-8")
