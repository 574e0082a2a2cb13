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
    found = index.candidates(terms(question), vector, _POOL, articles)
    if not len(found.rows):
        return ()
    scores = DENSE_WEIGHT * _scaled(found.cosine) + (1 - DENSE_WEIGHT) * _scaled(found.bm25)
    best = np.argsort(-scores, kind="stable")[:k]
    rows = found.rows.tolist()
    return tuple(
        Hit(rows[i], _span(index, rows[i]), float(scores[i]), float(found.cosine[i]), float(found.bm25[i]))
        for i in best
    )


def _scaled(scores: np.ndarray) -> np.ndarray:
    positive = np.maximum(scores, 0)
    best = positive.max()
    return np.asarray(positive / best if best > 0 else positive)


def _span(index: Index, row: int) -> Span:
    article, number = index.locate(row)
    start, end = index.record(article).passage_rows[number, :2].tolist()
    return Span(article, start, end)
