"""An index that grows: what a build writes, what it reads, and that it then answers as one that was made at once."""

import gc
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import faiss
import numpy as np
import pytest

import indexer.growth
import indexer.seen
import indexer.vectors
from indexer import Embedder, Index, build
from indexer.collector import collector_paused
from indexer.corpus import look, read_corpus
from indexer.generation import current_name, record_path
from indexer.growth import to_merge
from indexer.manifest import from_json
from indexer.seen import signature_of
from indexer.vectors import Vectors, made_index
from indexer.verify import verify
from tests.browser import ROOT

WORDS = (
    "lamp boat chair quay ferry desk oak ash red harbour ticket price euro Oslo Vik yard crane rope mast sail".split()
)


def write(corpus: Path, number: int, edition: int = 0) -> None:
    chance = random.Random(number * 100 + edition)
    text = " ".join(chance.choices(WORDS, k=12))
    (corpus / f"n{number:03}.txt").write_text(f"News {number}\n\nThe {text} of edition {edition}.\n", encoding="utf-8")


@pytest.fixture
def tiny_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    """Segments that are merged, and split, at a hundredth of their sizes."""
    monkeypatch.setattr(indexer.growth, "_FLOOR", 4)
    monkeypatch.setattr(indexer.growth, "_FACTOR", 2)
    monkeypatch.setattr(indexer.growth, "_LARGE", 16)
    monkeypatch.setattr(indexer.growth, "MOST_ROWS", 9)


def segments(index: Path) -> tuple:
    path = index / "generations" / str(current_name(index)) / "manifest.json"
    return from_json(path.read_bytes(), "m").segments


def files(index: Path) -> dict[Path, int]:
    return {path: path.stat().st_ino for path in (index / "segments").rglob("*") if path.is_file()}


def test_an_index_that_grew_answers_as_one_made_at_once(
    tmp_path: Path, embedder: Embedder, tiny_segments: None
) -> None:
    corpus, grown, whole = tmp_path / "corpus", tmp_path / "grown", tmp_path / "whole"
    corpus.mkdir()
    chance, most = random.Random(1), 0
    for step in range(12):
        for number in chance.sample(range(40), 4):
            path = corpus / f"n{number:03}.txt"
            if path.exists() and chance.random() < 0.4:
                path.unlink()
            else:
                write(corpus, number, step)
        (corpus / "copy.txt").write_bytes(next(corpus.glob("n*.txt")).read_bytes())  # so that scores tie
        build(corpus, grown, embedder=embedder)
        most = max(most, len(segments(grown)))
    assert most >= 3, "the passages were never spread"
    build(corpus, whole, full=True, embedder=embedder)
    assert verify(grown) == [] and verify(whole) == []
    one, two = Index.open(grown), Index.open(whole)
    assert len(two.manifest.segments) != len(one.manifest.segments) or one.manifest.segments != two.manifest.segments
    assert [e.path for e in one.articles] == [e.path for e in two.articles] == sorted(look(corpus))
    assert one.terms.vocabulary == two.terms.vocabulary and one.terms.rows == two.terms.rows
    some = [1, 2, 5, len(one.articles) - 1]
    for question in (*WORDS, "what does the lamp cost in Oslo", "copy of the news"):
        vector = embedder.embed_question(question)
        for articles in (None, some):
            left, right = (index.candidates(question.split(), vector, 3, articles) for index in (one, two))
            assert left.rows.tolist() == right.rows.tolist()
            assert np.allclose(left.cosine, right.cosine, atol=1e-6) and np.array_equal(left.bm25, right.bm25)
            near = [index.nearest(vector, 5, articles)[0].tolist() for index in (one, two)]
            assert near[0] == near[1]
        assert one.terms.best_rows(question, 3) == two.terms.best_rows(question, 3)
    for row in range(one.manifest.passages):
        article, passage = one.locate(row)
        own = one.record(article).passage_vectors[passage]
        assert one.products(own, [row])[0] == pytest.approx(1, abs=1e-3) and one.row(article, passage) == row


