"""An answer in a language model's words: it writes statements from the evidence, each checked before it is shown.

The quotes stay ours: the model names sentences, and what they are quoted with is sliced from the articles. It can add
words to an answer and take no quote away. Whatever goes wrong ends in the extractive answer, and a line that says why.
"""

import re
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from chat.context import first_of
from chat.llm.check import Verdict, check
from chat.llm.evidence_text import EvidenceSentence, evidence_sentence, sentence_numbers
from chat.llm.model import Model
from chat.llm.model_reply import ModelFault, Reply, Stopped
from chat.llm.prompt import ANSWER_SCHEMA, QUESTION_SCHEMA, answering, rewriting
from chat.llm.replies import Replies
from chat.llm.statements import StatementReader, question_of
from chat.llm.tokens import TokenKind, says, tokens
from chat.llm.wording import is_glue
from chat.types import Answer, Kind, Quote, Span, Statement, Turn, Written

OWN_WORDS = "These are the articles' own words."
WRITING = "The language model is writing, and what it writes is checked …"
STOPPED = "The language model was stopped before it had ended."
NOTHING = "The language model wrote no statement. " + OWN_WORDS
NOT_SUPPORTED = "Nothing that the language model wrote was supported by the articles. " + OWN_WORDS
_MOST_SENTENCES, _MOST_CHARACTERS = 24, 9000
_MOST_SHOWN = 6
_SHARE_FOR_REWRITING = 1 / 3
_LONGEST_REWRITTEN = 400
_PRONOUN = re.compile(r"\b(?:he|she|him|his|her|it|its|they|them|their|that|this|these|those)\b", re.I)
_ASKS = re.compile(r"\b(?:who|whom|whose|when|where|why|how|what|which)\b")


class Writer:
    """Writes answers with a model; safe to use from many threads at once."""

    def __init__(self, model: Model, replies: Path | None = None) -> None:
        """`replies` is the folder that the model's replies are kept in; without one it is asked each time."""
        self.model = model
        self._replies = Replies(replies) if replies else None
        self._counting, self._asked = threading.Lock(), 0

    @property
    def asked(self) -> int:
        """How many replies the model was asked for, those that were kept from before not counted."""
        return self._asked

    def standalone(
        self, question: str, history: Sequence[Turn], stop: threading.Event | None = None
    ) -> tuple[str | None, Written | None]:
        """The question made to stand alone by the model, and what that cost; None where the rules are to do it.

        What it makes must name nothing that no turn names, leave out nothing of the question, and be another one:
        where it leaves the question as it is, or a pronoun in it, the rules have the last word.
        """
        if not any(turn.role == "user" and turn.content.strip() for turn in history):
            return None, None
        cost = Written()
        try:
            for piece in self._reply(
                rewriting(question, history), QUESTION_SCHEMA, stop, self.model.seconds * _SHARE_FOR_REWRITING
            ):
                if isinstance(piece, Reply):
                    cost = _cost(piece)
                    rewritten = question_of(piece.text)
                    said = [question, *(turn.content for turn in history)]
                    if rewritten != question and _is_made_of(rewritten, said) and _keeps(rewritten, question):
                        return rewritten, cost
        except (ModelFault, Stopped):
            cost = Written(calls=1)
        return None, cost

    def write(
        self, answer: Answer, history: Sequence[Turn] = (), stop: threading.Event | None = None
    ) -> Iterator[Answer]:
        """The answer, growing by a statement at a time; the last one is whole.

        It starts with the quotes alone, and comes again unchanged while the model is silent. Only an answer is written,
        no abstention, and none where the articles differ: the newest comes first then, in their own words.
        """
        before = answer.written or Written()
        if answer.kind is not Kind.ANSWER or answer.by_date:
            yield answer
            return
        draft = _Draft(answer, evidence_of(answer))
        messages = answering(answer.question.understood, history, draft.sentences)
        reader, cost, shown = StatementReader(), Written(), 0
        yield replace(answer, note=WRITING)
        try:
            for piece in self._reply(messages, ANSWER_SCHEMA, stop):
                if isinstance(piece, Reply):
                    cost = _cost(piece)
                    found = reader.end()
                else:
                    found = reader.feed(piece)
                for statement in found:
                    draft.add(statement)
                if piece == "" or len(draft.statements) > shown:
                    shown = len(draft.statements)
                    yield replace(draft.answer(), note=WRITING, written=before + draft.counts)
        except Stopped:
            yield replace(answer, note=STOPPED, written=before + Written(calls=1))
        except ModelFault as fault:
            yield replace(answer, note=f"{fault} {OWN_WORDS}", written=before + Written(calls=1))
        else:
            yield replace(draft.answer(), note=draft.note(), written=before + draft.counts + cost)

    def _reply(
        self,
        messages: Sequence[dict[str, str]],
        schema: dict[str, Any],
        stop: threading.Event | None,
        seconds: float | None = None,
    ) -> Iterator[str | Reply]:
        """The reply in pieces, and then whole: the one that was kept, else the model's, which is kept then."""
        key = Replies.key(self.model.url, self.model.name, messages, schema)
        kept = self._replies.get(key) if self._replies else None
        if kept:
            yield kept.text
            yield kept
            return
        with self._counting:
            self._asked += 1
        for piece in self.model.stream(messages, schema, stop, seconds):
            if isinstance(piece, Reply) and self._replies:
                self._replies.put(key, piece)
            yield piece


