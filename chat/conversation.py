"""What the page does: a question into turns, step by step, so that words appear as soon as there are any."""

import logging
import re
import threading
from collections.abc import Iterator, Sequence
from typing import Any

from chat import conversation_page
from chat.assistant import LONGEST_QUESTION
from chat.render import answer_object
from chat.service import Service
from chat.types import Answer, Turn
from indexer import Index, NotReady, QuotewireError

log = logging.getLogger(__name__)
_TURNS_KEPT = 50
EXAMPLES = 4
_KEPT = ("question", "understood", "answer", "abstained", "quotes", "nearest")
_NAME = r"[A-Z][\w’'&-]*(?:\s(?:[A-Z][\w’'&-]*))*"
_SAYS = re.compile(rf"\b({_NAME})(?:,[^,.;]{{1,60}},)?\s(?:said|says|announced|believes|added|explained|stated)\b")
_DID = re.compile(rf"\b({_NAME})\s(?:has\s)?(announced|launched|opened|acquired|appointed|raised|signed|recalled)\b")
_ATTENDED = re.compile(r"\b[Tt]he ([a-z][a-z -]{2,40}) was attended by\b")
_PRONOUNS = frozenset(("He", "She", "It", "They", "We", "You", "I", "This", "That", "These", "Those", "The", "A", "An"))


def turn(answer: Answer) -> dict[str, Any]:
    """An answer as the page keeps it: the parts of the answer object that are shown, and how it is to be shown."""
    found = answer_object(answer)
    kept = {key: found[key] for key in _KEPT if key in found}
    return kept | {"lead": answer.lead, "kind": answer.kind.value, "by_date": answer.by_date}


def history(turns: Sequence[dict[str, Any]]) -> tuple[Turn, ...]:
    """The turns that were answered, as the assistant reads them."""
    said = [(t["question"], t["answer"]) for t in turns if "answer" in t]
    return tuple(entry for asked, answer in said for entry in (Turn("user", asked), Turn("assistant", answer)))


def well_formed(turns: object) -> list[dict[str, Any]]:
    """What a browser kept, without what this version cannot show."""
    found = [t for t in turns if isinstance(t, dict)] if isinstance(turns, list) else []
    try:
        conversation_page.conversation_html(found)
        history(found)
    except (KeyError, TypeError, AttributeError, ValueError):
        return []
    return [t for t in found if not t.get("pending")][-_TURNS_KEPT:]


class Conversation:
    """Answers for the page; one for all its visitors, it holds nothing of theirs."""

    def __init__(self, service: Service) -> None:
        """Answer with the service's assistant."""
        self.service = service
        self._examples: tuple[str, tuple[str, ...]] = ("", ())
        self._choosing = threading.Lock()

    def steps(self, question: str, turns: Sequence[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
        """The conversation with the question in it: first pending, then with the lead, then quote by quote."""
        question, before = question.strip(), list(turns)
        problem = self._cannot_ask(question)
        if problem:
            yield [*before, {"question": question[:LONGEST_QUESTION] or "…", "notice": problem}]
            return
        yield [*before, {"question": question, "pending": True}]
        last = self._answered(question, before)
        quotes = last.get("quotes", [])
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

    def articles(self) -> tuple[Any, ...]:
        """The articles of the newest index; none while it cannot be read."""
        try:
            return self.service.assistant.index.articles
        except NotReady:
            return ()
        except QuotewireError as error:
            log.warning("%s", error)
            return ()

    def _cannot_ask(self, question: str) -> str:
        """Why a question cannot be answered, in a sentence that says what to do; "" if it can."""
        if not question:
            return "Type a question about the articles, then press Enter."
        if len(question) > LONGEST_QUESTION:
            return (
                f"The question has {len(question)} characters; at most {LONGEST_QUESTION} can be read. "
                "Ask it in fewer words, or in parts."
            )
        try:
            articles = self.service.assistant.index.articles
        except NotReady as wait:
            return str(wait)
        except QuotewireError as error:
            return f"The index cannot be read just now: {error}."
        if not articles:
            return (
                "There are no articles yet. Put .txt, .md, .html, .pdf or .docx files into the folder "
                f"{self.service.corpus}; they can be asked about a few seconds later."
            )
        return ""

    def _answered(self, question: str, before: Sequence[dict[str, Any]]) -> dict[str, Any]:
        try:
            return turn(self.service.assistant.ask(question, history(before)))
        except QuotewireError as error:
            return {"question": question, "notice": f"This could not be answered: {error}."}
        except Exception:
            log.exception("a question could not be answered")
            return {"question": question, "notice": "Something went wrong here; the server's log says what. Ask again."}

    def _answerable(self, questions: Sequence[str]) -> Iterator[str]:
        left = EXAMPLES
        for question in questions[: 3 * EXAMPLES]:
            if left and not self.service.assistant.ask(question).abstained:
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