def test_a_build_writes_one_small_segment_and_leaves_the_others(
    tmp_path: Path, embedder: Embedder, tiny_segments: None
) -> None:
    corpus, index = tmp_path / "corpus", tmp_path / "index"
    corpus.mkdir()
    for number in range(9):
        write(corpus, number)
    build(corpus, index, embedder=embedder)
    before, first = files(index), segments(index)
    assert len(first) == 1
    write(corpus, 20)
    (corpus / "n003.txt").unlink()
    assert build(corpus, index, embedder=embedder).embedded == 1
    after = segments(index)
    assert [s.name for s in after][0] == first[0].name and len(after) == 2 and after[0].gone == (3,)
    kept = {path: inode for path, inode in files(index).items() if path.name != "seen" and path in before}
    assert len(kept) == 3 and all(before[path] == inode for path, inode in kept.items())
    (corpus / "n004.txt").unlink()
    build(corpus, index, embedder=embedder)
    assert segments(index)[0].gone == (3, 4) and [s.name for s in segments(index)] == [s.name for s in after]
    assert verify(index) == []
    build(corpus, index, full=True, embedder=embedder)
    assert len(segments(index)) == 1 and len(list((index / "segments").iterdir())) == 1


def test_segments_stay_few_and_passages_are_seldom_written_again() -> None:
    sizes: list[int] = []
    written = 0
    for _ in range(20_000):
        merged = to_merge([(size, size) for size in sizes], 20)
        rows = 20 + sum(sizes[number] for number in merged)
        written += rows if rows > 2048 else 20  # what is merged below that is as good as free
        sizes = [size for number, size in enumerate(sizes) if number not in merged] + [rows]
        assert len(sizes) <= 16 + sum(sizes) // 131_072
    assert sum(sizes) == 400_000 and written < 4 * 400_000
    assert to_merge([(600, 1000), (100_000, 200_000), (0, 50)], 0) == {0, 1, 2}, "a third is gone"
    assert to_merge([(150_000, 200_000), (90_000, 90_000)], 0) == set()


def test_an_unchanged_file_is_not_read_and_a_changed_one_is_whatever_its_times_say(
    tmp_path: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus, index = tmp_path / "corpus", tmp_path / "index"
    corpus.mkdir()
    for number in range(3):
        write(corpus, number)
    monkeypatch.setattr(indexer.seen, "_SETTLED_NS", 50_000_000)
    time.sleep(0.1)
    build(corpus, index, embedder=embedder)
    time.sleep(0.1)
    build(corpus, index, embedder=embedder)  # the records were written by the first
    opened: list[str] = []
    whole = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda self: (opened.append(self.name), whole(self))[1])
    build(corpus, index, embedder=embedder)
    assert not [name for name in opened if name.endswith(".txt") or "-" in name], "a file or a record was read"
    about = (corpus / "n001.txt").stat()
    text = whole(corpus / "n001.txt")
    (corpus / "n001.txt").write_bytes(text.replace(b"News 1", b"News 7"))
    os.utime(corpus / "n001.txt", ns=(about.st_atime_ns, about.st_mtime_ns))  # as if nothing had happened
    report = build(corpus, index, embedder=embedder)
    assert report.changed == ("n001.txt",) and "n000.txt" not in opened
    os.utime(corpus / "n002.txt", (2e9, 2e9))  # a time to come is not trusted, and the file read each time
    for _ in range(2):
        opened.clear()
        assert build(corpus, index, embedder=embedder).changed == ()
        assert "n002.txt" in opened
        time.sleep(0.1)


def test_a_file_changed_a_moment_ago_is_read_again(tmp_path: Path) -> None:
    write(tmp_path, 1)
    reading = read_corpus(tmp_path, look(tmp_path), {}, {})
    assert reading.signatures == {"n001.txt": (0, 0, 0, 0)}


