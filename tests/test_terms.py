"""The scores of the term index are those of bm25s, to the last bit, also after it was saved and loaded."""

import random
from pathlib import Path

import bm25s
import numpy as np

from indexer.terms import DocumentTerms, TermIndex


def test_scores_are_those_of_bm25s(tmp_path: Path) -> None:
    rng = random.Random(3)
    passages = [[f"t{int(rng.expovariate(0.1))}" for _ in range(rng.randrange(40))] for _ in range(300)]
    index = TermIndex.build([DocumentTerms.of(passages[:120]), DocumentTerms.of(passages[120:])])
    index.save(tmp_path)
    loaded = TermIndex.load(tmp_path, len(passages))
    plain = bm25s.BM25(k1=1.2, b=0.75, method="lucene")
    vocabulary = {term: number for number, term in enumerate(dict.fromkeys(t for p in passages for t in p))}
    plain.index(([[vocabulary[t] for t in p] for p in passages], vocabulary), show_progress=False)
    for _ in range(50):
        asked = [f"t{rng.randrange(60)}" for _ in range(rng.randrange(1, 8))]
        known = [term for term in dict.fromkeys(asked) if term in vocabulary]
        expected = plain.get_scores(known) if known else np.zeros(len(passages))
        assert np.array_equal(index.scores(asked), expected) and np.array_equal(loaded.scores(asked), expected)
    assert all(index.holding(term) == sum(term in p for p in passages) for term in [*vocabulary, "unheard"])


def test_passages_without_terms_score_nothing(tmp_path: Path) -> None:
    index = TermIndex.build([DocumentTerms.of([[], []])])
    index.save(tmp_path)
    for each in (index, TermIndex.load(tmp_path, 2)):
        assert each.scores(["lamp"]).tolist() == [0, 0] and not each.vocabulary and each.holding("lamp") == 0
