"""What txtai takes for the same, where it is installed: `pip install txtai`; searched by vectors and words, texts kept."""

import tempfile
import time
from pathlib import Path

import numpy as np
import txtai


def made(model: Path) -> txtai.Embeddings:
    """An empty index of this model, by vectors and by words, that keeps the texts."""
    return txtai.Embeddings(path=str(model), method="sentence-transformers", content=True, hybrid=True)


def build_seconds(model: Path, texts: list[str]) -> float:
    """Making an index of the texts and saving it."""
    index = made(model)
    began = time.perf_counter()
    index.index([(number, text, None) for number, text in enumerate(texts)])
    with tempfile.TemporaryDirectory() as folder:
        index.save(folder)
        return time.perf_counter() - began


def question_seconds(model: Path, texts: list[str], questions: list[str]) -> np.ndarray:
    """Embedding and searching each question, seconds, shape (n,)."""
    index, times = made(model), []
    index.index([(number, text, None) for number, text in enumerate(texts)])
    for question in questions:
        began = time.perf_counter()
        index.search(question, 10)
        times.append(time.perf_counter() - began)
    return np.array(times)


def change_seconds(
    model: Path, held: dict[str, list[str]], added: dict[str, list[str]], deleted: list[str]
) -> tuple[float, float]:
    """Medians of adding each of the articles `added` to those held, then of deleting each of `deleted`."""
    index = made(model)

    def rows(path: str, texts: list[str]) -> list[tuple[str, str, None]]:
        return [(f"{path}#{number}", text, None) for number, text in enumerate(texts)]

    index.index([row for path, texts in held.items() for row in rows(path, texts)])
    adding, deleting = [], []
    for path, texts in added.items():
        began = time.perf_counter()
        index.upsert(rows(path, texts))
        adding.append(time.perf_counter() - began)
    for path in deleted:
        began = time.perf_counter()
        index.delete([row[0] for row in rows(path, held[path])])
        deleting.append(time.perf_counter() - began)
    return float(np.median(adding[1:])), float(np.median(deleting[1:]))
