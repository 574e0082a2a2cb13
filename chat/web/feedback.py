"""A person's verdict on an answer → one line of a question file: a bad answer becomes a test question.

What the browser sends is not trusted: quotes are sliced from the articles again, words are looked for in them.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from chat.assistant import LONGEST_QUESTION
from chat.scope import scope_kept, scope_of
from chat.types import Scope
from chat.verbatim import Typography
from chat.web.conversation import history
from indexer import Index, QuotewireError

CHANGED = "An article has changed since this was answered. Ask again, and judge the new answer."
NOT_FOUND = (
    "No article says it in these words. Paste them just as they stand in the article, or save them as a short answer."
)
SHORT = "Paste a whole sentence: these few words could stand anywhere."
TOO_MANY = "These words stand in more than {most} places. Paste more of what stands around the right one."
NO_WORDS = "Paste the words that answer the question."
_MOST_PLACES, _LONGEST, _LONGEST_ANSWER = 5, 4000, 100_000
_ID = re.compile(r"[0-9a-f]{32}")
_CITED = re.compile(r"\s*“(.*)”\s*\([^“”]*\)(?:\s+https?://\S+)?\s*", re.DOTALL)  # as “Copy” puts it on the clipboard


class NotFound(QuotewireError):
    """The words stand in no article; they may be saved as a short answer."""


@dataclass(frozen=True, slots=True)
class Judged:
    """An answer and what a person says of it, checked for form alone.

    `should` is what it should have been: "not said", "said" (in `words`, of an article), "short" (`words` are an answer
    in the person's own words) or "" (only known to be wrong, or right).
    """

    id: str
    question: str
    answer: str
    abstained: bool
    quotes: tuple[Mapping[str, Any], ...]
    history: tuple[Mapping[str, str], ...]
    asked: str
    generation: str
    scope: Scope
    right: bool
    should: str
    words: str
    comment: str


def judged(sent: object) -> Judged:
    """What a browser sent; raises `QuotewireError` if it has not the form of it."""
    try:
        return _judged(sent if isinstance(sent, dict) else {})
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise QuotewireError("This is not what the page sends. Reload the page, and try again.") from error


def _judged(sent: Mapping[str, Any]) -> Judged:
    turn, should = sent["turn"], sent.get("should", "")
    if not _ID.fullmatch(turn["id"]) or not turn["question"].strip() or len(turn["question"]) > LONGEST_QUESTION:
        raise ValueError("no turn of ours")
    if sent["verdict"] not in ("up", "down") or should not in ("", "not said", "said", "short"):
        raise ValueError("no verdict of ours")
    said = history(
        [{key: _text(turn[key], _LONGEST_ANSWER) for key in ("question", "answer")} for turn in sent["before"]]
    )
    return Judged(
        id=turn["id"],
        question=_text(turn["question"]),
        answer=_text(turn["answer"], _LONGEST_ANSWER),
        abstained=turn["kind"] == "abstention",
        quotes=tuple(dict(quote) for quote in turn.get("quotes", [])),
        history=tuple({"role": entry.role, "content": entry.content} for entry in said if entry.content.strip()),
        asked=_text(turn["asked"]),
        generation=_text(turn["generation"]),
        scope=scope_of(turn.get("scope")),
        right=sent["verdict"] == "up",
        should=should,
        words=_text(sent.get("words", "")),
        comment=_text(sent.get("comment", "")),
    )


def line_of(index: Index, given: Judged) -> dict[str, Any]:
    """The line: the keys of a question file, then what else is known.

    An answer that is only known to be wrong, and one whose right answer is no article's words, is answerable without
    evidence: the evaluation counts it where an abstention is wrong, and not where an answer is right. Raises
    `NotFound`, and `QuotewireError` for words that are too few or that stand in too many places, and for an article
    that has changed.
    """
    answerable, answers, evidence = True, [], []
    if given.right:
        answerable = not given.abstained
        evidence = [] if given.abstained else [_evidence(index, quote) for quote in given.quotes]
    elif given.should == "not said":
        answerable = False
    elif given.should == "short":
        answers = [_required(given.words)]
    elif given.should == "said":
        evidence = _places(index, _required(given.words))
    line: dict[str, Any] = {
        "id": f"feedback-{given.id}",
        "question": given.question,
        "answerable": answerable,
        "answers": answers,
        "evidence": evidence,
        "history": list(given.history),
        "verdict": "right" if given.right else "wrong",
        "answer": given.answer,
        "asked": given.asked,
        "judged": datetime.now(UTC).isoformat(timespec="seconds"),
        "generation": given.generation,
        "comment": given.comment,
    }
    return line | scope_kept(given.scope)


def _evidence(index: Index, quote: Mapping[str, Any]) -> dict[str, Any]:
    """A quote as evidence, sliced from its article as it is now; raises `QuotewireError` if that is another."""
    number = index.article_number(str(quote.get("article")))
    if number is None or index.articles[number].content_hash != quote.get("content_hash"):
        raise QuotewireError(CHANGED)
    text, start, end = index.record(number).text, quote.get("start"), quote.get("end")
    if not (isinstance(start, int) and isinstance(end, int) and 0 <= start < end and text[start:end].strip()):
        raise QuotewireError(CHANGED)
    return {"article": index.articles[number].path, "quote": text[start:end], "start": start}


def _places(index: Index, words: str) -> list[dict[str, Any]]:
    """Where articles say it in these words, however they are set."""
    cited = _CITED.fullmatch(words)
    search = Typography(cited[1] if cited else words)
    found: list[dict[str, Any]] = []
    for place in _all_places(index, search):
        found.append(place)
        if len(found) > _MOST_PLACES:
            raise QuotewireError(SHORT if len(words.split()) < 4 else TOO_MANY.format(most=_MOST_PLACES))
    if not found:
        raise NotFound(NOT_FOUND)
    return found


def _all_places(index: Index, search: Typography) -> Iterator[dict[str, Any]]:
    for number, entry in enumerate(index.articles):
        text = index.record(number).text
        for place in search.places(text):
            if place.whole:
                yield {"article": entry.path, "quote": text[place.start : place.end], "start": place.start}


def _required(words: str) -> str:
    if not words.strip():
        raise QuotewireError(NO_WORDS)
    return words.strip()


def _text(value: str, longest: int = _LONGEST) -> str:
    """Text as UTF-8 can hold it: half a surrogate pair becomes a question mark; raises `ValueError` if it is long."""
    if len(value) > longest:
        raise ValueError(f"more than {longest} characters")
    return value.encode("utf-8", "replace").decode()