def _cost(reply: Reply) -> Written:
    return Written(calls=1, prompt_tokens=reply.prompt_tokens, reply_tokens=reply.reply_tokens, seconds=reply.seconds)


def evidence_of(answer: Answer) -> list[EvidenceSentence]:
    """The sentences that a model is given: those of the quotes, then of the context, with those they point back at.

    They are at most 24, and about 9,000 characters; articles come in the order of their best sentence.
    """
    index = answer.index
    chosen: dict[tuple[int, int], None] = {}
    size = 0
    for span in [quote.span for quote in answer.quotes] + list(answer.context):
        record = index.record(span.article)
        for number in sentence_numbers(record, span):
            for needed in range(first_of(record, number), number + 1):
                sentence = record.sentences[needed]
                if (span.article, needed) in chosen or len(chosen) == _MOST_SENTENCES:
                    continue
                if size and size + sentence.end - sentence.start > _MOST_CHARACTERS:
                    continue
                size += sentence.end - sentence.start
                chosen[span.article, needed] = None
    articles = list(dict.fromkeys(article for article, _ in chosen))
    order = sorted(chosen, key=lambda place: (articles.index(place[0]), place[1]))
    return [evidence_sentence(index, article, number) for article, number in order]


@dataclass
class _Draft:
    """An answer while it is written: the statements that were kept, each with the spans that it rests on."""

    extractive: Answer
    sentences: list[EvidenceSentence]
    statements: list[tuple[str, tuple[Span, ...]]] = field(default_factory=list)
    counts: Written = Written()

    def add(self, statement: Statement) -> None:
        """Check a statement and take it in."""
        checked = check(statement, self.sentences)
        spans = tuple(self.sentences[number - 1].quote.span for number in checked.numbers)
        if checked.verdict is Verdict.KEPT:
            if len(self.statements) == _MOST_SHOWN or any(_same(checked.text, text) for text, _ in self.statements):
                return
            self.statements.append((checked.text, spans))
            self.counts += Written(kept=1)
            return
        quoted = any(_overlap(span, quote.span) for span in spans for quote in self.extractive.quotes)
        self.counts += Written(repaired=1) if quoted else Written(dropped=1)

    def answer(self) -> Answer:
        """The answer as far as it is written: what its statements cite, then the quotes that none of them cites."""
        if not self.statements:
            return self.extractive
        cited = [span for _, spans in self.statements for span in spans]
        shown = _united([*cited, *(quote.span for quote in self.extractive.quotes)])
        statements = []
        for text, spans in self.statements:
            numbers = (next(n for n, other in enumerate(shown, start=1) if _overlap(span, other)) for span in spans)
            statements.append(Statement(text, tuple(dict.fromkeys(numbers))))
        quotes = tuple(Quote(self.extractive.index, span) for span in shown)
        return replace(self.extractive, quotes=quotes, statements=tuple(statements))

    def note(self) -> str:
        """What became of the statements that are not shown; "" where all are."""
        repaired, dropped = self.counts.repaired, self.counts.dropped
        if not self.statements:
            return NOT_SUPPORTED if repaired or dropped else NOTHING
        parts = [f"replaced {_of_them(repaired)} by the quote alone"] if repaired else []
        parts += [f"left out {_of_them(dropped)}"] if dropped else []
        return (
            f"Not all that the language model wrote is supported by the articles: {' and '.join(parts)}."
            if parts
            else ""
        )


def _of_them(count: int) -> str:
    return "one statement" if count == 1 else f"{count} statements"


def _overlap(one: Span, other: Span) -> bool:
    return one.article == other.article and one.start < other.end and other.start < one.end


def _united(spans: Sequence[Span]) -> list[Span]:
    """The spans in their order, those that overlap as one."""
    found: list[Span] = []
    for span in spans:
        while touching := [other for other in found if _overlap(span, other)]:
            span = Span(span.article, min(span.start, touching[0].start), max(span.end, touching[0].end))
            place = found.index(touching[0])
            found.remove(touching[0])
            if len(touching) == 1:
                found.insert(place, span)
                break
        else:
            found.append(span)
    return found


def _same(text: str, other: str) -> bool:
    return text.casefold().strip(" .") == other.casefold().strip(" .")


def _keeps(rewritten: str, question: str) -> bool:
    """Whether a rewritten question asks what was asked, and no longer points back: its words, less its pronouns."""
    told = tokens(rewritten)
    known = frozenset(stem for token in told for stem in token.stems)
    held = [token for token in tokens(question, known) if token.kind is not TokenKind.FUNCTION]
    asked, asks = (_ASKS.findall(text.lower())[:1] for text in (question, rewritten))
    kept = all(any(says(token, other) for other in told) for token in held)
    return kept and asks == asked and not _PRONOUN.search(rewritten)


def _is_made_of(rewritten: str, said: Sequence[str]) -> bool:
    """Whether a rewritten question is one short question that names only what was named before."""
    if not 3 <= len(rewritten) <= _LONGEST_REWRITTEN:
        return False
    before = [token for text in said for token in tokens(text)]
    return all(
        token.kind is TokenKind.FUNCTION
        or any(says(token, other) for other in before)
        or (token.kind is TokenKind.WORD and all(map(is_glue, token.stems)))
        for token in tokens(rewritten, frozenset(s for other in before for s in other.stems))
    )
