"""The whole path from a question to an answer, on one screen; and the index it is asked of, always the newest."""

import logging
import re
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from chat.bridge import described, named
from chat.comparison import are_times, are_told_together, parts
from chat.decision import less_sure, load_weights
from chat.evidence import Candidates, gather, question_terms
from chat.followup import resolve
from chat.language import other_language
from chat.laps import CHOOSING, EMBEDDING, READING, SEARCH, SIGNALS, UNDERSTANDING, Laps, Tell, nobody
from chat.question import asks_for, asks_for_list
from chat.quotes import choose, context_spans, order_of, reordered
from chat.reader import opened_reader
from chat.reading import judge, piece_of
from chat.retriever import retrieve, within
from chat.smalltalk import reply
from chat.spelling import mend
from chat.summary import summary_of
from chat.support import names_nobody, yes_or_no
from chat.types import Answer, Asks, Hit, Kind, Question, Quote, Risk, Scope, Span, Turn, Written
from indexer import (
    IN_FILES,
    Index,
    IndexDamaged,
    IndexMismatch,
    IndexMissing,
    Place,
    QuestionEmbedder,
    StoreUnavailable,
    words,
)

if TYPE_CHECKING:
    from chat.llm.written import Writer
    from chat.reranker import Reranker

log = logging.getLogger(__name__)
LONGEST_QUESTION = 1000
NOT_SAID = "The articles do not say."
DIFFER = "The articles differ; the newest comes first."
EMPTY = "There are no articles yet: put files into the corpus folder, and ask again."
NOTHING_WITHIN = (
    "No article is within the filter: choose other articles or wider dates, or clear the filter, and ask again."
)
ASK_SOMETHING = "Please ask a question."
TOO_LONG = f"That question is longer than {LONGEST_QUESTION} characters: please ask one thing at a time."
OTHER_LANGUAGE = (
    "The question seems to be in {language}, and the articles are not: I can only match words of their language. "
    "Please ask in it."
)
_NEAREST = 2
# Log odds by which an answer is less sure whose article names nothing that the question names: of 500 questions of
# squad2 that is so for 4.6 % of those without an answer and for 1.5 % of the right answers.
_UNNAMED = 4.0


