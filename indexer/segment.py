"""A segment on disk: the articles, vectors and postings of some of the passages, written once and then only read.

    .index/segments/NAME/articles.json         their entries, in order of their paths
    .index/segments/NAME/passages.faiss        the passages' vectors: see vectors.py
    .index/segments/NAME/postings.safetensors  the passages' terms: see postings.py
    .index/segments/NAME/seen                  see seen.py; it alone is written again

A small file is read whole and held to its checksum each time. A large one is memory-mapped, so that processes share
it, and held to its checksum whenever the file system says that it is not as it was when that was last done.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import faiss
import numpy as np

from indexer.errors import IndexDamaged
from indexer.files import file_sha256, sync_folder, write_durably, written_durably
from indexer.manifest import ArticleEntry, Segment, SegmentFile, entries_from_json, entries_to_json
from indexer.postings import DocumentTerms, Postings
from indexer.record import Record
from indexer.seen import signature, signature_of
from indexer.vectors import Vectors, made_index

ARTICLES, VECTORS, POSTINGS = "articles.json", "passages.faiss", "postings.safetensors"
_SMALL = 16 * 2**20
_QUESTIONS, _NOISE, _SEED = 256, 2.0, 20_261_125


@dataclass(frozen=True, eq=False)
class OpenSegment:
    """A segment that is searched; `mapped` are those of its files that are memory-mapped."""

    vectors: Vectors
    postings: Postings
    mapped: "tuple[MappedFile, ...]" = ()


@dataclass(frozen=True, slots=True)
class MappedFile:
    """A file as it was when it was mapped: its size and inode number."""

    path: Path
    size: int
    inode: int

    @property
    def is_cut(self) -> bool:
        """Whether the file has been cut short since: the system ends a process that reads what is gone of it.

        One that was removed or replaced is still whole where it is mapped.
        """
        now = signature_of(self.path)
        return now[0] < self.size and now[3] == self.inode


def segment_folder(index: Path, name: str) -> Path:
    """Where a segment lies."""
    return index / "segments" / name


def write_segment(
    index: Path, name: str, entries: Sequence[ArticleEntry], record: Callable[[ArticleEntry], Record], dimension: int
) -> Segment:
    """Write a segment of these articles, durably, and return it; `record` reads the record of one."""
    folder = segment_folder(index, name)
    folder.mkdir(parents=True)
    rows = sum(entry.passages for entry in entries)
    vectors, sentences = np.zeros((rows, dimension), dtype=np.float32), _Sentences(len(entries))

    def documents() -> Iterator[DocumentTerms]:
        first = 0
        for number, entry in enumerate(entries):
            one = record(entry)
            vectors[first : first + entry.passages] = one.passage_vectors
            first += entry.passages
            sentences.take(number, one)
            yield one.terms

    postings = Postings.of(documents())
    np.copyto(vectors, vectors.astype(np.float16))  # what is searched, and what its recall is measured against
    found, lists, probed, recall = made_index(vectors, sentences.chosen)
    write_durably(folder / ARTICLES, entries_to_json(entries))
    write_durably(folder / POSTINGS, postings.to_bytes())
    with written_durably(folder / VECTORS) as stream:  # by its own way, FAISS overlooks that a disk is full
        faiss.write_index(found, faiss.PyCallbackIOWriter(stream.write))  # type: ignore[attr-defined]
    sync_folder(folder)
    files = {name: _about(folder / name, file_sha256(folder / name)) for name in (ARTICLES, VECTORS, POSTINGS)}
    return Segment(name, len(entries), rows, files, (), lists, probed, recall)


class _Sentences:
    """Vectors of sentences of some of the articles, evenly chosen, one of each, to measure the recall by.

    Each is moved to a cosine of about .45 from itself, a little less than a question has to its passage: sentences as
    they stand are found more easily than real questions are.
    """

    def __init__(self, articles: int) -> None:
        self._step, self._found = max(1, articles // _QUESTIONS), []  # type: int, list[np.ndarray]

    def take(self, number: int, record: Record) -> None:
        count = len(record.sentence_vectors)
        if number % self._step == 0 and count:
            self._found.append(record.sentence_vectors[number % count].astype(np.float32))

    def chosen(self) -> np.ndarray:
        sentences = np.stack(self._found)
        noise = np.random.default_rng(_SEED).standard_normal(sentences.shape, dtype=np.float32)
        moved = sentences + _NOISE * noise / np.linalg.norm(noise, axis=1, keepdims=True)
        return np.asarray(moved / np.linalg.norm(moved, axis=1, keepdims=True))


def _about(path: Path, sha256: str) -> SegmentFile:
    about = path.stat()
    return SegmentFile(sha256, about.st_size, signature(about))


def file_faults(index: Path, segment: Segment, *, thorough: bool = False) -> Iterator[Path]:
    """Files of a segment that are missing or not what their checksums say; `thorough` reads even untouched ones."""
    for name in segment.files:
        path = segment_folder(index, segment.name) / name
        if not _is_sound(path, segment.files[name], thorough=thorough):
            yield path


def _is_sound(path: Path, about: SegmentFile, *, thorough: bool = False) -> bool:
    seen = signature_of(path)
    if not path.is_file() or seen[0] != about.size:
        return False
    must_read = thorough or about.size <= _SMALL or seen != about.signature
    return not must_read or file_sha256(path) == about.sha256


def with_signatures(index: Path, segment: Segment) -> Segment:
    """The segment, its files found sound just now, with what the file system says of them."""
    folder = segment_folder(index, segment.name)
    files = {name: _about(folder / name, about.sha256) for name, about in segment.files.items()}
    return replace(segment, files=files)


def read_entries(index: Path, segment: Segment) -> tuple[ArticleEntry, ...]:
    """The articles of a segment, those that are gone included. Raises `IndexDamaged`."""
    path = segment_folder(index, segment.name) / ARTICLES
    try:
        data = path.read_bytes()
    except OSError as error:
        raise damaged(index, path) from error
    if hashlib.sha256(data).hexdigest() != segment.files[ARTICLES].sha256:
        raise damaged(index, path)
    return entries_from_json(data)


def open_segment(index: Path, segment: Segment) -> OpenSegment:
    """Open a segment to search it. Raises `IndexDamaged` if a file is not what its checksum says."""
    try:
        postings = Postings.from_bytes(_content(index, segment, POSTINGS))
        if _is_large(segment, VECTORS):
            vectors = Vectors.mapped(_sound(index, segment, VECTORS), segment.probed)
        else:
            vectors = Vectors.from_bytes(_content(index, segment, VECTORS), segment.probed)
    except (OSError, RuntimeError, ValueError, KeyError) as error:
        raise damaged(index, segment_folder(index, segment.name)) from error
    if not vectors.rows == len(postings.lengths) == segment.rows:
        raise damaged(index, segment_folder(index, segment.name))
    large = [segment_folder(index, segment.name) / name for name in (POSTINGS, VECTORS) if _is_large(segment, name)]
    return OpenSegment(vectors, postings, tuple(MappedFile(path, *signature_of(path)[::3]) for path in large))


def _is_large(segment: Segment, name: str) -> bool:
    return segment.files[name].size > _SMALL


def _content(index: Path, segment: Segment, name: str) -> np.ndarray:
    """A file's content, uint8: read and checked if it is small, else memory-mapped and checked if it was touched."""
    path, about = segment_folder(index, segment.name) / name, segment.files[name]
    if _is_large(segment, name):
        return np.asarray(np.memmap(_sound(index, segment, name), mode="r"))
    try:
        data = path.read_bytes()
    except OSError as error:
        raise damaged(index, path) from error
    if hashlib.sha256(data).hexdigest() != about.sha256:
        raise damaged(index, path)
    return np.frombuffer(data, dtype=np.uint8)


def _sound(index: Path, segment: Segment, name: str) -> Path:
    path = segment_folder(index, segment.name) / name
    if not _is_sound(path, segment.files[name]):
        raise damaged(index, path)
    return path


def damaged(index: Path, path: Path) -> IndexDamaged:
    """The error that tells of a damaged file."""
    return IndexDamaged(f"{path}: is missing or altered; run python -m indexer --index {index}")
