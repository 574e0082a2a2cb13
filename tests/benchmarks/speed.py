"""The speed figures of the README, each as a ratio or a time beside its baseline, in one run.

`python tests/benchmarks/speed.py [--data ../shared/data] [--indexes .indexes]`
"""

import argparse
import json
import shutil
import tempfile
import time
from pathlib import Path

import numpy as np

from chat.assistant import Assistant
from indexer import Embedder, Index, build

BARE_BATCH = 32


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--indexes", type=Path, default=Path(".indexes"))
    parser.add_argument("--articles", type=int, default=150, help="articles of rust_blog for the build ratio")
    options = parser.parse_args()
    embedder = Embedder()
    embedder.warm_up()
    warm_answer(options.data / "squad2", options.indexes / "squad2", embedder)
    build_ratio(options.data / "rust_blog" / "corpus", options.articles, embedder)
    add_one(options.data / "rust_blog" / "corpus", options.indexes / "rust_blog", embedder)


def warm_answer(data: Path, index: Path, embedder: Embedder, count: int = 300) -> None:
    """A warm answer beyond the question's own embedding, 100 articles."""
    build(data / "corpus", index, embedder=embedder)
    assistant = Assistant(index)
    lines = (data / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    questions = [json.loads(line)["question"] for line in lines[1::2]][:count]
    for question in questions[:20]:
        assistant.ask(question)
    beyond, embedding = [], []
    for question in questions:
        began = time.perf_counter()
        assistant.embedder.embed_question(question)
        middle = time.perf_counter()
        assistant.ask(question)
        embedding.append(middle - began)
        beyond.append(time.perf_counter() - middle - (middle - began))
    p50, p95 = (1000 * np.percentile(beyond, p) for p in (50, 95))
    print(
        f"warm answer beyond its embedding, {count} questions, 100 articles: p50 {p50:.0f} ms, p95 {p95:.0f} ms "
        f"(the embedding: p50 {1000 * np.percentile(embedding, 50):.0f} ms)",
        flush=True,
    )


def build_ratio(corpus: Path, count: int, embedder: Embedder) -> None:
    """A full build against `SentenceTransformer.encode` of the same passages, in turns."""
    with tempfile.TemporaryDirectory() as folder:
        some = Path(folder) / "corpus"
        some.mkdir()
        for path in sorted(corpus.iterdir())[:: max(1, len(list(corpus.iterdir())) // count)]:
            shutil.copy(path, some)
        ratios = []
        for turn in range(2):
            began = time.perf_counter()
            build(some, Path(folder) / f"index{turn}", embedder=embedder)
            ours = time.perf_counter() - began
            index = Index.open(Path(folder) / f"index{turn}")
            records = [index.record(n) for n in range(len(index.articles))]
            texts = [r.text[p.start : p.end] for r in records for p in r.passages]
            began = time.perf_counter()
            embedder.model.encode(texts, batch_size=BARE_BATCH, show_progress_bar=False)
            bare = time.perf_counter() - began
            ratios.append(ours / bare)
            print(
                f"build of {len(records)} rust_blog articles, {len(texts)} passages: {ours:.1f} s, encode alone "
                f"{bare:.1f} s, ratio {ours / bare:.2f}",
                flush=True,
            )
            index.close()


def add_one(corpus: Path, index: Path, embedder: Embedder) -> None:
    """Adding one article to the 747 of rust_blog, beyond embedding it."""
    build(corpus, index, embedder=embedder)
    with tempfile.TemporaryDirectory() as folder:
        grown = Path(folder) / "corpus"
        shutil.copytree(corpus, grown)
        shutil.copytree(index, Path(folder) / "index")
        times = []
        for turn in range(5):
            text = f"# News {turn}\n\nThe team released tool number {turn} on Monday. It is fast.\n"
            (grown / f"2026-11-0{turn + 1}-news.md").write_text(text, encoding="utf-8")
            report = build(grown, Path(folder) / "index", embedder=embedder)
            assert report.added and report.unchanged >= 747
            times.append(report.seconds - report.embedding_seconds)
        print(
            f"adding one article to {report.unchanged}: {np.median(times):.2f} s beyond embedding it "
            f"(of 5: {min(times):.2f} to {max(times):.2f})",
            flush=True,
        )


if __name__ == "__main__":
    main()
