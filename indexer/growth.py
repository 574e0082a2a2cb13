"""How an index grows: which segments stay, and which are merged with what is new, so that they stay few."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from indexer.manifest import ArticleEntry, Manifest, Segment

MOST_ROWS = 262_144  # of a segment: what a merge takes, and the memory for it, have an end
_FLOOR, _FACTOR = 2_048, 8
_LARGE = _FLOOR * _FACTOR * _FACTOR


@dataclass(frozen=True, slots=True)
class Growth:
    """What a build does to the segments: `kept` ones with their articles, and the articles to be written, by path."""

    kept: tuple[Segment, ...]
    parts: tuple[tuple[ArticleEntry, ...], ...]
    written: tuple[ArticleEntry, ...]


def grow(before: Manifest | None, entries: Sequence[ArticleEntry], usable: Callable[[Segment], bool]) -> Growth:
    """What becomes of the segments of `before`, of which those that are not `usable` are made anew.

    An article is written if no usable segment holds it as it is, or if the one that does is merged.
    """
    wanted = {entry.path: entry for entry in entries}
    segments, parts = [], []
    held: set[str] = set()
    for segment, part in zip(before.segments, before.parts, strict=True) if before else ():
        if not usable(segment):
            continue
        gone = set(segment.gone) | {number for number, entry in enumerate(part) if wanted.get(entry.path) != entry}
        held |= {entry.path for number, entry in enumerate(part) if number not in gone}
        segments.append(replace(segment, gone=tuple(sorted(gone))))
        parts.append(part)
    new = [entry for entry in entries if entry.path not in held]
    merged = to_merge(
        [(_living(segment, part), segment.rows) for segment, part in zip(segments, parts, strict=True)],
        sum(entry.passages for entry in new),
    )
    for number in merged:
        gone = set(segments[number].gone)
        new += [entry for place, entry in enumerate(parts[number]) if place not in gone]
    kept = [number for number in range(len(segments)) if number not in merged]
    return Growth(
        tuple(segments[number] for number in kept),
        tuple(parts[number] for number in kept),
        tuple(sorted(new, key=lambda entry: entry.path)),
    )


def _living(segment: Segment, part: Sequence[ArticleEntry]) -> int:
    return segment.rows - sum(part[number].passages for number in segment.gone)


def to_merge(sizes: Sequence[tuple[int, int]], new: int) -> set[int]:
    """The segments, by number, to be merged with `new` passages; `sizes` are their living and all their rows.

    A segment of which a third is gone is written anew. Segments count as alike if they are of up to 2,048 rows, of
    up to 16,384, or of up to 131,072: of the first one stays as it is, of the others seven; the next one merges them.
    A larger one stays. So there are about 15 segments and one more for each 131,072 passages, and a passage is
    written about three times.
    """
    merged = {number for number, (living, rows) in enumerate(sizes) if 3 * (rows - living) > rows or not living}
    while rows := new + sum(sizes[number][0] for number in merged):
        tier = _tier(rows)
        alike = {number for number, (living, _) in enumerate(sizes) if _tier(living) == tier} - merged
        if rows > _LARGE or len(alike) < (1 if rows <= _FLOOR else _FACTOR - 1):
            break
        merged |= alike
    return merged


def _tier(rows: int) -> int:
    return next((tier for tier in range(3) if rows <= _FLOOR * _FACTOR**tier), 3)


def chunks(entries: Sequence[ArticleEntry]) -> Iterator[list[ArticleEntry]]:
    """The articles in groups of at most 262,144 passages, each for a segment."""
    chunk: list[ArticleEntry] = []
    rows = 0
    for entry in entries:
        if chunk and rows + entry.passages > MOST_ROWS:
            yield chunk
            chunk, rows = [], 0
        chunk.append(entry)
        rows += entry.passages
    if chunk:
        yield chunk
