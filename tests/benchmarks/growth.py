"""What an index costs as it grows: building it without embedding, adding and deleting an article, search, memory, bytes.

`python tests/benchmarks/growth.py [--sizes 1000 10000 100000] [--records INDEX…] [--data ../shared/data] [--work DIR]`

The passages are real ones, of articles with five and more, repeated: each copy of an article gets vectors that lie at
a cosine of about .82 from the real ones, and every seventh of its terms is made a word of its own, so that the
vocabulary grows too. The questions are real, and so are their vectors. 1,000,000 passages take 5 GB of disk.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from indexer import BuildReport, Embedder, build, parse_article, terms
from indexer.files import file_sha256
from indexer.generation import hold_current, record_path
from indexer.manifest import fingerprint, tools
from indexer.record import Record, read_record, record_bytes, record_name
from indexer.store import made_from
from indexer.types import PassageSettings
from tests.benchmarks.growth_chart import chart
from tests.benchmarks.growth_search import bare, tantivy_beside

_TURNS = 3
_FEWEST = 5  # passages of an article that is copied: so that a million of them are about 50,000 articles
_MOST_BESIDE = 100_000  # a million passages take bm25s too much memory


def main() -> None:
    """Print the figures, and draw them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000], metavar="PASSAGES")
    parser.add_argument(
        "--records", type=Path, nargs="+", default=[Path(".indexes/rust_blog"), Path(".indexes/squad2")]
    )
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--work", type=Path, help="a folder for the indexes (default: one that is removed)")
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help="keep the figures there, beside those of earlier runs"
    )
    parser.add_argument("--alone", action="store_true", help="without bm25s and tantivy beside it")
    parser.add_argument("--chart", type=Path, metavar="SVG", help="draw the figures kept in --json")
    options = parser.parse_args()
    embedder = Embedder()
    embedder.warm_up()
    real = real_records(options.records, options.data, embedder)
    print(f"{sum(len(r.passage_rows) for r in real)} real passages of {len(real)} articles are repeated", flush=True)
    with tempfile.TemporaryDirectory(prefix="growth-", dir=options.work) as folder:
        asked = questions(options.data, embedder, Path(folder))
        for size in options.sizes:
            row = measured(size, Path(folder) / str(size), real, asked, embedder)
            if size <= _MOST_BESIDE and not options.alone:
                row["bare"] = bare(Path(folder) / str(size) / "index", asked)
                row["tantivy"] = tantivy_beside(Path(folder) / str(size) / "index", asked, Path(folder) / "tantivy")
                tell(size, row, "bare", "tantivy")
            shutil.rmtree(Path(folder) / str(size))
            if options.json:
                kept = json.loads(options.json.read_text()) if options.json.exists() else {}
                options.json.write_text(json.dumps(kept | {str(size): row}, indent=1) + "\n")
    if options.chart and options.json:
        options.chart.write_text(chart(json.loads(options.json.read_text())), encoding="utf-8")


def real_records(indexes: list[Path], data: Path, embedder: Embedder) -> list[Record]:
    """The records of real indexes, which are built where they are missing."""
    found = []
    for index in indexes:
        if not (index / "records").is_dir():
            build(data / index.name / "corpus", index, embedder=embedder)
        found += [read_record(path) for path in sorted((index / "records").glob("*/*"))]
    return [record for record in found if len(record.passage_rows) >= _FEWEST]


