"""The whole path from a question to an answer, on one screen; and the index it is asked of, always the newest."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from chat.decision import decision_logit, decision_signals, load_weights, rank_scores
from chat.evidence import Candidates, gather, question_terms
from chat.followup import resolve
from chat.language import other_language
from chat.question import asks_for, asks_for_list
from chat.quotes import choose, context_spans, order_of, reordered
from chat.reader import Reader
from chat.reading import blended, final_confidence, final_signals, read
from chat.retriever import retrieve
from chat.smalltalk import reply
from chat.spelling import mend
from chat.support import yes_or_no
from chat.types import Answer, Asks, Hit, Kind, Question, Quote, Span, Turn
from indexer import Embedder, Index, IndexMismatch

LONGEST_QUESTION = 1000
NOT_SAID = "The articles do not say."
DIFFER = "The articles differ; the newest comes first."
EMPTY = "There are no articles yet: put files into the corpus folder, and ask again."
ASK_SOMETHING = "Please ask a question."
TOO_LONG = f"That question is longer than {LONGEST_QUESTION} characters: please ask one thing at a time."
OTHER_LANGUAGE = (
    "The question seems to be in {language}, and the articles are not: I can only match words of their language. "
    "Please ask in it."
)
_NEAREST = 2


class Assistant:
    """Answers questions from the index at a place; safe to use from many threads at once."""

    def __init__(self, index: Path, *, never_abstain: bool = False) -> None:
        """Load the current generation and the model that made it.

        `never_abstain` shows the best quotes however unlikely they are to answer; it is for measuring.
        Raises `IndexMissing`, `IndexDamaged`, `ModelError`, and `IndexMismatch` if the installed weights are others.
        """
        self._root, self._never_abstain = index, never_abstain
        self._index = Index.open(index)
        self._switching = threading.Lock()
        made_by = self._index.manifest.model
        self.embedder = Embedder(made_by.name)
        if self.embedder.info.weights != made_by.weights:
            raise IndexMismatch(
                f"{index} was made with weights {made_by.weights[:19]} of {made_by.name}, installed are "
                f"{self.embedder.info.weights[:19]}: run python -m indexer --full --index {index}"
            )
        self._weights, self._reader = load_weights(), Reader()

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

    def ask(self, question: str, history: Sequence[Turn] = ()) -> Answer:
        """Answer one question, in the light of the turns before it.

        What cannot be asked (nothing, too much, of an empty corpus, in another language) is answered with a sentence
        that says so; this never raises for what a person may type.
        """
        index = self.index
        said = _without_search(index, question)
        if said:
            return Answer(Question(question, question, Asks.WHAT), Kind.SMALL_TALK, said, (), (), 0.0, (), (), index)
        standalone = mend(index, resolve(question, history))
        asked = Question(question, standalone, asks_for(standalone), asks_for_list(standalone))
        found = self._find(index, asked)
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

    def _find(self, index: Index, asked: Question) -> "_Found":
        """Retrieve, gather the sentences, rank them, read the leading ones, and decide."""
        vector = self.embedder.embed_question(asked.understood)
        hits = retrieve(index, asked.understood, vector)
        candidates = gather(index, asked, vector, hits)
        ranks = rank_scores(candidates.signals, self._weights)
        logit = decision_logit(decision_signals(candidates, ranks), self._weights)
        texts = [index.record(span.article).text[span.start : span.end] for span in candidates.spans]
        title = index.articles[hits[0].span.article].title
        reading = read(self._reader, asked.understood, title, texts, candidates, ranks)
        scores = blended(ranks, reading, self._weights.blend)
        chance = final_confidence(final_signals(logit, reading), self._weights)
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


def _without_search(index: Index, question: str) -> str:
    """What to say to what is no question that can be searched for; "" for one that can."""
    if not question.strip():
        return ASK_SOMETHING
    if len(question) > LONGEST_QUESTION:
        return TOO_LONG
    if not index.manifest.passages:
        return EMPTY
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
    return Answer(asked, kind, lead, shown, nearest, confidence, found.passages, found.context, index, by_date=by_date)


def _text(index: Index, hit: Hit) -> str:
    return index.record(hit.span.article).text[hit.span.start : hit.span.end]
