"""Question → Hits: a convex sum of cosine and BM25, each scaled by its best, over the union of both lists."""

from collections.abc import Sequence

import numpy as np

from chat.types import Hit, Scope, Span
from indexer import Index, terms

DENSE_WEIGHT = 0.4
_POOL = 100


def within(index: Index, scope: Scope | None) -> tuple[int, ...] | None:
    """The numbers of the articles within a scope; None for all of them."""
    if scope is None or scope.is_all:
        return None
    return tuple(number for number, entry in enumerate(index.articles) if scope.holds(entry.path, entry.date))


def retrieve(
    index: Index, question: str, vector: np.ndarray, k: int = 24, articles: Sequence[int] | None = None
) -> tuple[Hit, ...]:
    """The k passages that score best for the question, best first; `vector` is its embedding, (dimension,).

    Only passages of `articles`, where they are given. A passage's score is `w · cos / max cos + (1 − w) · bm25 / max
    bm25`, negative cosines counted as 0 (min-max normalisation with the minimum that both scores have in a large
    corpus, 0). Equal scores keep the rows' order.
    """
    near, _ = index.nearest(vector, _POOL, articles)
    bm25 = index.terms.scores(terms(question))
    among = None if articles is None else index.rows(articles)
    found = _best(bm25) if among is None else among[_best(bm25[among])]
    rows = np.unique(np.concatenate([near, found[bm25[found] > 0]])).astype(np.int64)
    if not len(rows):
        return ()
    cosine, sparse = index.products(vector, rows), bm25[rows]
    scores = DENSE_WEIGHT * _scaled(cosine) + (1 - DENSE_WEIGHT) * _scaled(sparse)
    best = np.argsort(-scores, kind="stable")[:k]
    return tuple(
        Hit(int(rows[i]), _span(index, int(rows[i])), float(scores[i]), float(cosine[i]), float(sparse[i]))
        for i in best
    )


def _best(bm25: np.ndarray) -> np.ndarray:
    """Where the greatest scores stand, at most `_POOL`, in no order."""
    if not len(bm25):
        return np.zeros(0, dtype=np.int64)
    return np.argpartition(-bm25, min(_POOL, len(bm25) - 1))[:_POOL]


def _scaled(scores: np.ndarray) -> np.ndarray:
    positive = np.maximum(scores, 0)
    best = positive.max()
    return np.asarray(positive / best if best > 0 else positive)


def _span(index: Index, row: int) -> Span:
    article, number = index.locate(row)
    start, end = index.record(article).passage_rows[number, :2].tolist()
    return Span(article, start, end)