def questions(data: Path, embedder: Embedder, folder: Path, count: int = 200) -> Path:
    """Real questions of two data sets, as a file of their terms and one of their vectors."""
    asked: list[str] = []
    for name in ("clapnq", "squad2"):
        lines = (data / name / "questions.jsonl").read_text(encoding="utf-8").splitlines()
        asked += [json.loads(line)["question"] for line in lines][:: max(1, 2 * len(lines) // count)][: count // 2]
    np.save(folder / "vectors.npy", np.stack([embedder.embed_question(question) for question in asked]))
    (folder / "terms.json").write_text(json.dumps([terms(question) for question in asked]))
    return folder


def measured(size: int, folder: Path, real: list[Record], asked: Path, embedder: Embedder) -> dict[str, Any]:
    """All figures of an index of so many passages, printed as they come."""
    row: dict[str, Any] = {"made_s": made(size, folder, real, embedder)}
    corpus, index = folder / "corpus", folder / "index"
    busy = time.process_time()
    report = build(corpus, index, embedder=embedder)
    assert report.embedded == 0, "the records were to be found"
    row |= {"articles": len(report.added), "build_s": report.seconds, "build_cpu_s": time.process_time() - busy}
    tell(size, row, "articles", "made_s", "build_s", "build_cpu_s")
    row |= changes(corpus, index, embedder)
    tell(size, row, *[key for key in row if key.startswith(("add_", "delete_", "nothing_"))])
    row |= searched(index, asked)
    tell(size, row, *[key for key in row if key.endswith(("ms", "MB", "recall", "open_s"))])
    row["bytes"] = sizes(index)
    tell(size, row, "bytes")
    return row


def tell(size: int, row: dict[str, Any], *keys: str) -> None:
    """Print some figures."""
    shown = {key: round(value, 3) if isinstance(value := row[key], float) else value for key in keys}
    print(f"{size:>9,}: {json.dumps(shown)}", flush=True)


def made(size: int, folder: Path, real: list[Record], embedder: Embedder) -> float:
    """Write the articles, each a line, and their records, which are copies of real ones; in how many seconds."""
    began, rng = time.perf_counter(), np.random.default_rng(7)
    key = fingerprint(embedder.info, PassageSettings(), tools())
    passages = number = 0
    while passages < size:
        folder_of_some = folder / "corpus" / f"{number // 1000:03}"
        folder_of_some.mkdir(parents=True, exist_ok=True)
        path = folder_of_some / f"news-{number:06}.txt"
        path.write_text(f"News {number}\n\nThe whole text is in the record.\n", encoding="utf-8")
        article = parse_article(path.relative_to(folder / "corpus").as_posix(), path.read_bytes())
        record = copied(real[number % len(real)], number // len(real), rng)
        write_record(folder / "index", record_name(key, article), record)
        passages, number = passages + len(record.passage_rows), number + 1
    return time.perf_counter() - began


def copied(record: Record, copy: int, rng: np.random.Generator) -> Record:
    """A record as it is, or a copy that says something a little different."""
    if not copy:
        return record
    noise = rng.standard_normal(record.passage_vectors.shape, dtype=np.float32)
    noise /= np.linalg.norm(noise, axis=1, keepdims=True)
    vectors = record.passage_vectors + 0.7 * noise
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    vocabulary = tuple(f"{t}{copy}" if i % 7 == copy % 7 else t for i, t in enumerate(record.terms.vocabulary))
    return replace(record, passage_vectors=vectors, terms=replace(record.terms, vocabulary=vocabulary))


def write_record(index: Path, name: str, record: Record) -> None:
    """As `store` does, but not durably, for there are many."""
    data = record_bytes(record)
    beside = index / "part"
    beside.parent.mkdir(parents=True, exist_ok=True)
    beside.write_bytes(data)
    path = record_path(index, f"{name}-{file_sha256(beside)[:32]}")
    assert made_from(path.name) == name
    path.parent.mkdir(parents=True, exist_ok=True)
    beside.rename(path)


def changes(corpus: Path, index: Path, embedder: Embedder) -> dict[str, float]:
    """Adding and deleting an article, several times, and a build with nothing to do; seconds beyond the embedding.

    Those that end with `cpu_s` are of the processor's time, which other programs do not lengthen.
    """
    taken: dict[str, list[tuple[float, float]]] = {"add": [], "delete": [], "nothing": []}
    embedding, embed = [0.0], embedder.embed_passages

    def timed(*arguments: Any) -> Any:
        busy = time.process_time()
        found = embed(*arguments)
        embedding[0] = time.process_time() - busy
        return found

    embedder.embed_passages = timed  # type: ignore[method-assign]

    def run(name: str) -> BuildReport:
        embedding[0], busy = 0.0, time.process_time()
        report = build(corpus, index, embedder=embedder)
        cpu = time.process_time() - busy - embedding[0]
        taken[name].append((report.seconds - report.embedding_seconds, cpu))
        return report

    for turn in range(_TURNS):
        path = corpus / f"added-{turn}.txt"
        path.write_text(f"Quay {turn}\n\nA quay number {turn} was opened in Oslo.\n", encoding="utf-8")
        assert len(run("add").added) == 1
    for turn in range(_TURNS):
        (corpus / "000" / f"news-{turn:06}.txt").unlink()
        assert len(run("delete").removed) == 1
        run("nothing")
    embedder.embed_passages = embed  # type: ignore[method-assign]
    row = {}
    for name, pairs in taken.items():
        wall, cpu = zip(*pairs, strict=True)
        row |= {
            f"{name}_s": float(np.median(wall)),
            f"{name}_most_s": max(wall),
            f"{name}_cpu_s": float(np.median(cpu)),
        }
    return row


def searched(index: Path, asked: Path) -> dict[str, Any]:
    """Search in a process of its own, which is what its memory is measured of."""
    command = [sys.executable, "-m", "tests.benchmarks.growth_search", str(index), str(asked)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=os.environ)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def sizes(index: Path) -> dict[str, float]:
    """Bytes a passage, by part."""
    held = hold_current(index)
    held.lock.close()
    parts: dict[str, int] = {}
    for folder, _, names in os.walk(index):
        for name in names:
            part = "records" if "records" in folder else name if "segments" in folder else "generation and model"
            parts[part] = parts.get(part, 0) + os.path.getsize(os.path.join(folder, name))
    return {part: round(size / held.manifest.passages, 1) for part, size in sorted(parts.items())}


if __name__ == "__main__":
    main()
