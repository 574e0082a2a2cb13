"""What the page does: a question into turns, step by step, so that words appear as soon as there are any."""

import logging
import re
import threading
import uuid
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from chat.assistant import LONGEST_QUESTION
from chat.laps import RENDERING
from chat.llm import written
from chat.render import answer_object
from chat.scope import scope_kept, scope_of
from chat.types import Answer, Scope, Turn
from chat.web import conversation_page
from chat.web.service import Service
from chat.web.watch import PAGE, Watch
from indexer import ArticleEntry, Index, NotReady, QuotewireError

log = logging.getLogger(__name__)
_TURNS_KEPT = 50
EXAMPLES = 4
STOPPED = "Stopped before it was answered. “Ask again” asks it once more."
_KEPT = ("question", "understood", "answer", "abstained", "quotes", "nearest", "statements", "note")
_NAME = r"[A-Z][\w’'&-]*(?:\s(?:[A-Z][\w’'&-]*))*"
_SAYS = re.compile(rf"\b({_NAME})(?:,[^,.;]{{1,60}},)?\s(?:said|says|announced|believes|added|explained|stated)\b")
_DID = re.compile(rf"\b({_NAME})\s(?:has\s)?(announced|launched|opened|acquired|appointed|raised|signed|recalled)\b")
_ATTENDED = re.compile(r"\b[Tt]he ([a-z][a-z -]{2,40}) was attended by\b")
_PRONOUNS = frozenset(("He", "She", "It", "They", "We", "You", "I", "This", "That", "These", "Those", "The", "A", "An"))


def turn(answer: Answer, scope: Scope | None = None) -> dict[str, Any]:
    """An answer as the page keeps it: the parts of the answer object that are shown, and how it is to be shown.

    And what a test question is made of, should someone judge it: an id of its own, when and of what it was asked.
    """
    found = answer_object(answer)
    kept = {key: found[key] for key in _KEPT if key in found}
    asked = {"id": uuid.uuid4().hex, "asked": datetime.now(UTC).isoformat(timespec="seconds")}
    asked["generation"] = answer.index.manifest.generation
    shown = {"lead": answer.lead, "kind": answer.kind.value, "by_date": answer.by_date}
    return kept | shown | asked | scope_kept(scope)


def history(turns: Sequence[dict[str, Any]]) -> tuple[Turn, ...]:
    """The turns that were answered, as the assistant reads them."""
    said = [(t["question"], t["answer"]) for t in turns if "answer" in t]
    return tuple(entry for asked, answer in said for entry in (Turn("user", asked), Turn("assistant", answer)))


def well_formed(turns: object) -> list[dict[str, Any]]:
    """What a browser kept, without what this version cannot show; a question whose answer never came says so."""
    found = [t for t in turns if isinstance(t, dict)] if isinstance(turns, list) else []
    try:
        conversation_page.conversation_html(found)
        history(found)
    except (KeyError, TypeError, AttributeError, ValueError):
        return []
    return [_ended(t) for t in found][-_TURNS_KEPT:]


def _ended(turn: dict[str, Any]) -> dict[str, Any]:
    """A turn that nothing follows on any more: one whose answer never came, or was still written, says so."""
    if turn.get("pending"):
        return {"question": turn["question"], "notice": STOPPED}
    return turn | {"note": written.STOPPED} if turn.get("note") == written.WRITING else turn


