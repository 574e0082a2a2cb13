"""What each build changed, one layer on the other: article entries, and how many passages hold each term.

Adding an article writes a layer of its own size. Layers of like size are merged, so that there are few: of a growing
index, each entry is written again about log₂ (articles) times in all.
"""

import hashlib
import json
import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field

import numpy as np

from indexer.errors import IndexDamaged
from indexer.manifest import ArticleEntry
from indexer.milvus.blobs import Blobs
from indexer.record import Record


@dataclass(frozen=True)
class Layer:
    """Articles by their numbers that a build added, the numbers it removed, and what both changed in the terms.

    `holding` tells for each term how many more passages hold it (or, below 0, fewer), `terms` how many more terms the
    passages have.
    """

    added: dict[int, ArticleEntry] = field(default_factory=dict)
    removed: frozenset[int] = frozenset()
    holding: dict[str, int] = field(default_factory=dict)
    terms: int = 0

    def under(self, upper: "Layer") -> "Layer":
        """This layer and the one upon it as one."""
        added = {number: entry for number, entry in self.added.items() if number not in upper.removed}
        removed = self.removed | (upper.removed - self.added.keys())
        holding = Counter(self.holding)
        holding.update(upper.holding)
        changed = {term: count for term, count in holding.items() if count}
        return Layer(added | upper.added, removed, changed, self.terms + upper.terms)

    def to_bytes(self) -> bytes:
        """The layer as a blob."""
        added = [[number, asdict(entry)] for number, entry in self.added.items()]
        body = {"added": added, "removed": sorted(self.removed), "holding": self.holding, "terms": self.terms}
        return zlib.compress(json.dumps(body, ensure_ascii=False).encode(), 6)

    @classmethod
    def from_bytes(cls, data: bytes) -> "Layer":
        """Read what `to_bytes` wrote."""
        body = json.loads(zlib.decompress(data))
        added = {number: ArticleEntry(**{**e, "authors": tuple(e["authors"])}) for number, e in body["added"]}
        return cls(added, frozenset(body["removed"]), body["holding"], body["terms"])


@dataclass(frozen=True, slots=True)
class LayerInfo:
    """Where a layer lies, and its bytes."""

    name: str
    size: int


def holding_of(record: Record) -> Counter[str]:
    """How many passages of an article hold each of its terms."""
    vocabulary, numbers, lengths = record.terms.vocabulary, record.terms.numbers, record.terms.lengths
    passage = np.repeat(np.arange(len(lengths), dtype=np.int64), lengths)
    pairs = np.unique(passage * max(len(vocabulary), 1) + numbers)
    counts = np.bincount(pairs % max(len(vocabulary), 1), minlength=len(vocabulary))
    return Counter(dict(zip(vocabulary, counts.tolist(), strict=False)))


def read_layers(blobs: Blobs, layers: Iterable[LayerInfo]) -> list[Layer]:
    """The layers, the lowest first; raises `IndexDamaged` if one is missing or is not what its checksum says."""
    infos = list(layers)
    found = blobs.get_all(info.name for info in infos)
    for info in infos:
        if info.name not in found:
            raise IndexDamaged(f"{info.name} is missing or altered; {blobs.repair}")
    return [Layer.from_bytes(found[info.name]) for info in infos]


def folded(layers: Sequence[Layer]) -> Layer:
    """All layers as one."""
    whole = Layer()
    for layer in layers:
        whole = whole.under(layer)
    return whole


def put_layer(
    blobs: Blobs, infos: Sequence[LayerInfo], layers: Sequence[Layer], newest: Layer
) -> tuple[tuple[LayerInfo, ...], tuple[str, ...]]:
    """Write the newest layer upon the others, merged with those under it that are not twice its size.

    Returns the layers as they are now, and the names of the blobs that are of no use any more.
    """
    kept, data = list(zip(infos, layers, strict=True)), newest.to_bytes()
    while kept and kept[-1][0].size <= 2 * len(data):
        newest = kept.pop()[1].under(newest)
        data = newest.to_bytes()
    name = f"layer-{hashlib.sha256(data).hexdigest()}"
    blobs.put(name, data)
    written = (*(info for info, _ in kept), LayerInfo(name, len(data)))
    return written, tuple(info.name for info in infos[len(kept) :] if info.name != name)
