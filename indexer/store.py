"""Where the records lie: found again by what they were made from, and never written over.

A record's file is called after what it was made from and after its own content. Two makings of the same article that
differ in a last bit are two files, so that the generations before keep theirs whatever a build does, and a file that
no manifest vouches for is still held to a checksum.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from indexer.errors import IndexDamaged
from indexer.files import file_sha256, sync_folder, write_durably
from indexer.generation import record_path
from indexer.manifest import Manifest
from indexer.record import Record, read_record, record_bytes

_DIGITS = 32  # of the content's SHA-256 in the name


@dataclass(frozen=True, slots=True)
class Stored:
    """A record, the name of its file, and the file's SHA-256."""

    record: Record
    name: str
    sha256: str


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
    return Stored(record, path.name, sha256)


def sync_records(index: Path, names: Iterable[str]) -> None:
    """Make the names of these records' files durable."""
    folders = {record_path(index, name).parent for name in names}
    for folder in (*sorted(folders), *([index / "records", index] if folders else [])):
        sync_folder(folder)


def stored_records(index: Path, wanted: Iterable[str], before: Manifest | None) -> dict[str, Stored]:
    """The records that are there and sound, of those made from `wanted`.

    Those that the manifest does not name were finished by a build that was killed, or are of an older generation.
    """
    wanted = set(wanted)
    known = {entry.record: entry.record_sha256 for entry in before.articles} if before else {}
    names = [*known, *sorted(path.name for path in (index / "records").glob("*/*-*") if path.name not in known)]
    found: dict[str, Stored] = {}
    for name in names:
        made = made_from(name)
        if made not in wanted or made in found:
            continue
        path = record_path(index, name)
        try:
            record = read_record(path, known.get(name, name.rpartition("-")[2]))
        except IndexDamaged:
            continue  # it is made anew
        found[made] = Stored(record, name, known.get(name) or file_sha256(path))
    return found