class Assistant:
    """Answers questions from the index at a place; safe to use from many threads at once."""

    def __init__(
        self,
        index: Path,
        *,
        risk: Risk = Risk.BALANCED,
        never_abstain: bool = False,
        writer: "Writer | None" = None,
        reranker: "Reranker | None" = None,
        place: Place = IN_FILES,
    ) -> None:
        """Load the current generation and the model that made it.

        `risk` says how likely an answer must be to be shown; `never_abstain` shows the best quotes however unlikely
        they are to answer; it is for measuring. A `writer` lets a language model write what the quotes support, a
        `reranker` decides which sentence comes first.
        `place` says where the index lies.
        Raises `IndexMissing`, `IndexDamaged`, `ModelError`, `StoreUnavailable`, and `IndexMismatch` if the installed
        weights are others.
        """
        self._root, self._place, self._never_abstain, self.writer = index, place, never_abstain, writer
        self._index = place.open(index)
        self._other: Index | None = None  # the newest generation, where another model made it
        self._switching, self._fault, self._away = threading.Lock(), "", ""
        self._weights, self._reranker = load_weights(), reranker
        self._reader = opened_reader(self._weights.reader)  # it is loaded while the embedder is
        self.embedder = QuestionEmbedder(index, self._index.manifest.model)
        self._threshold = self._weights.threshold(risk, read=self._reader is not None)

    @property
    def index(self) -> Index:
        """The newest generation, loaded; an answer uses one and the same from its beginning to its end.

        Where the newest is damaged or gone, or made by another model, the log says so, and the one that is loaded goes
        on serving. Where the index lies on a server that is away, none can serve: raises `StoreUnavailable`. Nor can
        one whose large files were cut short while they are mapped: raises `IndexDamaged`.
        """
        if self._switching.acquire(blocking=False):
            try:
                self._switch()
                self._away = ""
            except StoreUnavailable as away:
                self._away = str(away)
                raise
            except (IndexMissing, IndexDamaged, IndexMismatch) as fault:
                self._away = ""
                if str(fault) != self._fault:
                    log.error("%s; until then the generation before it serves", fault)
                self._fault = str(fault)
            finally:
                self._switching.release()
        elif self._away:
            raise StoreUnavailable(self._away)
        index = self._index
        index.must_be_whole()
        return index

    @property
    def fault(self) -> str:
        """Why the newest generation does not serve; "" while it does."""
        return self._fault

    def _switch(self) -> None:
        if self._index.is_current:
            self._fault = ""
        elif self._other is None or not self._other.is_current:
            newer, mine = self._place.open(self._root), self._index.manifest.model
            if newer.manifest.model.weights != mine.weights:
                self._other = newer
                raise IndexMismatch(
                    f"{self._root} was made anew by the model {newer.manifest.model.name}, this server asks by "
                    f"{mine.name}: start the server again"
                )
            self._index, self._other, self._fault = newer, None, ""

    def ask(
        self, question: str, history: Sequence[Turn] = (), scope: Scope | None = None, tell: Tell = nobody
    ) -> Answer:
        """Answer one question, in the light of the turns before it, from the articles within `scope`.

        What cannot be asked (nothing, too much, of no article, in another language) is answered with a sentence
        that says so; this never raises for what a person may type. `tell` is told how long each stage took.
        """
        *_, answer = self.answers(question, history, scope, tell=tell)
        return answer

    def answers(
        self,
        question: str,
        history: Sequence[Turn] = (),
        scope: Scope | None = None,
        stop: threading.Event | None = None,
        tell: Tell = nobody,
    ) -> Iterator[Answer]:
        """The answer as it grows, the last one whole: with a writer, a statement at a time; without, there is one.

        Once `stop` is set, what the articles themselves say is the answer.
        """
        laps = Laps(tell)
        answer = self._from_quotes(question, history, scope, stop, laps)
        laps(CHOOSING)
        if self.writer is None or answer.kind is not Kind.ANSWER:
            yield answer
        else:
            yield from self.writer.write(answer, history, stop)

    def _from_quotes(
        self, question: str, history: Sequence[Turn], scope: Scope | None, stop: threading.Event | None, laps: Laps
    ) -> Answer:
        """The answer in the articles' own words, or that they do not answer."""
        index = self.index
        articles = within(index, scope)
        said = _without_search(index, question, articles)
        if said:
            return Answer(Question(question, question, Asks.WHAT), Kind.SMALL_TALK, said, (), (), 0.0, (), (), index)
        rewritten, cost = self.writer.standalone(question, history, stop) if self.writer else (None, None)
        resolved = resolve(question, history) if rewritten is None else rewritten
        standalone = mend(index, resolved if len(resolved) <= LONGEST_QUESTION else question)
        asked = Question(question, standalone, asks_for(standalone), asks_for_list(standalone))
        laps(UNDERSTANDING)
        found = replace(self._find(index, asked, articles, laps), cost=cost)
        language = other_language(question, _text(index, found.passages[0]))
        if language:
            return _answer(
                index, asked, Kind.ABSTENTION, OTHER_LANGUAGE.format(language=language), found, (), chance=0.0
            )
        among = range(len(index.articles)) if articles is None else articles
        summary = summary_of(index, standalone, found.passages[0].span.article, among)
        if summary:
            opening = tuple(Quote(index, span) for span in summary.spans)
            return _answer(index, asked, Kind.ANSWER, summary.lead, found, opening, chance=summary.chance)
        compared = self._compared(index, asked, found, articles, laps)
        if compared:
            return compared
        bridged = self._bridged(index, asked, found, articles, laps)
        if bridged:
            return bridged
        if found.chance < self._threshold and not self._never_abstain:
            return _not_said(index, asked, found)
        quotes, differ = choose(index, asked, found.candidates, found.scores)
        lead = DIFFER if differ else _yes_or_no(index, asked, found)
        return _answer(index, asked, Kind.ANSWER, lead, found, quotes, by_date=differ)

    def _compared(
        self, index: Index, asked: Question, found: "_Found", articles: Sequence[int] | None, laps: Laps
    ) -> Answer | None:
        """The answer about two things that stand apart: quotes of each; None if not both are asked and told of.

        Two that stand in the passage that answers may be asked about one fact, and are not taken apart then.
        """
        asked_of, halves = parts(asked.understood), list[_Found]()
        if not asked_of:
            return None
        answering = (_text(index, hit) for hit in found.passages if _holds(hit.span, found.best))
        if found.chance >= self._threshold and are_told_together((name for name, _ in asked_of), answering):
            return None
        tells = _tells_when if are_times(asked_of) else _tells_of
        for name, part in asked_of:
            half = self._find(index, replace(asked, understood=part), articles, laps)
            if half.chance < self._threshold or not tells(index, half.best, name):
                return None
            halves.append(half)
        if halves[0].best == halves[1].best:
            return None
        return _of_both(index, asked, found, (asked, asked), halves)

    def _bridged(
        self, index: Index, asked: Question, found: "_Found", articles: Sequence[int] | None, laps: Laps
    ) -> Answer | None:
        """The answer about a thing that the question names by what is told of it elsewhere; None where it does not.

        What answers the question as it stands is left to answer it where it is of the article that tells which thing
        it is, in another sentence: of another article, it may be of another thing, and does not answer where that
        does not tell of this one.
        """
        thing = described(asked.understood)
        if not thing:
            return None
        which = replace(_asked_of(asked, thing.asks_which), asks_for_list=False)
        told = self._find(index, which, articles, laps)
        if told.chance < self._threshold:
            return None
        if found.chance >= self._threshold and found.best.article == told.best.article and found.best != told.best:
            return None
        sentence = index.record(told.best.article).text[told.best.start : told.best.end]
        name = named(thing, asked.understood, sentence)
        question = thing.with_name(name, sentence) if name else ""
        if not question:
            return None
        of_it = _asked_of(asked, question)
        half = self._find(index, of_it, articles, laps)
        if half.chance < self._threshold or half.best == told.best or not _tells_of(index, half.best, name):
            return None if self._never_abstain or _tells_of(index, found.best, name) else _not_said(index, asked, found)
        return _of_both(index, of_it, found, (of_it, which), (half, told))

    def _find(self, index: Index, asked: Question, articles: Sequence[int] | None, laps: Laps) -> "_Found":
        """Retrieve, gather the sentences, rank them, read the leading ones, and decide."""
        vector = self.embedder.embed_question(asked.understood)
        laps(EMBEDDING)
        hits = retrieve(index, asked.understood, vector, articles=articles)
        laps(SEARCH)
        candidates = gather(index, asked, vector, hits)
        laps(SIGNALS)
        found = judge(
            self._reader, asked.understood, lambda i: piece_of(index, candidates, i), candidates, self._weights
        )
        scores = found.scores
        if self._reranker:
            scores = self._reranker.reordered(asked.understood, lambda i: _titled(index, candidates.spans[i]), scores)
        laps(READING)
        context = context_spans(candidates, found.ranks, scores)
        whole = _Found(candidates, scores, found.chance, reordered(hits, candidates, found.scores), context)
        record, title = index.record(whole.best.article), index.articles[whole.best.article].title
        unnamed = names_nobody(question_terms(index, asked.understood), record, title)
        return replace(whole, chance=less_sure(whole.chance, _UNNAMED)) if unnamed else whole


