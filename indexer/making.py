"""Articles → records: cut into passages, embedded in groups, stored."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from indexer.embedding import Embedder
from indexer.passage import CutArticle, cut
from indexer.record import make_record
from indexer.store import Stored, store
from indexer.types import Article, PassageSettings

# Articles are embedded and their records written in groups of about this many passages: a build that is killed
# loses at most one group, and a group is large enough to be sorted by length.
_GROUP = 512

Progress = Callable[[int, int], object]


def make_missing(
    index: Path,
    missing: dict[str, Article],
    stored: dict[str, Stored],
    embedder: Embedder,
    settings: PassageSettings,
    progress: Progress,
) -> tuple[int, float]:
    """Make and store the records of the `missing` articles, each by what it is made from, and add them to `stored`.

    Returns how many passages were embedded, and in how many seconds.
    """
    limit = embedder.info.max_tokens if missing else 0
    pieces = {}
    for name, article in missing.items():
        progress(0, 0)
        pieces[name] = cut(article, embedder.count_tokens, limit, settings)
    total, done, seconds = sum(len(piece.passages) for piece in pieces.values()), 0, 0.0
    progress(0, total)
    for group in groups(pieces):
        began = time.perf_counter()
        texts = [text for name in group for text in pieces[name].texts]
        at = done

        def told(batch: int) -> None:
            nonlocal at
            at += batch
            progress(at, total)

        vectors, parts = embedder.embed_passages(texts, told)
        seconds += time.perf_counter() - began
        first = 0
        for name in group:
            last = first + len(pieces[name].passages)
            record = make_record(missing[name], pieces[name], vectors[first:last], parts[first:last])
            stored[name] = store(index, name, record)
            first = last
        done += first
    return total, seconds


def groups(pieces: dict[str, CutArticle]) -> Iterator[list[str]]:
    """Names in groups of about `_GROUP` passages."""
    group: list[str] = []
    held = 0
    for name, piece in pieces.items():
        group.append(name)
        held += len(piece.passages)
        if held >= _GROUP:
            yield group
            group, held = [], 0
    if group:
        yield group
