"""Search in an index that has grown, and beside it the same passages in FAISS, bm25s and tantivy as they come."""

import json
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from indexer import Index, Record

_MOST, _NEAREST = 100, 10


def main(index: Path, asked: Path) -> dict[str, Any]:
    """Open an index and ask it: seconds to open, milliseconds a search, recall, memory in MB."""
    began = time.perf_counter()
    opened = Index.open(index)
    row: dict[str, Any] = {"open_s": time.perf_counter() - began} | memory("opened")
    vectors, terms = np.load(asked / "vectors.npy"), json.loads((asked / "terms.json").read_text())
    both = [*zip(vectors, terms, strict=True)]
    for vector, words in both[:5]:
        opened.candidates(words, vector, _MOST)
    row |= times("dense", [lambda v=v: opened.nearest(v, _MOST) for v in vectors])
    row |= times("bm25", [lambda w=w: best(opened.terms.scores(w)) for w in terms])
    row |= times("both", [lambda v=v, w=w: opened.candidates(w, v, _MOST) for v, w in both])
    row |= memory("asked")
    row["recall"] = recall(opened, vectors)
    row["segments"] = [(s.rows, s.lists, s.probed, s.recall) for s in opened.manifest.segments]
    began = time.perf_counter()
    row["terms"] = len(opened.terms.vocabulary)
    return row | {"vocabulary_ms": 1000 * (time.perf_counter() - began)}


def best(scores: np.ndarray) -> np.ndarray:
    """The rows of the greatest scores."""
    found = np.flatnonzero(scores)
    return found[np.argpartition(-scores[found], min(_MOST, len(found) - 1))[:_MOST]] if len(found) else found


def times(name: str, searches: list[Callable[[], object]]) -> dict[str, float]:
    """Median and 95th percentile, milliseconds; and of the processor's time, which other programs do not lengthen."""
    seconds, processor = [], []
    for search in searches:
        began, busy = time.perf_counter(), time.thread_time()
        search()
        seconds.append(time.perf_counter() - began)
        processor.append(time.thread_time() - busy)
    row = {f"{name}_p{p}_ms": float(1000 * np.percentile(seconds, p)) for p in (50, 95)}
    return row | {f"{name}_p{p}_cpu_ms": float(1000 * np.percentile(processor, p)) for p in (50, 95)}


def memory(when: str) -> dict[str, float]:
    """Resident memory, and how much of it is not that of files, which processes share; MB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    about = {line.split(":")[0]: line.split()[1] for line in lines if line.startswith(("VmRSS", "RssAnon"))}
    return {f"{when}_rss_MB": int(about["VmRSS"]) / 1024, f"{when}_own_MB": int(about["RssAnon"]) / 1024}


def recall(opened: Index, vectors: np.ndarray) -> float:
    """How many of the ten nearest are found, of all ten, by all vectors one by one."""
    products = np.full((len(vectors), _NEAREST), -2, dtype=np.float32)
    rows = np.zeros((len(vectors), _NEAREST), dtype=np.int64)
    for first in range(0, opened.manifest.passages, 50_000):
        some = np.arange(first, min(first + 50_000, opened.manifest.passages))
        stored = opened._stored[some]
        own = np.concatenate(
            [
                part.vectors.of(stored[(stored >= part.first) & (stored < part.first + part.vectors.rows)] - part.first)
                for part in opened._parts
            ]
        )
        order = np.concatenate(
            [some[(stored >= part.first) & (stored < part.first + part.vectors.rows)] for part in opened._parts]
        )
        together = np.concatenate([products, vectors @ own.T], axis=1)
        numbers = np.concatenate([rows, np.repeat(order[None], len(vectors), axis=0)], axis=1)
        kept = np.argpartition(-together, _NEAREST, axis=1)[:, :_NEAREST]
        products, rows = np.take_along_axis(together, kept, 1), np.take_along_axis(numbers, kept, 1)
    found = [opened.nearest(vector, _NEAREST)[0] for vector in vectors]
    return float(np.mean([len(np.intersect1d(a, b)) / _NEAREST for a, b in zip(found, rows, strict=True)]))


def passages_of(index: Path) -> tuple[np.ndarray, list[list[str]]]:
    """Vectors and terms of all passages."""
    opened = Index.open(index)
    vectors: list[np.ndarray] = []
    texts: list[list[str]] = []
    for number in range(len(opened.articles)):
        record: Record = opened.record(number)
        vectors.append(record.passage_vectors)
        words, ends = record.terms.vocabulary, np.cumsum(record.terms.lengths).tolist()
        for first, last in zip([0, *ends], ends, strict=False):
            texts.append([words[n] for n in record.terms.numbers[first:last].tolist()])
    opened.close()
    return np.concatenate(vectors), texts


def bare(index: Path, asked: Path) -> dict[str, Any]:
    """The same passages in `faiss.IndexFlatIP` and bm25s."""
    import bm25s
    import faiss

    vectors, texts = passages_of(index)
    began = time.perf_counter()
    flat = faiss.IndexFlatIP(vectors.shape[1])
    flat.add(vectors)
    words = bm25s.BM25(k1=1.2, b=0.75, method="lucene")
    words.index(texts, show_progress=False)
    row: dict[str, Any] = {"build_s": round(time.perf_counter() - began, 2)}
    row |= times("dense", [lambda v=v: flat.search(v[None], _MOST) for v in np.load(asked / "vectors.npy")])
    known = [[w for w in each if w in words.vocab_dict] for each in json.loads((asked / "terms.json").read_text())]
    row |= times("bm25", [lambda w=w: best(words.get_scores(w)) for w in known if w])
    return {key: round(value, 2) for key, value in row.items()}


def tantivy_beside(index: Path, asked: Path, folder: Path) -> dict[str, Any] | None:
    """The same passages' terms in tantivy, where it is installed: to build, to add one, to search, bytes a passage."""
    try:
        import tantivy
    except ImportError:
        return None
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    _, texts = passages_of(index)
    schema = tantivy.SchemaBuilder()
    schema.add_text_field("terms", stored=False, tokenizer_name="whitespace", index_option="freq")
    schema.add_integer_field("row", stored=True)
    held = tantivy.Index(schema.build(), path=str(folder))
    began = time.perf_counter()
    writer = held.writer(heap_size=200_000_000, num_threads=1)
    for row, text in enumerate(texts):
        writer.add_document(tantivy.Document(terms=" ".join(text), row=row))
    writer.commit()
    writer.wait_merging_threads()
    found: dict[str, Any] = {"build_s": time.perf_counter() - began}
    found["bytes"] = sum(path.stat().st_size for path in folder.iterdir()) / len(texts)
    began = time.perf_counter()
    writer = held.writer(heap_size=50_000_000, num_threads=1)
    writer.add_document(tantivy.Document(terms="quay open oslo", row=-1))
    writer.commit()
    found["add_s"] = time.perf_counter() - began
    held.reload()
    searcher = held.searcher()
    queries = [held.parse_query(" ".join(words), ["terms"]) for words in json.loads((asked / "terms.json").read_text())]
    found |= times("bm25", [lambda q=q: searcher.search(q, _MOST) for q in queries])
    return {key: round(value, 3) for key, value in found.items()}


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), Path(sys.argv[2]))))