@dataclass(frozen=True, eq=False)
class _Found:
    """What was found for a question: sentences with their scores, and the chance that the best one answers."""

    candidates: Candidates
    scores: np.ndarray
    chance: float
    passages: tuple[Hit, ...]
    context: tuple[Span, ...]
    cost: Written | None = None

    @property
    def best(self) -> Span:
        """The sentence that comes first."""
        return self.candidates.spans[int(order_of(self.scores)[0])]


def _not_said(index: Index, asked: Question, found: _Found) -> Answer:
    """That the articles do not say, with what stands nearest."""
    nearest, _ = choose(index, asked, found.candidates, found.scores, most=_NEAREST)
    return _answer(index, asked, Kind.ABSTENTION, NOT_SAID, found, nearest[:_NEAREST])


def _asked_of(asked: Question, question: str) -> Question:
    """The question that was asked, understood as another one."""
    return Question(asked.asked, question, asks_for(question), asks_for_list(question))


def _holds(passage: Span, sentence: Span) -> bool:
    return passage.article == sentence.article and passage.start <= sentence.start < passage.end


def _tells_of(index: Index, best: Span, name: str) -> bool:
    """Whether the article of a sentence holds a name."""
    text = f"{index.articles[best.article].title} {index.record(best.article).text}"
    return re.search(rf"\b{re.escape(name)}(?!\w)", text, re.I) is not None


