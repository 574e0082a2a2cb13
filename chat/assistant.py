"""The whole path from a question to an answer, on one screen; and the index it is asked of, always the newest."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from chat.decision import decision_logit, decision_signals, load_weights, rank_scores
from chat.evidence import Candidates, gather, question_terms
from chat.followup import resolve
from chat.language import other_language
from chat.llm.written import Writer
from chat.question import asks_for, asks_for_list
from chat.quotes import choose, context_spans, order_of, reordered
from chat.reader import Reader
from chat.reading import blended, final_confidence, final_signals, read
from chat.reranker import Reranker
from chat.retriever import retrieve, within
from chat.smalltalk import reply
from chat.spelling import mend
from chat.support import yes_or_no
from chat.types import Answer, Asks, Hit, Kind, Question, Quote, Scope, Span, Turn, Written
from indexer import Embedder, Index, IndexMismatch

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


class Assistant:
    """Answers questions from the index at a place; safe to use from many threads at once."""

    def __init__(
        self,
        index: Path,
        *,
        never_abstain: bool = False,
        writer: Writer | None = None,
        reranker: Reranker | None = None,
    ) -> None:
        """Load the current generation and the model that made it.

        `never_abstain` shows the best quotes however unlikely they are to answer; it is for measuring. A `writer` lets
        a language model write what the quotes support, a `reranker` decides which sentence comes first.
        Raises `IndexMissing`, `IndexDamaged`, `ModelError`, and `IndexMismatch` if the installed weights are others.
        """
        self._root, self._never_abstain, self.writer = index, never_abstain, writer
        self._index = Index.open(index)
        self._switching = threading.Lock()
        made_by = self._index.manifest.model
        self.embedder = Embedder(made_by.name)
        if self.embedder.info.weights != made_by.weights:
            raise IndexMismatch(
                f"{index} was made with weights {made_by.weights[:19]} of {made_by.name}, installed are "
                f"{self.embedder.info.weights[:19]}: run python -m indexer --full --index {index}"
            )
        self._weights, self._reader, self._reranker = load_weights(), Reader(), reranker

    @property
    def index(self) -> Index:
        """The newest generation, loaded; an answer uses one and the same from its beginning to its end."""
        if not self._index.is_current and self._switching.acquire(blocking=False):
            try:
                newer = Index.open(self._root)
                if newer.manifest.model.weights == self._index.manifest.model.weights:
                    self._index = newer
            finally:
                self._switching.release()
        return self._index

    def ask(self, question: str, history: Sequence[Turn] = (), scope: Scope | None = None) -> Answer:
        """Answer one question, in the light of the turns before it, from the articles within `scope`.

        What cannot be asked (nothing, too much, of no article, in another language) is answered with a sentence
        that says so; this never raises for what a person may type.
        """
        *_, answer = self.answers(question, history, scope)
        return answer

    def answers(
        self,
        question: str,
        history: Sequence[Turn] = (),
        scope: Scope | None = None,
        stop: threading.Event | None = None,
    ) -> Iterator[Answer]:
        """The answer as it grows, the last one whole: with a writer, a statement at a time; without, there is one.

        Once `stop` is set, what the articles themselves say is the answer.
        """
        answer = self._from_quotes(question, history, scope, stop)
        if self.writer is None or answer.kind is not Kind.ANSWER:
            yield answer
        else:
            yield from self.writer.write(answer, history, stop)

    def _from_quotes(
        self, question: str, history: Sequence[Turn], scope: Scope | None, stop: threading.Event | None
    ) -> Answer:
        """The answer in the articles' own words, or that they do not answer."""
        index = self.index
        articles = within(index, scope)
        said = _without_search(index, question, articles)
        if said:
            return Answer(Question(question, question, Asks.WHAT), Kind.SMALL_TALK, said, (), (), 0.0, (), (), index)
        rewritten, cost = self.writer.standalone(question, history, stop) if self.writer else (None, None)
        standalone = mend(index, resolve(question, history) if rewritten is None else rewritten)
        asked = Question(question, standalone, asks_for(standalone), asks_for_list(standalone))
        found = replace(self._find(index, asked, articles), cost=cost)
        language = other_language(question, _text(index, found.passages[0]))
        if language:
            return _answer(
                index, asked, Kind.ABSTENTION, OTHER_LANGUAGE.format(language=language), found, (), chance=0.0
            )
        if found.chance < self._weights.threshold and not self._never_abstain:
            nearest, _ = choose(index, asked, found.candidates, found.scores, most=_NEAREST)
            return _answer(index, asked, Kind.ABSTENTION, NOT_SAID, found, nearest[:_NEAREST])
        quotes, differ = choose(index, asked, found.candidates, found.scores)
        lead = DIFFER if differ else _yes_or_no(index, asked, found)
        return _answer(index, asked, Kind.ANSWER, lead, found, quotes, by_date=differ)

    def _find(self, index: Index, asked: Question, articles: Sequence[int] | None) -> "_Found":
        """Retrieve, gather the sentences, rank them, read the leading ones, and decide."""
        vector = self.embedder.embed_question(asked.understood)
        hits = retrieve(index, asked.understood, vector, articles=articles)
        candidates = gather(index, asked, vector, hits)
        ranks = rank_scores(candidates.signals, self._weights)
        logit = decision_logit(decision_signals(candidates, ranks), self._weights)
        texts = [index.record(span.article).text[span.start : span.end] for span in candidates.spans]
        title = index.articles[hits[0].span.article].title
        reading = read(self._reader, asked.understood, title, texts, candidates, ranks)
        scores = blended(ranks, reading, self._weights.blend)
        chance = final_confidence(final_signals(logit, reading), self._weights)
        if self._reranker:
            scores = self._reranker.reordered(asked.understood, lambda i: _titled(index, candidates.spans[i]), scores)
        context = context_spans(candidates, ranks, scores)
        return _Found(candidates, scores, chance, reordered(hits, candidates, ranks), context)


@dataclass(frozen=True, eq=False)
class _Found:
    """What was found for a question: sentences with their scores, and the chance that the best one answers."""

    candidates: Candidates
    scores: np.ndarray
    chance: float
    passages: tuple[Hit, ...]
    context: tuple[Span, ...]
    cost: Written | None = None


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
    best = int(order_of(found.candidates, found.scores)[0])
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