def test_rot_that_no_time_tells_is_found_by_verify_and_mended_by_the_next_build(
    tmp_path: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus, index = tmp_path / "corpus", tmp_path / "index"
    corpus.mkdir()
    write(corpus, 1)
    write(corpus, 2)
    monkeypatch.setattr(indexer.seen, "_SETTLED_NS", 0)
    build(corpus, index, embedder=embedder)
    opened = Index.open(index)
    path = record_path(index, opened.articles[0].record)
    opened.close()
    path.write_bytes(b"rotten")
    seen = index / "segments" / segments(index)[0].name
    rotten = indexer.seen.read_seen(seen, 2)
    assert rotten is not None
    rotten.records[0] = signature_of(path)  # as if the disk had done it
    indexer.seen.write_seen(seen, rotten)
    assert build(corpus, index, embedder=embedder).embedded == 0
    assert any("n001.txt" in fault for fault in verify(index))
    assert build(corpus, index, embedder=embedder).embedded == 1
    assert verify(index) == []


def test_a_large_file_is_mapped_and_checked_once_it_was_touched(
    tmp_path: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus, index = tmp_path / "corpus", tmp_path / "index"
    corpus.mkdir()
    for number in range(5):
        write(corpus, number)
    build(corpus, index, embedder=embedder)
    vector = embedder.embed_question("the lamp of Oslo")
    small = Index.open(index)
    monkeypatch.setattr("indexer.segment._SMALL", 64)
    large = Index.open(index)
    assert large.nearest(vector, 3)[0].tolist() == small.nearest(vector, 3)[0].tolist()
    assert np.array_equal(large.terms.scores(["lamp", "oak"]), small.terms.scores(["lamp", "oak"]))
    small.close()
    large.close()
    for name in ("passages.faiss", "postings.safetensors"):
        path = next((index / "segments").glob(f"*/{name}"))
        data = bytearray(path.read_bytes())
        data[-3] ^= 4
        path.write_bytes(bytes(data))
        with pytest.raises(indexer.IndexDamaged, match="is missing or altered"):
            Index.open(index)
        assert any(name in fault for fault in verify(index))
        build(corpus, index, embedder=embedder)
        assert verify(index) == []


CUT = """
import os, sys
from pathlib import Path
from chat.assistant import Assistant
from indexer import IndexDamaged, build, segment

corpus, index = Path(sys.argv[1]), Path(sys.argv[2])
segment._SMALL = 64
for name in ("passages.faiss", "postings.safetensors"):
    assistant = Assistant(index)
    before = assistant.ask("What does the lamp cost?")
    for path in index.glob(f"segments/*/{name}"):  # one that is no longer used may still lie there
        os.truncate(path, 0)
    for _ in range(2):
        try:
            assistant.ask("What does the lamp cost?")
        except IndexDamaged as error:
            print(name in str(error) and "run python -m indexer" in str(error), end=" ")
    build(corpus, index)
    after = assistant.ask("What does the lamp cost?")
    print(before.index is not after.index and [q.span for q in before.quotes] == [q.span for q in after.quotes])
"""


def test_a_mapped_file_that_is_cut_short_is_told_and_ends_no_process(
    small_corpus: Path, tmp_path: Path, embedder: Embedder
) -> None:
    build(small_corpus, tmp_path / "index", embedder=embedder)
    command = [sys.executable, "-c", CUT, str(small_corpus), str(tmp_path / "index")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=ROOT, check=False)
    assert (done.returncode, done.stdout.split()) == (0, ["True"] * 6), done.stderr


def clustered(rows: int) -> np.ndarray:
    chance = np.random.default_rng(2)
    centres = chance.standard_normal((300, 32))
    vectors = centres[chance.integers(300, size=rows)] + 0.7 * chance.standard_normal((rows, 32))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float16).astype(np.float32)


def test_inverted_lists_reach_their_recall_and_say_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexer.vectors, "_EXACT_ROWS", 10_000)
    monkeypatch.setattr(indexer.vectors, "_FEW_ROWS", 100)
    vectors = clustered(20_000)
    asked, other = clustered(20_000)[:200], clustered(20_400)[-400:]
    index, lists, probed, recall = made_index(vectors, lambda: asked)
    assert 0 < probed < lists and recall >= 0.997
    faiss.write_index(index, str(tmp_path / "lists"))
    loaded = Vectors.mapped(tmp_path / "lists", probed)
    found = [loaded.nearest(vector, 10) for vector in other]
    exact = np.argsort(-(other @ vectors.T), axis=1, kind="stable")[:, :10]
    assert np.mean([len(np.intersect1d(one, all_)) / 10 for one, all_ in zip(exact, found, strict=True)]) >= 0.95
    assert np.array_equal(loaded.of(np.array([7, 19_999])), vectors[[7, 19_999]])
    few = np.zeros(20_000, dtype=bool)
    few[::37] = True  # a filter: more lists are searched, so that as many of its rows are looked at
    among = np.flatnonzero(few)
    hits = [
        len(
            np.intersect1d(
                among[np.argsort(-(vectors[among] @ vector), kind="stable")[:10]], loaded.nearest(vector, 10, few)
            )
        )
        for vector in other[:50]
    ]
    assert np.mean(hits) >= 9.5
    assert all(few[loaded.nearest(vector, 10, few)].all() for vector in other[:5])


def test_equal_vectors_come_in_the_order_of_their_rows_and_none_is_cut_off() -> None:
    vectors = np.repeat(clustered(40), 50, axis=0)
    index, _, _, _ = made_index(vectors, lambda: vectors[:1])
    best = int(np.argmax(vectors @ vectors[77]))
    assert set(range(best - best % 50, best - best % 50 + 50)) <= set(
        Vectors(index, 0).nearest(vectors[77], 5).tolist()
    )


def test_the_garbage_collector_goes_on_after_what_paused_it() -> None:
    with pytest.raises(ValueError, match="in between"), collector_paused():
        assert not gc.isenabled()
        raise ValueError("in between")
    assert gc.isenabled()