def _tells_when(index: Index, best: Span, time: str) -> bool:
    """Whether a sentence or its article's title tells of a time (“second quarter of 2025”), or it is its month."""
    entry = index.articles[best.article]
    told = set(words(f"{entry.title} {index.record(best.article).text[best.start : best.end]}"))
    dated = f"{date.fromisoformat(entry.date):%B %Y}" if entry.date else ""
    asked = set(words(time)) - {"of"}
    return asked <= told or (time in dated and not time.isdigit())


def _of_both(
    index: Index, asked: Question, found: _Found, each_asked: Sequence[Question], halves: Sequence[_Found]
) -> Answer:
    """The answer of two that were found apart: the best quotes of each, the passages of both in turns."""
    each = [
        choose(index, own, half.candidates, half.scores, most=1) for own, half in zip(each_asked, halves, strict=True)
    ]
    quotes = tuple(dict.fromkeys(quote for own, _ in each for quote in own))
    differ = any(differ for _, differ in each)
    in_turns = zip(*(half.passages for half in halves), strict=False)
    passages = tuple({hit.row: hit for both in in_turns for hit in both}.values())
    context = tuple(dict.fromkeys(span for half in halves for span in half.context))
    chance = min(half.chance for half in halves)
    whole = replace(found, chance=chance, passages=passages, context=context)
    return _answer(index, asked, Kind.ANSWER, DIFFER if differ else "", whole, quotes, by_date=differ)


def _without_search(index: Index, question: str, articles: Sequence[int] | None) -> str:
    """What to say to what is no question that can be searched for; "" for one that can."""
    if not question.strip():
        return ASK_SOMETHING
    if len(question) > LONGEST_QUESTION:
        return TOO_LONG
    if not index.manifest.passages:
        return EMPTY
    if articles is not None and not any(index.articles[number].passages for number in articles):
        return NOTHING_WITHIN
    return reply(question, len(index.articles))


def _yes_or_no(index: Index, asked: Question, found: _Found) -> str:
    best = int(order_of(found.scores)[0])
    article, sentence = found.candidates.spans[best].article, found.candidates.sentences[best]
    asked_for, title = question_terms(index, asked.understood), index.articles[article].title
    return yes_or_no(asked, asked_for, index.record(article), sentence, title)


def _answer(
    index: Index,
    asked: Question,
    kind: Kind,
    lead: str,
    found: _Found,
    quotes: tuple[Quote, ...],
    *,
    chance: float | None = None,
    by_date: bool = False,
) -> Answer:
    """The answer; the quotes of an abstention are what stands nearest."""
    shown, nearest = ((), quotes) if kind is Kind.ABSTENTION else (quotes, ())
    confidence = found.chance if chance is None else chance
    about = (asked, kind, lead, shown, nearest, confidence, found.passages, found.context, index)
    return Answer(*about, by_date=by_date, written=found.cost)


def _titled(index: Index, span: Span) -> str:
    return f"{index.articles[span.article].title}: {index.record(span.article).text[span.start : span.end]}"


def _text(index: Index, hit: Hit) -> str:
    return index.record(hit.span.article).text[hit.span.start : hit.span.end]
