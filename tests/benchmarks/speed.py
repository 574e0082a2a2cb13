"""The speed figures of the README, each as a ratio or a time beside its baseline, in one run.

`python tests/benchmarks/speed.py [--data ../shared/data] [--indexes .indexes]`
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

import bm25s
import faiss
import numpy as np

from chat.assistant import Assistant
from indexer import Embedder, Index, QuestionEmbedder, build

BARE_BATCH = 32
# One answer's search from disk, as plainly as it can be written: the best row by both scores.
BARE_ASK = """
import sys
import bm25s, faiss
from sentence_transformers import SentenceTransformer

model, folder, question = sys.argv[1:]
vector = SentenceTransformer(model).encode([question], normalize_embeddings=True)
products = faiss.read_index(f"{folder}/bare.faiss")
scores = products.reconstruct_n(0, products.ntotal) @ vector[0]
words = bm25s.BM25.load(folder)
scores += words.get_scores(bm25s.tokenize(question, show_progress=False, return_ids=False)[0])
print(products.search(vector, 10)[1][0], scores.argmax())
"""


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--indexes", type=Path, default=Path(".indexes"))
    parser.add_argument("--articles", type=int, default=150, help="articles of rust_blog for the build ratio")
    parser.add_argument(
        "--only-small", action="store_true", help="only adding and deleting an article at 60, and txtai"
    )
    options = parser.parse_args()
    embedder = Embedder()
    embedder.warm_up()
    if options.only_small:
        add_and_delete(options.data / "rust_blog" / "corpus", options.indexes / "rust_blog", embedder)
        txtai(options.data, options.indexes / "rust_blog", embedder)
        return
    warm_answer(options.data / "squad2", options.indexes / "squad2", embedder)
    cold_ask(options.data / "squad2" / "corpus", options.indexes / "squad2", embedder)
    warm_question(options.data / "squad2", options.indexes / "squad2", embedder)
    build_ratio(options.data / "rust_blog" / "corpus", options.articles, embedder)
    add_one(options.data / "rust_blog" / "corpus", options.indexes / "rust_blog", embedder)
    add_and_delete(options.data / "rust_blog" / "corpus", options.indexes / "rust_blog", embedder)
    txtai(options.data, options.indexes / "rust_blog", embedder)


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


def cold_ask(corpus: Path, index: Path, embedder: Embedder, turns: int = 7) -> None:
    """`python -m chat ask` against the bare search of the same passages, each a process of its own, in turns."""
    question = "In what country is Normandy located?"
    opened = Index.open(index)
    records = [opened.record(n) for n in range(len(opened.articles))]
    texts = [r.text[p.start : p.end] for r in records for p in r.passages]
    with tempfile.TemporaryDirectory() as folder:
        flat = faiss.IndexFlatIP(embedder.info.dimension)
        flat.add(np.concatenate([r.passage_vectors for r in records]))
        faiss.write_index(flat, f"{folder}/bare.faiss")
        words = bm25s.BM25()
        words.index(bm25s.tokenize(texts, show_progress=False), show_progress=False)
        words.save(folder, show_progress=False)
        ask = ["-m", "chat", "ask", question, "--index", str(index), "--corpus", str(corpus)]
        bare = ["-c", BARE_ASK, str(embedder.folder), folder, question]
        times = np.array([[_seconds(ask), _seconds(bare)] for _ in range(turns + 1)][1:])  # the first fills the caches
    ours, theirs = np.median(times, axis=0)
    print(
        f"cold ask, {len(texts)} passages, medians of {turns}: {ours:.2f} s, bare {theirs:.2f} s, "
        f"ratio {np.median(times[:, 0] / times[:, 1]):.3f}",
        flush=True,
    )


def _seconds(arguments: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
    return time.perf_counter() - began


def warm_question(data: Path, index: Path, embedder: Embedder, count: int = 300) -> None:
    """Embedding a question against `SentenceTransformer.encode`, in turns."""
    ours = QuestionEmbedder(index, embedder.info)
    lines = (data / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    times = []
    for question in [json.loads(line)["question"] for line in lines[1::2]][: count + 20]:
        began = time.perf_counter()
        ours.embed_question(question)
        middle = time.perf_counter()
        embedder.model.encode(question, show_progress_bar=False, normalize_embeddings=True)
        times.append((middle - began, time.perf_counter() - middle))
    mine, theirs = 1000 * np.median(times[20:], axis=0)
    print(
        f"embedding a question, medians of {count}: {mine:.1f} ms, encode {theirs:.1f} ms, ratio {mine / theirs:.2f}",
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


def add_and_delete(corpus: Path, whole: Path, embedder: Embedder, count: int = 60, turns: int = 7) -> None:
    """Adding an article to 60 and deleting one, embedding and all, against doing so plainly, in turns.

    Plainly: the new passages are encoded, and FAISS's and bm25s' indexes are made anew of all, in memory.
    """
    build(corpus, whole, embedder=embedder)
    paths = sorted(corpus.iterdir())
    chosen = paths[:: len(paths) // (count + turns)][: count + turns]
    with tempfile.TemporaryDirectory() as folder:
        some, index, plain = Path(folder) / "corpus", Path(folder) / "index", Plain(embedder)
        some.mkdir()
        shutil.copytree(whole, index)
        for path in chosen[:count]:
            shutil.copy(path, some)
        assert build(some, index, embedder=embedder).embedded == 0
        for path in chosen[:count]:
            plain.held[path.name] = passages_of(index, path.name)
        times: dict[str, list[tuple[float, float]]] = {"adding": [], "deleting": []}
        for path in chosen[count:]:
            shutil.copy(path, some)
            ours = build(some, index, embedder=embedder).seconds
            times["adding"].append((ours, plain.add(path.name, passages_of(index, path.name)[0])))
        for path in chosen[:turns]:
            (some / path.name).unlink()
            times["deleting"].append((build(some, index, embedder=embedder).seconds, plain.delete(path.name)))
    for what, pairs in times.items():
        ours, theirs = np.median(np.array(pairs)[1:], axis=0)
        ratio = np.median([one / other for one, other in pairs[1:]])
        print(
            f"{what} an article at {count}, medians of {turns - 1}: {ours:.3f} s, plainly {theirs:.3f} s, "
            f"ratio {ratio:.2f}",
            flush=True,
        )


def txtai(data: Path, whole: Path, embedder: Embedder, count: int = 60, turns: int = 7) -> None:
    """Where txtai is installed: what it takes for 60 articles, against the same plain ways."""
    if find_spec("txtai") is None:
        print("txtai is not installed: its rows are left out (pip install txtai)")
        return
    import txtai_beside as beside

    paths = sorted((data / "rust_blog" / "corpus").iterdir())
    chosen = [path.name for path in paths[:: len(paths) // (count + turns)][: count + turns]]
    held = {name: passages_of(whole, name) for name in chosen}
    texts = [text for name in chosen[:count] for text in held[name][0]]
    began = time.perf_counter()
    embedder.model.encode(texts, batch_size=BARE_BATCH, show_progress_bar=False)
    bare = time.perf_counter() - began
    theirs = beside.build_seconds(embedder.folder, texts)
    print(
        f"txtai, build of {len(texts)} passages: {theirs:.1f} s, ratio to encode alone {theirs / bare:.2f}", flush=True
    )
    lines = (data / "squad2" / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    questions = [json.loads(line)["question"] for line in lines[1:200:2]]
    plain = []
    for question in questions:
        began = time.perf_counter()
        embedder.model.encode(question, show_progress_bar=False, normalize_embeddings=True)
        plain.append(time.perf_counter() - began)
    asked = float(np.median(beside.question_seconds(embedder.folder, texts, questions)))
    print(f"txtai, a question: {1000 * asked:.1f} ms, ratio to encode alone {asked / np.median(plain):.2f}", flush=True)
    ours = Plain(embedder)
    ours.held = {name: held[name] for name in chosen[:count]}
    adding = [ours.add(name, held[name][0]) for name in chosen[count:]]
    deleting = [ours.delete(name) for name in chosen[:turns]]
    texts_of = {name: own for name, (own, _) in held.items()}
    add, delete = beside.change_seconds(
        embedder.folder,
        {name: texts_of[name] for name in chosen[:count]},
        {name: texts_of[name] for name in chosen[count:]},
        chosen[:turns],
    )
    print(
        f"txtai, adding an article at {count}: {add:.3f} s, ratio to plainly {add / np.median(adding[1:]):.2f}; deleting "
        f"{delete:.3f} s, ratio {delete / np.median(deleting[1:]):.2f}",
        flush=True,
    )


def passages_of(index: Path, path: str) -> tuple[list[str], np.ndarray]:
    """The texts of an article's passages, and their vectors."""
    opened = Index.open(index)
    number = opened.article_number(path)
    assert number is not None
    record = opened.record(number)
    opened.close()
    return [record.text[p.start : p.end] for p in record.passages], record.passage_vectors


