"""Hits → Evidence: the sentences of the retrieved passages, each with signals of whether it answers the question.

The signals are cheap (no model runs here: a sentence's vector lies in the index), and are weighed by the small
network in `weights/evidence.json`, which `python -m chat.training.evidence` makes.
"""

import json
import math
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np

from chat.context import context_names
from chat.facts import Facts, facts, name_stems
from chat.types import Asks, Hit, Question, Span
from indexer import BlockKind, Index, terms, words

SIGNALS = (
    "cosine", "cosine_below_best", "passage_score", "passage_cosine", "passage_below_best",
    "covered", "covered_near", "covered_passage", "covered_below_best",
    "names", "names_near", "numbers", "type_held", "type_who", "type_when", "type_where", "type_how_many",
    "type_how_much", "type_why", "pairs", "pairs_below_best", "new_words", "length", "is_head", "is_list",
    "pronoun", "log_rank",
    "missing", "missing_passage", "best_in_passage", "negation", "position", "cosine_next", "cosine_before",
    "names_said", "covered_said", "missing_said",
)  # fmt: skip
_HEADS = (BlockKind.TITLE, BlockKind.HEADING)


@dataclass(frozen=True, eq=False)
class Candidates:
    """The sentences that may answer, with their signals, shape (n, len(SIGNALS)), float32.

    `sentences[i]` is the number of sentence i in its article, `hits[i]` the number of its passage among the hits.
    """

    spans: tuple[Span, ...]
    sentences: tuple[int, ...]
    hits: np.ndarray
    signals: np.ndarray


@dataclass(frozen=True)
class QuestionTerms:
    """A question's terms with their weights (idf), its names and its numbers, as stems."""

    stems: tuple[str, ...]
    weights: dict[str, float]
    names: frozenset[str]
    numbers: frozenset[str]
    total: float


def question_terms(index: Index, question: str) -> QuestionTerms:
    """The terms of a question; a name is what it writes with a capital, apart from its first word."""
    stems = tuple(terms(question))
    weights = {stem: weight_of(index, stem) for stem in stems}
    first = terms(question.split()[0]) if question.split() else []
    names = frozenset(name for name in name_stems(question) if name in weights)
    if first and first[0] in names and question.split()[0].lower() in ("which", "what", "name", "list", "tell", "did"):
        names -= {first[0]}
    numbers = frozenset(word for word in words(question) if word[0].isdigit())
    return QuestionTerms(stems, weights, names, numbers, sum(weights.values()) or 1.0)


def weight_of(index: Index, stem: str) -> float:
    """How much a term tells: its idf over the index and a background of English articles together.

    In an index of one article every name stands in most passages, and the idf of the index alone would call it nothing.
    """
    background = load_background()
    rows = index.terms.rows + background.rows
    holding = index.terms.holding(stem) + background.holding.get(stem, 0)
    return math.log(1 + (rows - holding + 0.5) / (holding + 0.5))


@dataclass(frozen=True)
class Background:
    """In how many of `rows` passages of English articles a stem stands; rare ones are left out."""

    rows: int
    holding: dict[str, int]


@lru_cache(maxsize=1)
def load_background() -> Background:
    """The background that comes with the package (`python -m chat.training.evidence` makes it)."""
    raw = json.loads((files("chat") / "weights" / "background.json").read_text(encoding="utf-8"))
    return Background(raw["rows"], raw["holding"])


def gather(index: Index, question: Question, vector: np.ndarray, hits: Sequence[Hit]) -> Candidates:
    """All sentences of the hits with their signals; a sentence occurs once, for passages do not overlap."""
    asked = question_terms(index, question.understood)
    spans: list[Span] = []
    numbers: list[int] = []
    of_hit: list[int] = []
    rows: list[list[float]] = []
    for rank, hit in enumerate(hits):
        article, passage_number = index.locate(hit.row)
        record = index.record(article)
        passage = record.passages[passage_number]
        title = index.articles[article].title
        own = [facts(record.text[s.start : s.end]) for s in record.sentences[passage.first : passage.last + 1]]
        cosines = record.sentence_vectors[passage.first : passage.last + 1].astype(np.float32) @ vector
        held = {stem for fact in own for stem in fact.stems} | set(
            terms(f"{title} {record.sentences[passage.first].heading}")
        )
        said = [context_names(record, number) for number in range(passage.first, passage.last + 1)]
        shared = _PassageSignals(asked, question.asks, own, said, cosines, held, hit, rank, len(record.sentences))
        for i in range(len(own)):
            sentence = record.sentences[passage.first + i]
            rows.append(shared.of(i, sentence.kind, passage.first + i))
            spans.append(Span(article, sentence.start, sentence.end))
            numbers.append(passage.first + i)
            of_hit.append(rank)
    signals = np.array(rows, dtype=np.float32).reshape(-1, len(SIGNALS))
    for name, below in (
        ("cosine", "cosine_below_best"),
        ("passage_score", "passage_below_best"),
        ("covered", "covered_below_best"),
        ("pairs", "pairs_below_best"),
    ):
        if len(signals):
            column = signals[:, SIGNALS.index(name)]
            signals[:, SIGNALS.index(below)] = column.max() - column
    return Candidates(tuple(spans), tuple(numbers), np.array(of_hit, dtype=np.int64), signals)


