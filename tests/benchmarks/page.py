"""How long a person waits: Enter → first words of an answer, click → painted source panel.

`python tests/benchmarks/page.py [--count 40]`; wants a Chromium, and nothing else running. On the shipped announcement.
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, sync_playwright

from tests.browser import CHROMIUM, FLAGS, ROOT, pages, serving

QUESTIONS = (
    "Who attended the signing ceremony?", "What did Baidu announce?", "Where was it signed?",
    "What will the companies build together?", "How many users are there?", "Who spoke for SAIC Motor?",
    "What did he say about data?", "What is the price?",
)  # fmt: skip
# Notes the time, in the page's own clock, of Enter or a click, and of the first frame painted with what is waited for.
CLOCK = """(wanted) => { window.waited = new Promise((done) => {
  let began = 0;
  const start = (event) => { if (event.type === 'click' || event.key === 'Enter') began ||= performance.now(); };
  for (const type of ['keydown', 'click']) document.addEventListener(type, start, { capture: true });
  const look = () => {
    const found = began && [...document.querySelectorAll(wanted)].some((one) => one.getBoundingClientRect().height);
    if (!found) { requestAnimationFrame(look); return; }
    requestAnimationFrame(() => done(performance.now() - began));
  };
  look();
}); }"""


def main() -> None:
    """Print the medians and 95th percentiles."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=40)
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(Path(folder), ROOT / "corpus") as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        with pages(browser, server.url) as opened:
            measure(opened(), options.count)
        browser.close()


def measure(page: Page, count: int) -> None:
    """Ask, open the source, close it; the first three are not counted."""
    answered, painted = [], []
    for number in range(count + 3):
        page.fill("#question textarea", QUESTIONS[number % len(QUESTIONS)])
        turn = page.locator(".turn").count() + 1
        page.wait_for_timeout(500)  # nobody reads an answer faster; for .3 s a question is held back, see streams.py
        page.evaluate(CLOCK, f".turn:nth-child({turn}) :is(.answer, .notice)")
        page.press("#question textarea", "Enter")
        answered.append(page.evaluate("window.waited"))
        page.wait_for_selector("#ask:visible")
        cite = page.locator(f".turn:nth-child({turn}) .cite").first
        if cite.count():
            page.evaluate(CLOCK, "#source mark#quote")
            cite.click()
            painted.append(page.evaluate("window.waited"))
            page.keyboard.press("Escape")
    for name, times in (("Enter → first words of an answer", answered[3:]), ("click → source panel", painted[3:])):
        low, high = np.percentile(times, (50, 95))
        print(f"{name}: median {low:.0f} ms, p95 {high:.0f} ms, of {len(times)}")


if __name__ == "__main__":
    main()
