"""What axe-core finds on every tab and page, light and dark; and that all of it is reached by keyboard, in order."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from .browser import ask

SERIOUS = ("serious", "critical")
QUESTION = "Who attended the signing ceremony?"


def serious(page):
    """The violations that axe-core calls serious or critical: rule, what it means, where."""
    found = Axe().run(page).response["violations"]
    return [
        (v["id"], v["help"], [(n["html"][:160], n["failureSummary"][:300]) for n in v["nodes"][:3]])
        for v in found
        if v["impact"] in SERIOUS
    ]


def asked(page):
    turn = ask(page, QUESTION)
    turn.locator(".cite").first.click()
    page.wait_for_selector("#source mark#quote")
    page.wait_for_timeout(300)


def judged(page):
    ask(page, "What is the melting point of tungsten carbide?")
    page.locator(".turn button:visible").last.click()


def filtering(page):
    page.locator("#filter summary, summary").first.click()


def tab(name):
    def opened(page):
        page.get_by_role("tab", name=name).click()
        page.wait_for_timeout(500)

    return opened


VIEWS = {
    "an empty page": lambda page: None, "an answer with its source": asked, "a verdict on an abstention": judged,
    "the filter": filtering, "the articles": tab("Articles"), "the evaluation": tab("Evaluate"),
}  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("view", VIEWS)
def test_no_tab_has_a_serious_violation(open_page, view, scheme):
    page = open_page(color_scheme=scheme)
    VIEWS[view](page)
    assert serious(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/articles", "/articles/lantern.txt?start=0&end=7", "/articles/none.txt"])
def test_no_page_has_a_serious_violation(open_page, path, scheme):
    assert serious(open_page(path, color_scheme=scheme)) == []


FOCUSED = """() => {
  const e = document.activeElement, style = getComputedStyle(e), box = e.getBoundingClientRect();
  return { name: (e.getAttribute('aria-label') || e.innerText || e.placeholder || '').trim().slice(0, 60), tag: e.tagName,
    outlined: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0 || style.boxShadow !== 'none'
      || !!e.closest('.focus-within, :focus-within')
      && getComputedStyle(e.parentElement).boxShadow !== 'none', seen: box.width > 0 && box.height > 0 };
}"""


def stops(page, count=60):
    """Where the Tab key leads from the page's beginning, until it leaves the page or comes round."""
    page.evaluate("document.activeElement.blur()")
    found = []
    for _ in range(count):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUSED)
        if stop["tag"] == "BODY" or stop in found[:1]:
            break
        found.append(stop)
    return found


def test_every_action_is_reached_by_keyboard_in_order_with_a_visible_focus(open_page):
    page = open_page()
    turn = ask(page, QUESTION)
    turn.locator(".cite").first.wait_for()
    found = stops(page)
    names = [stop["name"] for stop in found]
    wanted = ["Ask", "Quote 1", "Copy quote 1", "Ask a question", "Ask again", "Undo", "Clear"]
    places = [next((n for n, name in enumerate(names) if name.startswith(want)), None) for want in wanted]
    assert None not in places, (wanted, names)
    assert places[1] < places[2] < places[3] < places[4] < places[5] < places[6], names
    assert [stop for stop in found if not (stop["seen"] and stop["outlined"])] == []


def test_axe_finds_what_is_wrong(open_page):
    page = open_page("/articles")
    page.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<button></button>')")
    assert "button-name" in [rule for rule, *_ in serious(page)]
