"""Where the records lie: found again by what they were made from, and never written over.

A record's file is called after what it was made from and after its own content. Two makings of the same article that
differ in a last bit are two files, so that the generations before keep theirs whatever a build does, and a file that
no manifest vouches for is still held to a checksum.
"""

import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from indexer.errors import IndexDamaged
from indexer.files import file_sha256, sync_folder, write_durably
from indexer.generation import record_files, record_path
from indexer.manifest import ArticleEntry, Manifest, Segment
from indexer.record import Record, is_older, read_record, record_bytes
from indexer.seen import UNKNOWN, Seen, Signature, mark, read_seen, settled, signature, signature_of, write_seen
from indexer.segment import segment_folder

_DIGITS = 32  # of the content's SHA-256 in the name


@dataclass(frozen=True, slots=True)
class Stored:
    """A record that is there: the name of its file, the file's SHA-256, how many sentences and passages it has.

    `seen` is what the file system said of the file when it was held to its checksum.
    """

    name: str
    sha256: str
    sentences: int
    passages: int
    seen: Signature = UNKNOWN


def made_from(name: str) -> str:
    """What the record in the file of this name was made from: see `record_name`."""
    return name.partition("-")[0]


def store(index: Path, made: str, record: Record) -> Stored:
    """Write a record that was made from `made`. Its folder is for `sync_records` to make durable."""
    data = record_bytes(record)
    sha256 = hashlib.sha256(data).hexdigest()
    path = record_path(index, f"{made}-{sha256[:_DIGITS]}")
    path.parent.mkdir(parents=True, exist_ok=True)
    write_durably(path, data)
    return Stored(path.name, sha256, len(record.sentence_rows), len(record.passage_rows))


def sync_records(index: Path, names: Iterable[str]) -> None:
    """Make the names of these records' files durable."""
    folders = {record_path(index, name).parent for name in names}
    for folder in (*sorted(folders), *([index / "records", index] if folders else [])):
        sync_folder(folder)


def stored_records(
    index: Path, wanted: Iterable[str], entries: Iterable[ArticleEntry], seen: Mapping[str, Signature]
) -> dict[str, Stored]:
    """The records that are there and sound, of those made from `wanted`, by what they are made from.

    One of `entries` is not read if the file system says of it what it did when it was last read: see `seen`. Those
    that no entry names were finished by a build that was killed, or are of an older generation.
    """
    wanted = set(wanted)
    known = {entry.record: entry for entry in entries}
    here = {file.name: file for file in record_files(index) if file.name in known or "-" in file.name}
    found: dict[str, Stored] = {}
    for name in [*known, *sorted(here.keys() - known.keys())]:
        made = made_from(name)
        if name in here and made in wanted and made not in found:
            stored = _stored(index, here[name], known.get(name), seen.get(name, UNKNOWN))
            if stored:
                found[made] = stored
    return found


def _stored(index: Path, file: os.DirEntry[str], entry: ArticleEntry | None, seen: Signature) -> Stored | None:
    """The record in a file; None if it is not sound, and is to be made anew. One of an older form is stored anew."""
    try:
        now = signature(file.stat())
        if entry and seen == now != UNKNOWN:
            return Stored(entry.record, entry.record_sha256, entry.sentences, entry.passages, seen)
        sha256 = entry.record_sha256 if entry else file.name.rpartition("-")[2]
        record = read_record(record_path(index, file.name), sha256)
        if is_older(record_path(index, file.name)):
            return store(index, made_from(file.name), record)
        whole = entry.record_sha256 if entry else file_sha256(record_path(index, file.name))
    except (IndexDamaged, OSError):
        return None
    return Stored(file.name, whole, len(record.sentence_rows), len(record.passage_rows), settled(now))


class RecordLost(IndexDamaged):
    """A record that seemed untouched is not what its checksum says; a build makes it anew."""


def read_stored(index: Path, entry: ArticleEntry) -> tuple[Record, Signature]:
    """The record of an article, and its signature to remember. Raises `RecordLost`."""
    path = record_path(index, entry.record)
    seen = settled(signature_of(path))
    try:
        return read_record(path, entry.record_sha256), seen
    except IndexDamaged as fault:
        mark(path)
        raise RecordLost(str(fault)) from fault


def seen_before(index: Path, manifest: Manifest) -> tuple[dict[str, Signature], dict[str, Signature]]:
    """What was seen of the articles' files, by their paths, and of their records, by name, when they were last read."""
    files: dict[str, Signature] = {}
    records: dict[str, Signature] = {}
    for segment, part in zip(manifest.segments, manifest.parts, strict=True):
        seen, gone = read_seen(segment_folder(index, segment.name), len(part)), set(segment.gone)
        for number, entry in enumerate(part) if seen else ():
            if seen and number not in gone:
                files[entry.path], records[entry.record] = seen.files[number], seen.records[number]
    return files, records


def remember(
    index: Path,
    segments: Sequence[Segment],
    parts: Sequence[Sequence[ArticleEntry]],
    files: Mapping[str, Signature],
    records: Mapping[str, Signature],
) -> None:
    """Write what was seen of the files and records of the segments' articles."""
    for segment, part in zip(segments, parts, strict=True):
        gone = set(segment.gone)
        living = [number not in gone for number in range(len(part))]
        seen = Seen(
            [files.get(e.path, UNKNOWN) if alive else UNKNOWN for e, alive in zip(part, living, strict=True)],
            [records.get(e.record, UNKNOWN) if alive else UNKNOWN for e, alive in zip(part, living, strict=True)],
        )
        write_seen(segment_folder(index, segment.name), seen)
