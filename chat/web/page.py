"""The web page: Gradio Blocks, without logic. What it shows is made in `conversation` and `conversation_page`."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.utils import LRUCache

from chat.web import api
from chat.web.articles_tab import articles_tab
from chat.web.conversation import EXAMPLES, Conversation, well_formed
from chat.web.conversation_page import conversation_html, filter_html, header_html
from chat.web.evaluate_tab import evaluate_tab
from chat.web.limits import ASKING, AT_ONCE, MOST_EVENTS

HEAD = (
    '<link rel="icon" href="/quotewire/icon.svg"><link rel="stylesheet" href="/quotewire/article.css">'
    '<link rel="stylesheet" href="/quotewire/page.css"><script defer src="/quotewire/quotewire.js"></script>'
    '<script defer src="/quotewire/filter.js"></script><script defer src="/quotewire/feedback.js"></script>'
    '<link rel="stylesheet" href="/quotewire/report.css"><link rel="stylesheet" href="/quotewire/evaluate.css">'
    '<script defer src="/quotewire/evaluate.js"></script>'
    '<link rel="stylesheet" href="/quotewire/notices.css"><script defer src="/quotewire/notices.js"></script>'
    '<link rel="stylesheet" href="/quotewire/articles.css"><script type="module" src="/quotewire/articles.js"></script>'
)
_FONTS = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "sans-serif"]
_QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
_ASKS: dict[str, Any] = {**_QUIET, "concurrency_id": ASKING}
# What our own scripts keep for this tab of the browser is put in the place of what Gradio keeps for all its tabs.
_LOADED = """async (turns) => {
  for (let tries = 0; tries < 200 && !window.quotewire?.scope; tries++) await new Promise((r) => setTimeout(r, 25));
  return [window.quotewire?.kept(turns) ?? turns];
}"""
_READY = "() => { window.quotewire?.begin(); return []; }"
_KEEP = "(turns) => { window.quotewire?.keep(turns); return []; }"
_SCOPED = "async (question, turns) => [question, ...await window.quotewire.asking(turns)]"
_AGAIN = "async (turns) => await window.quotewire.asking(turns)"
# Gradio drops what is asked while it takes an answer for unfinished: “Ask” comes back when it no longer does.
_ENDED = "() => [true, false].map((visible) => ({ __type__: 'update', visible }))"
_SECONDS_BETWEEN_LOOKS = 2
# Gradio keeps 55 KiB of each visit and of each call to an endpoint; the page does without once they are forgotten.
_MOST_SESSIONS = 500
# And for ever a set for each visit and each call, empty once all is brought; a visit that was forgotten gets a new one.
_MOST_CALLS = 5_000


def theme() -> gr.themes.Base:
    """System fonts alone: none is fetched."""
    return gr.themes.Base(font=_FONTS, font_mono=["ui-monospace", "Menlo", "monospace"])


@dataclass(frozen=True)
class _Parts:
    """The parts of the page; `turns` is kept by the browser, so that a reload shows them again.

    `scope` takes the filter along with a question, `waiting` looks again while there is no index yet.
    """

    turns: gr.BrowserState
    scope: gr.JSON
    waiting: gr.Timer
    header: gr.HTML
    log: gr.HTML
    examples: list[gr.Button]
    box: gr.Textbox
    ask: gr.Button
    stop: gr.Button
    retry: gr.Button
    undo: gr.Button
    clear: gr.Button


def page(conversation: Conversation, *, log_out: bool = False) -> gr.Blocks:
    """The page: the conversation, the articles and the evaluation, a tab each; with `log_out`, a link for that."""
    blocks: gr.Blocks
    with gr.Blocks(title="Quotewire", analytics_enabled=False) as blocks:
        header = gr.HTML(header_html(()), apply_default_css=False, elem_id="masthead")
        if log_out:
            gr.HTML('<p><a href="/logout">Log out</a></p>', apply_default_css=False, elem_id="leave")
        with gr.Tabs(elem_id="tabs"):
            with gr.Tab("Ask", id="ask", elem_id="tab-ask"):
                parts = _parts(header)
            with gr.Tab("Articles", id="articles", elem_id="tab-articles"):
                articles_tab(conversation.service)
            with gr.Tab("Evaluate", id="evaluate", elem_id="tab-evaluate"):
                evaluate_tab()
        _wire(conversation, blocks, parts)
        api.register(conversation.service, conversation.watch)
    blocks.state_session_capacity = _MOST_SESSIONS
    blocks.queue(default_concurrency_limit=AT_ONCE, max_size=MOST_EVENTS)
    blocks._queue.pending_event_ids_session = LRUCache(_MOST_CALLS)
    return blocks


def _parts(header: gr.HTML) -> _Parts:
    turns = gr.BrowserState([], storage_key="quotewire-turns-1", secret="kept in this browser alone")
    scope, waiting = gr.JSON(visible=False), gr.Timer(_SECONDS_BETWEEN_LOOKS, active=False)
    log = gr.HTML(conversation_html(()), apply_default_css=False, elem_id="conversation")
    with gr.Row(elem_id="examples"):
        examples = [gr.Button(visible=False, size="sm", elem_classes="example") for _ in range(EXAMPLES)]
    with gr.Column(elem_id="composer"):
        with gr.Row(elem_id="ask-row"):
            box = gr.Textbox(
                label="Your question",
                show_label=False,
                container=False,
                placeholder="Ask a question …",
                max_lines=5,
                autofocus=True,
                elem_id="question",
            )
            ask = gr.Button("Ask", variant="primary", scale=0, min_width=80, elem_id="ask")
            stop = gr.Button("Stop", scale=0, min_width=80, visible=False, elem_id="stop")
        with gr.Row(elem_id="below"):
            gr.HTML(filter_html(), apply_default_css=False, elem_id="filter", js_on_load=None)
            with gr.Row(elem_id="turn-row"):
                small: dict[str, Any] = {"size": "sm", "scale": 0, "min_width": 90}
                retry, undo, clear = (gr.Button(name, **small) for name in ("Ask again", "Undo", "Clear"))
    return _Parts(turns, scope, waiting, header, log, examples, box, ask, stop, retry, undo, clear)


def _wire(conversation: Conversation, blocks: gr.Blocks, parts: _Parts) -> None:
    shown = [parts.box, parts.log, parts.turns, parts.header, parts.ask, parts.stop]

    def asked(question: str, turns: object, scope: object) -> Iterator[tuple[Any, ...]]:
        yield from _steps(conversation, question, turns, scope, "")

    def asked_beside(question: str, turns: object, scope: object) -> Iterator[tuple[Any, ...]]:
        yield from _steps(conversation, question, turns, scope, gr.skip())  # what is typed in the box stays

    def asked_again(turns: object, scope: object) -> Iterator[tuple[Any, ...]]:
        before = well_formed(turns)
        if before:
            yield from asked_beside(before[-1]["question"], before[:-1], scope)

    def stopped(turns: object) -> tuple[Any, ...]:
        kept = well_formed(turns)
        return conversation_html(kept), kept, *_ask_or_stop(running=False)

    def undone(turns: object) -> tuple[Any, ...]:
        before = well_formed(turns)
        question, left = before[-1]["question"] if before else gr.skip(), before[:-1]
        return question, conversation_html(left), left, *_ask_or_stop(running=False)

    def cleared() -> tuple[Any, ...]:
        return conversation_html(()), [], *_ask_or_stop(running=False)

    def looked() -> tuple[Any, ...]:
        questions = conversation.examples()
        articles, problem = conversation.articles()
        buttons = [gr.Button(question, visible=True) for question in questions]
        buttons += [gr.Button(visible=False) for _ in range(EXAMPLES - len(buttons))]
        return header_html(articles, problem), gr.Timer(active=bool(problem)), *buttons

    def loaded(turns: object) -> tuple[Any, ...]:
        kept = well_formed(turns)
        return conversation_html(kept), kept

    seen = [parts.header, parts.waiting, *parts.examples]
    loading = blocks.load(loaded, [parts.turns], [parts.log, parts.turns], js=_LOADED, **_QUIET)
    loading.then(None, None, None, js=_READY)
    blocks.load(looked, None, seen, **_QUIET)
    parts.waiting.tick(looked, None, seen, **_QUIET)
    parts.turns.change(None, [parts.turns], None, js=_KEEP)
    asking = [parts.turns, parts.scope]
    running = [gr.on([parts.box.submit, parts.ask.click], asked, [parts.box, *asking], shown, js=_SCOPED, **_ASKS)]
    running += [b.click(asked_beside, [b, *asking], shown, js=_SCOPED, **_ASKS) for b in parts.examples]
    running += [parts.retry.click(asked_again, asking, shown, js=_AGAIN, **_ASKS)]
    _bring_ask_back(running, parts)
    parts.stop.click(stopped, [parts.turns], [parts.log, parts.turns, parts.ask, parts.stop], cancels=running, **_QUIET)
    # An answer that still comes must not bring back what is gone.
    ended: dict[str, Any] = {"cancels": running, **_QUIET}
    parts.undo.click(undone, [parts.turns], shown[:3] + shown[4:], **ended)
    parts.clear.click(cleared, None, shown[1:3] + shown[4:], **ended)


def _steps(
    conversation: Conversation, question: str, turns: object, scope: object, box: Any
) -> Iterator[tuple[Any, ...]]:
    """What the parts of the page show, step by step; the question box is made `box` with the first."""
    now = before = well_formed(turns)
    header = header_html(*conversation.articles())  # not `gr.skip()`: to Gradio's HTML it is a change of its props
    for number, now in enumerate(conversation.steps(question, before, scope)):
        kept = gr.skip() if number and "note" not in now[-1] else now  # what a model has written stays when stopped
        yield gr.skip() if number else box, conversation_html(now), kept, header, *_ask_or_stop(running=True)
    yield gr.skip(), conversation_html(now), now, header_html(*conversation.articles()), gr.skip(), gr.skip()


def _bring_ask_back(running: Iterable[gr.events.Dependency], parts: _Parts) -> None:
    """“Ask” in the place of “Stop” once an answer is whole, or failed (for which Gradio runs no `then`)."""
    for event in running:
        for ended in (event.then, event.failure):
            ended(None, None, [parts.ask, parts.stop], js=_ENDED, **_QUIET)


def _ask_or_stop(*, running: bool) -> tuple[gr.Button, gr.Button]:
    return gr.Button(visible=not running), gr.Button(visible=running)