class Conversation:
    """Answers for the page; one for all its visitors, it holds nothing of theirs."""

    def __init__(self, service: Service, watch: Watch | None = None) -> None:
        """Answer with the service's assistant; each question is counted and logged by `watch`."""
        self.service, self.watch = service, watch or Watch()
        self._examples: tuple[str, tuple[str, ...]] = ("", ())
        self._choosing = threading.Lock()

    def steps(
        self, question: str, turns: Sequence[dict[str, Any]], filtered: object = None
    ) -> Iterator[list[dict[str, Any]]]:
        """The conversation with the question in it: first pending, then with the lead, then quote by quote.

        `filtered` is the filter as the browser keeps it (see `scope_of`).
        """
        question, before = question.strip(), list(turns)
        problem = self._cannot_ask(question)
        try:
            scope = scope_of(filtered)
        except QuotewireError as error:
            problem = problem or f"The filter cannot be used: {error}."
        if problem:
            yield [*before, {"question": question[:LONGEST_QUESTION] or "…", "notice": problem}]
            return
        yield [*before, {"question": question, "pending": True} | scope_kept(scope)]
        last: dict[str, Any] = {}
        for grown in self._answered(question, before, scope):
            last = grown | {"id": last["id"]} if "id" in last else grown
            if "note" in last:  # a language model writes
                yield [*before, last]
        quotes = [] if "note" in last or last.get("statements") else last.get("quotes", [])
        for shown in range(1, len(quotes)):
            yield [*before, last | {"quotes": quotes[:shown]}]
        yield [*before, last]

    def examples(self) -> tuple[str, ...]:
        """Questions about what the articles' own sentences tell; each is one that is answered from them."""
        with self._choosing:
            try:
                index = self.service.assistant.index
                if self._examples[0] != index.manifest.generation:
                    chosen = tuple(self._answerable(candidates(index)))
                    self._examples = (index.manifest.generation, chosen)
            except NotReady:
                pass
            except QuotewireError as error:
                log.warning("no example questions: %s", error)
            return self._examples[1]

    def articles(self) -> tuple[tuple[ArticleEntry, ...], str]:
        """The articles of the newest index; or none, and why it cannot be read just now."""
        try:
            return self.service.assistant.index.articles, ""
        except NotReady as wait:
            return (), str(wait)
        except QuotewireError as error:
            log.warning("%s", error)
            return (), f"The index cannot be read just now: {error}."

    def _cannot_ask(self, question: str) -> str:
        """Why a question cannot be answered, in a sentence that says what to do; "" if it can."""
        if not question:
            return "Type a question about the articles, then press Enter."
        if len(question) > LONGEST_QUESTION:
            return (
                f"The question has {len(question)} characters; at most {LONGEST_QUESTION} can be read. "
                "Ask it in fewer words, or in parts."
            )
        articles, problem = self.articles()
        if problem:
            return problem
        if not articles:
            return (
                "There are no articles yet. Put .txt, .md, .html, .pdf or .docx files into the folder "
                f"{self.service.corpus}; they can be asked about a few seconds later."
            )
        return ""

    def _answered(self, question: str, before: Sequence[dict[str, Any]], scope: Scope) -> Iterator[dict[str, Any]]:
        """The answer as it grows, where a language model writes; the last one is whole."""
        try:
            with self.watch.question(question, PAGE) as told:
                about, metrics = (question, history(before), scope), self.watch.metrics
                for answer in self.service.answers(*about, self.watch.ending, metrics.took):
                    told(answer)
                    with metrics.timed(RENDERING):
                        shown = turn(answer, scope)
                    yield shown
        except QuotewireError as error:
            yield {"question": question, "notice": f"This could not be answered: {error}."}
        except Exception:
            log.exception("a question could not be answered")
            yield {"question": question, "notice": "Something went wrong here; the server's log says what. Ask again."}

    def _answerable(self, questions: Sequence[str]) -> Iterator[str]:
        left = EXAMPLES
        for question in questions[: 3 * EXAMPLES]:
            if left and not next(self.service.assistant.answers(question)).abstained:  # no model is asked for it
                left -= 1
                yield question


def candidates(index: Index, articles: int = 30) -> tuple[str, ...]:
    """Questions after the people who speak in the newest articles and after what was held or done, without repeats."""
    newest = sorted(range(len(index.articles)), key=lambda n: index.articles[n].date, reverse=True)[:articles]
    each: list[list[str]] = []
    for number in newest:
        record = index.record(number)
        found: list[str] = []
        for sentence in record.sentences:
            found += _after(" ".join(record.text[sentence.start : sentence.end].split()))
        each.append(list(dict.fromkeys(found)))
    longest = max(map(len, each), default=0)
    rounds = (questions[n] for n in range(longest) for questions in each if n < len(questions))
    return tuple(dict.fromkeys(rounds))


def _after(words: str) -> Iterator[str]:
    """Questions that a sentence suggests."""
    yield from (f"Who attended the {what}?" for what in _ATTENDED.findall(words))
    yield from (f"What did {who} say?" for who in _SAYS.findall(words) if who.split()[0] not in _PRONOUNS)
    yield from (f"What has {who} {did}?" for who, did in _DID.findall(words) if who.split()[0] not in _PRONOUNS)
