"""Re-check a whole index: every checksum, offset and vector count, and that what is searched is what records say."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from indexer.article import content_hash
from indexer.errors import IndexDamaged, IndexMissing
from indexer.generation import hold_current, record_path
from indexer.manifest import ArticleEntry, Manifest, Segment
from indexer.postings import DocumentTerms, Postings
from indexer.question_model import model_faults
from indexer.record import Record, read_record
from indexer.seen import mark, read_seen
from indexer.segment import OpenSegment, file_faults, open_segment, segment_folder
from indexer.sentence_vectors import packed_size

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
        faults = [*_manifest_faults(held.folder, manifest), *model_faults(index)]
        done = 0
        for segment, part in zip(manifest.segments, manifest.parts, strict=True):

            def told(number: int, before: int = done) -> None:
                progress(before + number, len(manifest.articles))

            faults += _segment_faults(index, manifest, segment, part, told)
            done += len(part) - len(segment.gone)
        progress(len(manifest.articles), len(manifest.articles))
    return faults


def _manifest_faults(folder: Path, manifest: Manifest) -> Iterator[str]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name != "manifest.json":
            yield f"{path}: does not belong to the generation"
    paths = [entry.path for entry in manifest.articles]
    if paths != sorted(set(paths)):
        yield f"{folder}: its articles are not unique"


def _segment_faults(
    index: Path,
    manifest: Manifest,
    segment: Segment,
    part: Sequence[ArticleEntry],
    progress: Callable[[int], object],
) -> list[str]:
    """Faults of a segment, of the records of its articles, and between them; what is damaged is marked for a build."""
    folder = segment_folder(index, segment.name)
    faults = []
    for path in file_faults(index, segment, thorough=True):
        faults.append(f"{path}: is missing, or is not what its checksum says")
        mark(path)
    here = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    strange = sorted(name for name in here - set(segment.files) - {"seen"} if not name.startswith(".seen."))
    faults += [f"{folder / name}: does not belong to the segment" for name in strange]
    if read_seen(folder, len(part)) is None:
        faults.append(f"{folder / 'seen'}: is missing, or is not what its checksum says")
    if (len(part), sum(entry.passages for entry in part)) != (segment.articles, segment.rows):
        faults.append(f"{folder}: has other numbers of articles and passages than the manifest says")
    opened = None
    if not faults:
        try:
            opened = open_segment(index, segment)
        except IndexDamaged as fault:
            faults.append(str(fault))
    check = _Check(index, manifest, segment, part, opened, progress)
    found = Postings.of(check.terms())
    faults += check.faults
    if opened and not faults and not found.equals(opened.postings.only(check.alive)):
        faults.append(f"{folder}: its terms differ from the articles' own terms")
    return faults


class _Check:
    """Reads the records of a segment's living articles and notes their faults."""

    def __init__(
        self,
        index: Path,
        manifest: Manifest,
        segment: Segment,
        part: Sequence[ArticleEntry],
        opened: OpenSegment | None,
        progress: Callable[[int], object],
    ) -> None:
        self.index, self.manifest, self.part, self.opened, self.progress = index, manifest, part, opened, progress
        self.gone, self.faults = set(segment.gone), list[str]()
        self.alive = np.zeros(segment.rows, dtype=bool)

    def terms(self) -> Iterator[DocumentTerms]:
        """The terms of each record, once it is checked."""
        first = 0
        for number, entry in enumerate(self.part):
            last = first + entry.passages
            if number not in self.gone:
                self.progress(number)
                self.alive[first:last] = True
                path = record_path(self.index, entry.record)
                try:
                    record = read_record(path, entry.record_sha256)
                except IndexDamaged as fault:
                    self.faults.append(f"{entry.path}: {fault}")
                    mark(path)
                else:
                    found = [*_record_faults(entry, record, self.manifest)] or [*self._row_faults(record, first, last)]
                    self.faults += [f"{entry.path}: {fault}" for fault in found]
                    if not found:
                        yield record.terms
            first = last

    def _row_faults(self, record: Record, first: int, last: int) -> Iterator[str]:
        rows = np.arange(first, last)
        own = record.passage_vectors.astype(np.float16)
        if self.opened and not np.array_equal(self.opened.vectors.of(rows), own):
            yield "its vectors that are searched differ from the article's own vectors"


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
    for name, vectors, shape in (
        ("passage", record.passage_vectors, (len(passages), dimension)),
        ("packed sentence", record.sentence_codes, (len(sentences), packed_size(dimension))),
    ):
        if vectors.shape != shape:
            yield f"has {name} vectors of shape {vectors.shape}, expected {shape}"
    if not np.allclose(np.linalg.norm(record.passage_vectors, axis=1), 1, atol=_UNIT_LENGTH):
        yield "a passage vector is not of length 1"
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