class _PassageSignals:
    """The signals of one passage's sentences."""

    def __init__(
        self,
        asked: QuestionTerms,
        asks: Asks,
        own: list[Facts],
        said: list[frozenset[str]],
        cosines: np.ndarray,
        held: set[str],
        hit: Hit,
        rank: int,
        sentences: int,
    ) -> None:
        self.asked, self.asks, self.own, self.said, self.cosines, self.held = asked, asks, own, said, cosines, held
        self.hit, self.rank, self.sentences = hit, rank, sentences
        self.best = int(np.argmax(cosines)) if len(cosines) else 0
        self.covered_passage = self._covered(held)
        self.missing_passage = self._missing(held)

    def of(self, i: int, kind: BlockKind, number: int) -> list[float]:
        """The signals of sentence i, in the order of `SIGNALS`; those relative to the best are filled in later."""
        fact, asked = self.own[i], self.asked
        stems = set(fact.stems)
        near = stems | {s for j in (i - 1, i + 1) if 0 <= j < len(self.own) for s in self.own[j].stems}
        near |= self.held if i == 0 else set()
        said = stems | self.said[i]
        held = holds_type(self.asks, fact, asked)
        by_type = [held if self.asks is asks else 0.0 for asks in _TYPED]
        return [
            float(self.cosines[i]), 0.0, self.hit.score, self.hit.dense, 0.0,
            self._covered(stems), self._covered(near), self.covered_passage, 0.0,
            share(asked.names, stems), share(asked.names, near | self.held), share(asked.numbers, fact.numbers),
            held, *by_type, self._pairs(fact.stems), 0.0,
            math.log1p(len(stems - set(asked.stems))), math.log1p(fact.size),
            float(kind in _HEADS), float(kind in (BlockKind.ITEM, BlockKind.ROW, BlockKind.CODE)),
            float(fact.opens_with_pronoun), math.log1p(self.rank), self._missing(stems), self.missing_passage,
            float(i == self.best), float(fact.has_negation), number / max(1, self.sentences),
            float(self.cosines[i + 1]) if i + 1 < len(self.own) else 0.0,
            float(self.cosines[i - 1]) if i else 0.0,
            share(asked.names, said), self._covered(said), self._missing(said),
        ]  # fmt: skip

    def _covered(self, stems: set[str]) -> float:
        """Share of the question's weight whose terms stand among `stems`."""
        return sum(weight for stem, weight in self.asked.weights.items() if stem in stems) / self.asked.total

    def _missing(self, stems: set[str]) -> float:
        """Share of the question's weight that its heaviest missing term holds."""
        return max((w for stem, w in self.asked.weights.items() if stem not in stems), default=0.0) / self.asked.total

    def _pairs(self, stems: tuple[str, ...]) -> float:
        """Share of the question's neighbouring terms that stand within four terms of each other."""
        pairs = list(zip(self.asked.stems, self.asked.stems[1:], strict=False))
        if not pairs:
            return 0.0
        places: dict[str, list[int]] = {}
        for place, stem in enumerate(stems):
            places.setdefault(stem, []).append(place)
        close = sum(any(abs(p - q) <= 4 for p in places.get(a, ()) for q in places.get(b, ())) for a, b in pairs)
        return close / len(pairs)


_TYPED = (Asks.WHO, Asks.WHEN, Asks.WHERE, Asks.HOW_MANY, Asks.HOW_MUCH, Asks.WHY)


def holds_type(asks: Asks, fact: Facts, asked: QuestionTerms) -> float:
    """1 where the sentence holds what may answer such a question, −1 where it does not, 0 where nothing can be said."""
    new_names = bool(fact.names - asked.names - set(asked.stems))
    new_numbers = bool(fact.numbers - asked.numbers)
    held = {
        Asks.WHO: new_names,
        Asks.WHEN: fact.has_date and (new_numbers or not asked.numbers),
        Asks.WHERE: fact.has_place and new_names,
        Asks.HOW_MANY: fact.has_number and (new_numbers or not fact.numbers),
        Asks.HOW_MUCH: fact.has_amount or new_numbers,
        Asks.WHY: fact.has_reason,
    }.get(asks)
    return 0.0 if held is None else 1.0 if held else -1.0


def share(wanted: AbstractSet[str], held: AbstractSet[str]) -> float:
    """Share of `wanted` that is held; 1 where nothing is wanted."""
    return len(wanted & held) / len(wanted) if wanted else 1.0
