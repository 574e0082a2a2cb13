"""The scores of the term index are those of bm25s, however the passages are spread over segments, and some gone."""

import random

import bm25s
import numpy as np
import pytest

from indexer.bm25 import TermIndex
from indexer.postings import DocumentTerms, Postings


def passages(count: int, seed: int = 3) -> list[list[str]]:
    rng = random.Random(seed)
    return [[f"t{int(rng.expovariate(0.1))}é" for _ in range(rng.randrange(40))] for _ in range(count)]


def scores_of_bm25s(living: list[list[str]], asked: list[str]) -> np.ndarray:
    plain = bm25s.BM25(k1=1.2, b=0.75, method="lucene")
    vocabulary = {term: number for number, term in enumerate(dict.fromkeys(t for p in living for t in p))}
    plain.index(([[vocabulary[t] for t in p] for p in living], vocabulary), show_progress=False)
    known = [term for term in dict.fromkeys(asked) if term in vocabulary]
    return plain.get_scores(known) if known else np.zeros(len(living))


@pytest.mark.parametrize("cuts, gone", [((), 0), ((120,), 0), ((7, 80, 80, 250), 0), ((150,), 0.3), ((20, 290), 0.9)])
def test_scores_are_those_of_bm25s(cuts: tuple[int, ...], gone: float) -> None:
    rng, every = random.Random(5), passages(300)
    ends = [0, *cuts, len(every)]
    parts = [Postings.of([DocumentTerms.of(every[a:b])]) for a, b in zip(ends, ends[1:], strict=False)]
    parts = [Postings.from_bytes(np.frombuffer(part.to_bytes(), dtype=np.uint8)) for part in parts]
    order = [n for n in range(300) if rng.random() >= gone]
    rng.shuffle(order)  # the rows need not stand in the order of the segments
    rows = np.full(300, -1, dtype=np.int32)
    rows[order] = np.arange(len(order))
    living = [every[n] for n in order]
    index = TermIndex(parts, rows)
    for _ in range(50):
        asked = [f"t{rng.randrange(60)}é" for _ in range(rng.randrange(1, 8))]
        assert np.allclose(index.scores(asked), scores_of_bm25s(living, asked), atol=1e-5)
    for term in ["unheard", *(f"t{n}é" for n in range(60))]:
        assert index.holding(term) == sum(term in p for p in living)
        best = index.best_rows(term, 3)
        own = index.scores([term])
        assert best == [int(row) for row in np.argsort(-own, kind="stable") if own[row] > 0][:3]
    assert index.vocabulary == tuple(sorted({t for p in living for t in p}))
    together = TermIndex.build([DocumentTerms.of(living)])
    asked = ["t3é", "t1é", "t7é"]
    assert np.array_equal(index.scores(asked), together.scores(asked)), "to the last bit"


def test_postings_of_some_rows_are_those_of_these_passages() -> None:
    every = passages(80)
    alive = np.array([number % 3 > 0 and number > 20 for number in range(80)])
    some = [p for p, kept in zip(every, alive, strict=True) if kept]
    assert Postings.of([DocumentTerms.of(every)]).only(alive).equals(Postings.of([DocumentTerms.of(some)]))


def test_a_term_that_stands_often_in_a_passage() -> None:
    index = TermIndex.build([DocumentTerms.of([["a"] * 70_000 + ["b"], ["a"]])])
    assert np.allclose(index.scores(["a"]), scores_of_bm25s([["a"] * 70_000 + ["b"], ["a"]], ["a"]), atol=1e-5)


def test_passages_without_terms_score_nothing() -> None:
    for index in (TermIndex.build([DocumentTerms.of([[], []])]), TermIndex([], np.full(0, -1, np.int32))):
        assert index.scores(["lamp"]).tolist() == [0] * index.rows
        assert not index.vocabulary and index.holding("lamp") == 0 and index.best_rows("lamp", 3) == []
