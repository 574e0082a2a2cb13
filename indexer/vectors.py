"""The vectors of a segment, in half precision: searched one by one while they are few, else in inverted lists."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import faiss
import numpy as np

# Measured on real passages and questions, one thread: one by one, 100,000 rows take 5 ms; in lists, half of that, and
# of 262,144 rows a third.
_EXACT_ROWS = 131_072
_ROWS_A_LIST = 256  # on average; in training a centroid is the mean of 32 of them
_TRAINED_ON = 32
_ROUNDS = 8
_RECALL, _NEAREST = 0.997, 10  # what is measured by is a little easier than real questions, which are to have .98
_FEW_ROWS = 8_192  # of a filter: they are searched one by one
_SEED = 20_261_125


def made_index(vectors: np.ndarray, questions: Callable[[], np.ndarray]) -> tuple[faiss.Index, int, int, float]:
    """An index of `vectors`, float32 (n, dimension): with its number of lists, how many to probe, and the recall then.

    `questions` gives vectors, float32 (m, dimension), to measure by: as many lists are probed as it takes to find
    997 of 1,000 of their ten nearest. Exact, with 0 lists and recall 1, up to 131,072 rows.
    """
    rows, dimension = vectors.shape
    kind, metric = faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
    exact = faiss.IndexScalarQuantizer(dimension, kind, metric)
    if rows <= _EXACT_ROWS:
        exact.add(vectors)
        return exact, 0, 0, 1.0
    lists = max(1, rows // _ROWS_A_LIST)
    index = faiss.IndexIVFScalarQuantizer(faiss.IndexFlatIP(dimension), dimension, lists, kind, metric, False)
    index.cp.niter = _ROUNDS
    index.cp.min_points_per_centroid = index.cp.max_points_per_centroid = _TRAINED_ON
    chosen = np.random.default_rng(_SEED).choice(rows, min(rows, lists * _TRAINED_ON), replace=False)
    index.train(vectors[np.sort(chosen)])
    index.add(vectors)
    asked = questions()
    _, nearest = faiss.knn(asked, vectors, _NEAREST, metric=metric)
    probed, recall = max(1, lists // 64), 0.0
    while True:
        index.nprobe = probed
        _, found = index.search(asked, _NEAREST)
        hits = sum(len(np.intersect1d(one, other)) for one, other in zip(found, nearest, strict=True))
        recall = hits / max(1, nearest.size)
        if recall >= _RECALL or probed >= lists:
            return index, lists, probed, round(recall, 4)
        probed = min(lists, probed * 3 // 2 + 1)


class Vectors:
    """A segment's vectors, to search. A row is a number within the segment."""

    def __init__(self, index: faiss.Index, probed: int) -> None:
        """`probed` is how many lists a search looks into, if it has lists."""
        self.rows, self.dimension = int(index.ntotal), int(index.d)
        self._index, self._probed = index, probed
        if isinstance(index, faiss.IndexIVF):
            index.set_direct_map_type(faiss.DirectMap.Array)  # type: ignore[attr-defined]  # so that a row's vector is found

    @classmethod
    def from_bytes(cls, data: np.ndarray, probed: int) -> "Vectors":
        """Those in a file's content, uint8. Raises `RuntimeError` if it is none of FAISS."""
        return cls(faiss.deserialize_index(data), probed)

    @classmethod
    def mapped(cls, path: Path, probed: int) -> "Vectors":
        """Those in a file, memory-mapped. Raises `RuntimeError` if it is none of FAISS."""
        return cls(faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC), probed)

    def of(self, rows: np.ndarray) -> np.ndarray:
        """The vectors of some rows, float32 (len(rows), dimension)."""
        if not len(rows):
            return np.zeros((0, self.dimension), dtype=np.float32)
        found: np.ndarray = self._index.reconstruct_batch(rows.astype(np.int64))
        return found

    def nearest(self, vector: np.ndarray, k: int, among: np.ndarray | None = None) -> np.ndarray:
        """At least the k rows of greatest inner product with `vector`, and those that tie with the last, int64.

        Only rows for which `among`, bool (rows,), holds, where it is given. Fewer where there are fewer.
        """
        held = self.rows if among is None else int(among.sum())
        if among is not None and held <= _FEW_ROWS and isinstance(self._index, faiss.IndexIVF):
            return np.flatnonzero(among)
        asked, wanted = np.ascontiguousarray(vector[None], dtype=np.float32), k + 8
        while True:
            products, rows = self._index.search(asked, max(wanted, 1), params=self._parameters(among, held))
            found: np.ndarray = rows[0][rows[0] >= 0]  # FAISS pads with row -1, which is no passage
            if len(found) <= k or products[0][k - 1] > products[0][len(found) - 1] or wanted >= held:
                return found
            wanted *= 4

    def _parameters(self, among: np.ndarray | None, held: int) -> faiss.SearchParameters | None:
        chosen: dict[str, Any] = {}
        if among is not None:
            bits: Any = np.packbits(among, bitorder="little")
            chosen["sel"] = faiss.IDSelectorBitmap(bits)  # type: ignore[call-arg]  # faiss adds to what it declares
        if isinstance(self._index, faiss.IndexIVF):
            probed = min(self._index.nlist, self._probed * self.rows // max(1, held))  # few of many lie in more lists
            return faiss.SearchParametersIVF(nprobe=max(1, probed), **chosen)  # type: ignore[call-arg]
        return faiss.SearchParameters(**chosen) if chosen else None
