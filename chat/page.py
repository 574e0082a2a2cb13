"""The web page: Gradio Blocks, without logic. What it shows is made in `conversation` and `conversation_page`."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.events import api

from chat.articles_tab import articles_tab
from chat.conversation import EXAMPLES, Conversation, well_formed
from chat.conversation_page import conversation_html, header_html
from chat.evaluate_tab import evaluate_tab
from chat.render import answer_object
from chat.types import Turn
from indexer import QuotewireError

AT_ONCE = 8
HEAD = (
    '<link rel="icon" href="/quotewire/icon.svg"><link rel="stylesheet" href="/quotewire/article.css">'
    '<link rel="stylesheet" href="/quotewire/page.css"><script defer src="/quotewire/quotewire.js"></script>'
)
_FONTS = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "sans-serif"]
_QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}


def theme() -> gr.themes.Base:
    """System fonts alone: none is fetched."""
    return gr.themes.Base(font=_FONTS, font_mono=["ui-monospace", "Menlo", "monospace"])


@dataclass(frozen=True)
class _Parts:
    """The parts of the page; `turns` is kept by the browser, so that a reload shows them again."""

    turns: gr.BrowserState
    header: gr.HTML
    log: gr.HTML
    examples: list[gr.Button]
    box: gr.Textbox
    ask: gr.Button
    stop: gr.Button
    retry: gr.Button
    undo: gr.Button
    clear: gr.Button


def page(conversation: Conversation) -> gr.Blocks:
    """The page: the conversation, the articles and the evaluation, a tab each; and the endpoint `/chat`."""
    blocks: gr.Blocks
    with gr.Blocks(title="Quotewire", analytics_enabled=False) as blocks:
        header = gr.HTML(header_html(()), apply_default_css=False, elem_id="masthead")
        with gr.Tabs(elem_id="tabs"):
            with gr.Tab("Ask", id="ask"):
                parts = _parts(header)
            with gr.Tab("Articles", id="articles"):
                articles_tab(conversation.service)
            with gr.Tab("Evaluate", id="evaluate"):
                evaluate_tab(conversation.service)
        _wire(conversation, blocks, parts)
        api(_endpoint(conversation), api_name="chat")
    blocks.queue(default_concurrency_limit=AT_ONCE)
    return blocks


def _parts(header: gr.HTML) -> _Parts:
    turns = gr.BrowserState([], storage_key="quotewire-turns-1", secret="kept in this browser alone")
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
        with gr.Row(elem_id="turn-row"):
            small: dict[str, Any] = {"size": "sm", "scale": 0, "min_width": 90}
            retry, undo, clear = (gr.Button(name, **small) for name in ("Ask again", "Undo", "Clear"))
    return _Parts(turns, header, log, examples, box, ask, stop, retry, undo, clear)


def _wire(conversation: Conversation, blocks: gr.Blocks, parts: _Parts) -> None:
    shown = [parts.box, parts.log, parts.turns, parts.header, parts.ask, parts.stop]

    def asked(question: str, turns: object) -> Iterator[tuple[Any, ...]]:
        now = before = well_formed(turns)
        for now in conversation.steps(question, before):
            yield "", conversation_html(now), gr.skip(), gr.skip(), *_ask_or_stop(running=True)
        yield "", gr.skip(), now, header_html(conversation.articles()), *_ask_or_stop(running=False)

    def asked_again(turns: object) -> Iterator[tuple[Any, ...]]:
        before = well_formed(turns)
        if before:
            yield from asked(before[-1]["question"], before[:-1])

    def stopped(turns: object) -> tuple[Any, ...]:
        return conversation_html(well_formed(turns)), *_ask_or_stop(running=False)

    def undone(turns: object) -> tuple[Any, ...]:
        before = well_formed(turns)
        return before[-1]["question"] if before else gr.skip(), conversation_html(before[:-1]), before[:-1]

    def loaded(turns: object) -> tuple[Any, ...]:
        kept, questions = well_formed(turns), conversation.examples()
        buttons = [gr.Button(question, visible=True) for question in questions]
        buttons += [gr.Button(visible=False) for _ in range(EXAMPLES - len(buttons))]
        return header_html(conversation.articles()), conversation_html(kept), *buttons

    blocks.load(loaded, [parts.turns], [parts.header, parts.log, *parts.examples], **_QUIET)
    running = [gr.on([parts.box.submit, parts.ask.click], asked, [parts.box, parts.turns], shown, **_QUIET)]
    running += [button.click(asked, [button, parts.turns], shown, **_QUIET) for button in parts.examples]
    running += [parts.retry.click(asked_again, [parts.turns], shown, **_QUIET)]
    parts.stop.click(stopped, [parts.turns], [parts.log, parts.ask, parts.stop], cancels=running, **_QUIET)
    parts.undo.click(undone, [parts.turns], [parts.box, parts.log, parts.turns], **_QUIET)
    parts.clear.click(lambda: (conversation_html(()), []), None, [parts.log, parts.turns], **_QUIET)


def _ask_or_stop(*, running: bool) -> tuple[gr.Button, gr.Button]:
    return gr.Button(visible=not running), gr.Button(visible=running)


def _endpoint(conversation: Conversation) -> Callable[..., dict[str, Any]]:
    def chat(question: str, history: list[dict[str, str]] | None = None) -> dict[str, Any]:
        """Answer a question with verbatim quotes from the articles, or say that they do not answer it.

        Args:
            question: what to ask, at most 1000 characters
            history: the turns before it, each {"role": "user" or "assistant", "content": "…"}
        """
        turns = tuple(Turn(str(t.get("role", "")), str(t.get("content", ""))) for t in history or [])
        try:
            return answer_object(conversation.service.assistant.ask(question, turns))
        except QuotewireError as error:
            raise gr.Error(str(error), print_exception=False) from error

    return chat