class Plain:
    """`SentenceTransformer.encode`, `faiss.IndexFlatIP` and `bm25s`, made anew with every change."""

    def __init__(self, embedder: Embedder) -> None:
        """Begin with nothing."""
        self._model, self._dimension = embedder.model, embedder.info.dimension
        self.held: dict[str, tuple[list[str], np.ndarray]] = {}

    def add(self, path: str, texts: list[str]) -> float:
        """Add an article; how many seconds that takes."""
        began = time.perf_counter()
        vectors = self._model.encode(texts, batch_size=BARE_BATCH, show_progress_bar=False, normalize_embeddings=True)
        self.held[path] = texts, vectors
        self._index()
        return time.perf_counter() - began

    def delete(self, path: str) -> float:
        """Take one away; how many seconds that takes."""
        began = time.perf_counter()
        del self.held[path]
        self._index()
        return time.perf_counter() - began

    def _index(self) -> None:
        self.flat, self.words = faiss.IndexFlatIP(self._dimension), bm25s.BM25()
        self.flat.add(np.concatenate([vectors for _, vectors in self.held.values()]))
        texts = [text for own, _ in self.held.values() for text in own]
        self.words.index(bm25s.tokenize(texts, show_progress=False), show_progress=False)


if __name__ == "__main__":
    main()
