"""`verify` finds damage of every kind that we can think of, and names it."""

import os
import shutil
from dataclasses import replace
from pathlib import Path

import faiss
import numpy as np
import pytest

from indexer import Embedder, Index, IndexDamaged, IndexMissing, build
from indexer.files import file_sha256
from indexer.generation import current_name, record_path
from indexer.manifest import SegmentFile, entries_from_json, entries_to_json, from_json, to_json
from indexer.postings import Postings
from indexer.record import read_record, record_bytes
from indexer.vectors import made_index
from indexer.verify import verify


@pytest.fixture
def index(small_corpus: Path, tmp_path: Path, embedder: Embedder) -> Path:
    build(small_corpus, tmp_path / "index", embedder=embedder)
    return tmp_path / "index"


def generation(index: Path) -> Path:
    return index / "generations" / str(current_name(index))


def files_of(index: Path) -> list[Path]:
    parts = [path for name in ("generations", "segments", "records") for path in (index / name).rglob("*")]
    return sorted([path for path in parts if path.is_file()] + [index / "CURRENT"])


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0x55
    path.write_bytes(bytes(data))


@pytest.mark.parametrize(
    "damage", [flip, Path.unlink, lambda p: p.write_bytes(p.read_bytes()[:-7]), lambda p: p.write_bytes(b"")]
)
def test_every_file_truncated_flipped_or_removed_is_found(index: Path, tmp_path: Path, damage) -> None:
    assert verify(index) == []
    for number in range(len(files_of(index))):
        copy = tmp_path / f"copy{number}"
        shutil.copytree(index, copy)
        path = files_of(copy)[number]
        damage(path)
        if path.name == "CURRENT" and not (path.exists() and path.read_bytes().strip()):
            continue  # without the pointer there is no index: IndexMissing says how to make one
        faults = verify(copy)
        assert faults and all("\n" not in fault for fault in faults), path


def rewrite(index: Path, **changes) -> None:
    """Change the one segment as the manifest has it."""
    path = generation(index) / "manifest.json"
    manifest = from_json(path.read_bytes(), "m")
    path.write_bytes(to_json(replace(manifest, segments=(replace(manifest.segments[0], **changes),))))


def segment(index: Path) -> Path:
    return next((index / "segments").iterdir())


def with_file(index: Path, name: str) -> dict[str, SegmentFile]:
    """The files of the segment, with what one of them now is."""
    manifest = from_json((generation(index) / "manifest.json").read_bytes(), "m")
    path = segment(index) / name
    about = SegmentFile(file_sha256(path), path.stat().st_size, ())
    return manifest.segments[0].files | {name: about}


def test_a_file_that_does_not_belong(index: Path) -> None:
    for folder in (generation(index), segment(index)):
        (folder / "other.npy").write_bytes(b"x")
        assert any("does not belong" in fault for fault in verify(index))
        (folder / "other.npy").unlink()


def test_vectors_of_another_order_behind_a_right_checksum(index: Path) -> None:
    path = segment(index) / "passages.faiss"
    vectors = faiss.read_index(str(path))
    other, _, _, _ = made_index(vectors.reconstruct_n(0, vectors.ntotal)[::-1].copy(), lambda: np.zeros((0, vectors.d)))
    faiss.write_index(other, str(path))
    rewrite(index, files=with_file(index, "passages.faiss"))
    assert any("differ from the article's own vectors" in fault for fault in verify(index))


def test_terms_of_other_passages_behind_a_right_checksum(index: Path) -> None:
    path = segment(index) / "postings.safetensors"
    postings = Postings.from_bytes(np.frombuffer(path.read_bytes(), dtype=np.uint8))
    path.write_bytes(replace(postings, counts=postings.counts + np.uint8(1)).to_bytes())
    rewrite(index, files=with_file(index, "postings.safetensors"))
    assert any("its terms differ" in fault for fault in verify(index))


def damaged_record(index: Path, **changes) -> list[str]:
    """Replace a record by one that is changed, with the manifest's checksum set right; the faults then found."""
    path = segment(index) / "articles.json"
    entries = entries_from_json(path.read_bytes())
    entry = entries[0]
    record = read_record(record_path(index, entry.record))
    data = record_bytes(replace(record, **{k: v(record) for k, v in changes.items()}))
    record_path(index, entry.record).write_bytes(data)
    sha256 = file_sha256(record_path(index, entry.record))
    path.write_bytes(entries_to_json((replace(entry, record_sha256=sha256), *entries[1:])))
    rewrite(index, files=with_file(index, "articles.json"))
    return verify(index)


@pytest.mark.parametrize(
    "changes, fault",
    [
        ({"text": lambda r: r.text.replace("boat", "goat")}, "content hash"),
        ({"sentence_rows": lambda r: r.sentence_rows + [0, 9999, 0, 0, 0]}, "offsets"),
        ({"sentence_rows": lambda r: r.sentence_rows[:-1]}, "numbers of sentences"),
        ({"passage_rows": lambda r: r.passage_rows + [1, 0, 0, 0]}, "begin and end with its sentences"),
        ({"passage_vectors": lambda r: r.passage_vectors * 2}, "length 1"),
        ({"sentence_codes": lambda r: r.sentence_codes[:-1]}, "shape"),
        ({"terms": lambda r: replace(r.terms, lengths=r.terms.lengths + np.int32(1))}, "terms"),
    ],
)
def test_a_record_that_is_wrong_in_itself(index: Path, changes, fault: str) -> None:
    assert any(fault in found for found in damaged_record(index, **changes))


def test_a_damaged_generation_is_an_error_that_tells_the_repair(index: Path) -> None:
    flip(segment(index) / "passages.faiss")
    with pytest.raises(IndexDamaged, match="is missing or altered; run python -m indexer"):
        Index.open(index)


def test_current_that_names_nothing(index: Path) -> None:
    (index / "CURRENT").write_text("none\n", encoding="utf-8")
    assert any("is not there" in fault for fault in verify(index))


def test_a_build_mends_what_is_damaged_and_embeds_nothing_again(
    small_corpus: Path, index: Path, tmp_path: Path, embedder: Embedder
) -> None:
    names = [f"segments/{segment(index).name}/{name}" for name in (*os.listdir(segment(index)),)]
    for number, name in enumerate([*names, f"generations/{generation(index).name}/manifest.json", "CURRENT"]):
        copy = tmp_path / f"copy{number}"
        shutil.copytree(index, copy)
        (copy / name).unlink()
        assert build(small_corpus, copy, embedder=embedder).embedded == 0, name
        assert verify(copy) == [] and len(list((copy / "generations").iterdir())) == 1


def test_the_manifest_of_another_generation(small_corpus: Path, index: Path, embedder: Embedder) -> None:
    older = (generation(index) / "manifest.json").read_bytes()
    (small_corpus / "boat.md").rename(small_corpus / "ship.md")
    build(small_corpus, index, embedder=embedder)
    (generation(index) / "manifest.json").write_bytes(older)
    with pytest.raises(IndexDamaged, match="is that of generation"):
        Index.open(index)
    build(small_corpus, index, embedder=embedder)
    assert [entry.path for entry in Index.open(index).articles] == ["lamp.txt", "ship.md", "sub/pact.txt"]


@pytest.mark.parametrize("name", ["", "../../etc", "a\0b", "a/b", "…"])
def test_current_that_cannot_be_a_name(index: Path, name: str) -> None:
    (index / "CURRENT").write_text(name, encoding="utf-8")
    with pytest.raises(IndexMissing if not name else IndexDamaged, match="python -m indexer"):
        Index.open(index)
