"""Milvus against files, side by side: the same passages and quotes, and what a question and a change cost.

    .venv/bin/python tests/benchmarks/milvus.py ../shared/data/squad2 [--questions 500] [--quotes 100] [--uri URI]
        [--index INDEX]

FOLDER holds `corpus/` and `questions.jsonl`; INDEX is an index of that corpus in files, made before. What is embedded
for the one is used for the other. Without a URI, milvus-lite serves on loopback; with one, its database must be empty.
Exits with 1 if fewer than 99 % of the passages in the top 10 are the same.
"""

import argparse
import json
import shutil
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from chat.assistant import Assistant  # noqa: E402
from chat.retriever import retrieve  # noqa: E402
from indexer import IN_FILES, Embedder, Index, QuestionEmbedder, parse_article  # noqa: E402
from indexer.passage import EmbeddedText, cut  # noqa: E402
from indexer.place import InMilvus, Place  # noqa: E402
from tests.milvus_server import running  # noqa: E402


class Remembering(Embedder):
    """An embedder that need not embed the passages of an index again."""

    def __init__(self, index: Index, corpus: Path) -> None:
        super().__init__()
        self.known: dict[EmbeddedText, tuple[np.ndarray, np.ndarray]] = {}
        for number, entry in enumerate(index.articles):
            article, record = parse_article(entry.path, (corpus / entry.path).read_bytes()), index.record(number)
            texts = cut(article, self.count_tokens, self.info.max_tokens, index.manifest.settings).texts
            for text, vector, (_, _, first, last) in zip(
                texts, record.passage_vectors, record.passage_rows.tolist(), strict=True
            ):
                self.known[text] = vector, record.sentence_vectors[first : last + 1].astype(np.float32)

    def embed_passages(self, texts, progress=lambda done: None):
        """Those of an article that is not of the index are embedded."""
        if not all(text in self.known for text in texts):
            return super().embed_passages(texts, progress)
        vectors = [self.known[text][0] for text in texts]
        return np.array(vectors).reshape(-1, self.info.dimension), [self.known[text][1] for text in texts]


def percentiles(seconds: list[float]) -> str:
    """Median and 95th percentile in ms."""
    middle, high = np.percentile(np.array(seconds) * 1000, [50, 95])
    return f"p50 {middle:6.1f} ms, p95 {high:6.1f} ms"


def compare(places: dict[str, Place], folder: Path, questions: list[str], quoted: int) -> float:
    """Print how far both agree and what they take; returns the share of the passages in the top 10 that are the same."""
    indexes = {name: place.open(folder / name) for name, place in places.items()}
    embedder = QuestionEmbedder(folder / "files", indexes["files"].manifest.model)
    print(f"{indexes['files'].manifest.passages} passages of {len(indexes['files'].articles)} articles")
    seconds: dict[str, list[float]] = {name: [] for name in places}
    same = identical = 0
    for question in questions:
        vector, found = embedder.embed_question(question), {}
        for name, index in indexes.items():
            began = time.perf_counter()
            hits = retrieve(index, question, vector)
            seconds[name].append(time.perf_counter() - began)
            found[name] = [hit.row for hit in hits[:10]]
        same += len({*found["files"]} & {*found["milvus"]}) / max(len(found["files"]), 1)
        identical += found["files"] == found["milvus"]
    print(f"{len(questions)} questions: {same / len(questions):.4%} of the passages in the top 10 are the same,")
    print(f"  {identical / len(questions):.2%} of the top 10 are the same in the same order")
    for name, spent in seconds.items():
        print(f"retrieving, {name:6}  {percentiles(spent)} (first {spent[0] * 1000:.0f} ms)")
    assistants = {name: Assistant(folder / name, place=place, never_abstain=True) for name, place in places.items()}
    answered: dict[str, list[float]] = {name: [] for name in places}
    quotes = 0
    for question in questions[:quoted]:
        given = []
        for name, assistant in assistants.items():
            began = time.perf_counter()
            answer = assistant.ask(question)
            given.append([(q.article, q.span.start, q.span.end, q.text) for q in answer.quotes])
            answered[name].append(time.perf_counter() - began)
        quotes += given[0] == given[1]
    print(f"{quotes} of {quoted} answers have the same quotes")
    for name, spent in answered.items():
        print(f"answering, {name:6}   {percentiles(spent)}")
    return same / len(questions)


def changes(places: dict[str, Place], folder: Path, corpus: Path, embedder: Embedder) -> None:
    """Print what it takes to add an article, and to remove it."""
    for name, place in places.items():
        spent = []
        for change in range(3):
            new = corpus / f"a-new-article-{change}.txt"
            new.write_text(f"A new quay, number {change}, opens in Oslo on Monday. It is long.\n", encoding="utf-8")
            added = place.build(corpus, folder / name, embedder=embedder)
            new.unlink()
            removed = place.build(corpus, folder / name, embedder=embedder)
            spent.append((added.seconds - added.embedding_seconds, removed.seconds))
        add, remove = np.median(spent, axis=0)
        print(f"adding an article, {name:6}  {add:.2f} s beyond its embedding; removing it {remove:.2f} s")


def run(data: Path, folder: Path, options: argparse.Namespace) -> int:
    """Build both, and compare."""
    corpus = folder / "corpus"
    shutil.copytree(data / "corpus", corpus)
    lines = (data / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    questions = [json.loads(line)["question"] for line in lines[:: max(1, len(lines) // options.questions)]]
    questions = questions[: options.questions]
    if options.index:
        shutil.copytree(options.index, folder / "files")
    with ExitStack() as stack:
        uri = options.uri or stack.enter_context(running(folder / "server")).uri
        places: dict[str, Place] = {"files": IN_FILES, "milvus": InMilvus(uri)}
        embedder = Embedder()
        for name, place in places.items():
            report = place.build(corpus, folder / name, embedder=embedder)
            beyond = report.seconds - report.embedding_seconds
            print(f"build, {name:6}  {beyond:.1f} s beyond the embedding of {report.embedded} passages")
            if name == "files":
                embedder = Remembering(place.open(folder / name), corpus)
            began = time.perf_counter()
            place.open(folder / name).close()
            print(f"opening, {name:6}  {time.perf_counter() - began:.2f} s")
        share = compare(places, folder, questions, options.quotes)
        changes(places, folder, corpus, embedder)
        began = time.perf_counter()
        faults = places["milvus"].verify(folder / "milvus", lambda done, total: None)
        print(f"verify, milvus   {len(faults)} faults, {time.perf_counter() - began:.1f} s")
    return int(share < 0.99 or bool(faults))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, metavar="FOLDER")
    parser.add_argument("--questions", type=int, default=500)
    parser.add_argument("--quotes", type=int, default=100)
    parser.add_argument("--uri")
    parser.add_argument("--index", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        sys.exit(run(given.data, Path(temporary), given))
