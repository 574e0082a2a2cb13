"""Re-check a whole index: every checksum, offset and vector count, and that the three searches agree row for row."""

from collections.abc import Callable, Iterator
from pathlib import Path

import faiss
import numpy as np

from indexer.article import content_hash
from indexer.errors import IndexDamaged, IndexMissing
from indexer.files import file_sha256
from indexer.generation import hold_current, record_path
from indexer.manifest import ArticleEntry, Manifest
from indexer.question_model import model_faults
from indexer.record import Record, read_record
from indexer.terms import TermIndex

_UNIT_LENGTH = 1e-3


def verify(index: Path, progress: Callable[[int, int], object] = lambda done, total: None) -> list[str]:
    """Every fault found in the current generation, each as one line; an empty list means that it is sound.

    Raises `IndexMissing` where there is no index.
    """
    try:
        held = hold_current(index)
    except IndexMissing:
        raise
    except IndexDamaged as fault:
        return [str(fault)]
    with held.lock:
        manifest = held.manifest
        faults = [*_file_faults(held.folder, manifest), *model_faults(index)]
        records: list[Record] = []
        for number, entry in enumerate(manifest.articles):
            progress(number, len(manifest.articles))
            try:
                record = read_record(record_path(index, entry.record), entry.record_sha256)
            except IndexDamaged as fault:
                faults.append(f"{entry.path}: {fault}")
                continue
            faults += [f"{entry.path}: {fault}" for fault in _record_faults(entry, record, manifest)]
            records.append(record)
        progress(len(manifest.articles), len(manifest.articles))
        if not faults:
            faults += _row_faults(held.folder, manifest, records)
    return faults


def _file_faults(folder: Path, manifest: Manifest) -> Iterator[str]:
    for name, sha256 in manifest.files.items():
        path = folder / name
        if not path.is_file():
            yield f"{path}: is missing"
        elif file_sha256(path) != sha256:
            yield f"{path}: is not what its checksum says"
    here = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    for name in sorted(here - set(manifest.files) - {"manifest.json"}):
        yield f"{folder / name}: does not belong to the generation"
    if "passages.faiss" not in manifest.files:
        yield f"{folder}: the manifest names no vector index"
    paths = [entry.path for entry in manifest.articles]
    if paths != sorted(set(paths)):
        yield f"{folder}: the manifest's articles are not in order or not unique"


def _record_faults(entry: ArticleEntry, record: Record, manifest: Manifest) -> Iterator[str]:
    sentences, passages, size = record.sentence_rows, record.passage_rows, len(record.text)
    if (len(sentences), len(passages)) != (entry.sentences, entry.passages):
        yield "has other numbers of sentences and passages than the manifest says"
    # The text of a file in another encoding cannot be hashed back to its bytes.
    plain = entry.path.endswith((".txt", ".md")) and record.text.isascii()
    possible = {content_hash(record.text.encode(encoding)) for encoding in ("utf-8", "utf-16")} if plain else set()
    if plain and entry.content_hash not in possible:
        yield "its text is not what its content hash says"
    yield from _offset_faults(sentences, passages, size)
    dimension = manifest.model.dimension
    for name, vectors, rows in (
        ("passage", record.passage_vectors, len(passages)),
        ("sentence", record.sentence_vectors, len(sentences)),
    ):
        if vectors.shape != (rows, dimension):
            yield f"has {name} vectors of shape {vectors.shape}, expected {(rows, dimension)}"
        elif rows and not np.allclose(np.linalg.norm(vectors.astype(np.float32), axis=1), 1, atol=_UNIT_LENGTH):
            yield f"a {name} vector is not of length 1"
    if len(record.terms.lengths) != len(passages) or int(record.terms.lengths.sum()) != len(record.terms.numbers):
        yield "its terms are not those of its passages"


def _offset_faults(sentences: np.ndarray, passages: np.ndarray, size: int) -> Iterator[str]:
    """Faults of the offsets of an article of `size` characters."""
    if len(sentences) and not (
        (sentences[:, 0] >= 0).all()
        and (sentences[:, 0] < sentences[:, 1]).all()
        and (sentences[:, 1] <= size).all()
        and (sentences[1:, 0] >= sentences[:-1, 1]).all()
    ):
        yield "a sentence's offsets are out of order or outside the text"
    expected = 0
    for start, end, first, last in passages.tolist():
        inside = first == expected and first <= last < len(sentences)
        if not inside or start != sentences[first, 0] or end != sentences[last, 1]:
            yield "a passage does not begin and end with its sentences"
            break
        expected = last + 1
    else:
        if expected != len(sentences):
            yield "a sentence is in no passage"


def _row_faults(folder: Path, manifest: Manifest, records: list[Record]) -> Iterator[str]:
    """Faults between the records and the two search indexes that were made from them."""
    vectors = faiss.read_index(str(folder / "passages.faiss"))
    rows = np.concatenate([r.passage_vectors for r in records]) if records else np.zeros((0, manifest.model.dimension))
    if vectors.ntotal != manifest.passages or vectors.d != manifest.model.dimension:
        yield f"{vectors.ntotal} vectors of {vectors.d} numbers for {manifest.passages} passages"
    elif len(rows) and not np.array_equal(vectors.reconstruct_n(0, vectors.ntotal), rows):
        yield "the vector index differs from the articles' own vectors"
    terms = TermIndex.load(folder / "terms", manifest.passages)
    again = TermIndex.build(record.terms for record in records)
    probe = list(again.vocabulary)[:: max(1, len(again.vocabulary) // 200)]
    if terms.vocabulary != again.vocabulary or any(
        not np.array_equal(terms.scores([term]), again.scores([term])) for term in probe
    ):
        yield "the term index differs from the articles' own terms"
