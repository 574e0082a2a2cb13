"""Builds that faults fall into: a first one, one after a change of each kind, a full one, one that mends."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from indexer import Index

from .workshop import BASE, DEAR, FERRY, Contents, Workshop, fill


@dataclass(frozen=True)
class Scene:
    """A build: of the corpus, into a copy of the index at `before`; `whole` is an index that a full build made.

    `old` and `new` is what the index says before and after.
    """

    name: str
    corpus: Path
    before: Path
    whole: Path
    full: bool
    old: tuple[object, ...] | None
    new: tuple[object, ...]


def scenes(shop: Workshop, names: Sequence[str] = ()) -> list[Scene]:
    """All of them, or those named."""
    without = {path: text for path, text in BASE.items() if path != "lamp.txt"}
    fewer = {path: text for path, text in BASE.items() if path != "chair.txt"}
    renamed = {path.replace("boat", "ship"): text for path, text in BASE.items()}
    made: dict[str, tuple[list[Contents], Contents]] = {
        "first build": ([], BASE),
        "article added": ([BASE], {**BASE, **FERRY}),
        "article changed": ([BASE], {**BASE, **DEAR}),
        "article removed": ([BASE], fewer),
        "article renamed": ([BASE], renamed),
        "--full": ([without, BASE], BASE),  # made in two steps, whose vectors differ from a full build's in last bits
        "old generations removed": ([BASE, without, {**BASE, **FERRY}], {**BASE, **DEAR}),
        "damage mended": ([BASE], BASE),
    }
    return [_made(shop, name, *made[name]) for name in made if not names or name in names]


def _made(shop: Workshop, name: str, steps: list[Contents], after: Contents) -> Scene:
    folder = shop.folder / name.replace(" ", "-")
    corpus, before, whole = folder / "corpus", folder / "before", folder / "whole"
    readers = []
    for contents in steps:
        fill(corpus, contents)
        shop.build(corpus, before)
        if name == "old generations removed":
            readers.append(Index.open(before))  # so that the next build leaves it
    for reader in readers:
        reader.close()
    old = shop.told(before) if steps else None
    if name == "damage mended":
        old = None
        next(before.glob("segments/*/passages.faiss")).write_bytes(b"")
        sorted((before / "records").glob("*/*"))[0].write_bytes(b"broken")
    fill(corpus, after)
    shop.build(corpus, whole, full=True)
    return Scene(name, corpus, before, whole, name == "--full", old, shop.told(whole))
