"""The feedback file: JSONL, one line an answer, written by many at once and whole after any crash."""

import fcntl
import json
import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import FileIO
from pathlib import Path
from typing import Any

from chat.evaluation.evaluate import results_text
from indexer import QuotewireError, remove_parts, sync_folder, write_durably

log = logging.getLogger(__name__)
MOST_BYTES = 64 * 1024 * 1024


def keep(path: Path, line: Mapping[str, Any]) -> None:
    """Append a line to the file, or put it in the place of the one with the same id; other lines stay byte for byte.

    A new line is one write, synced; one that takes another's place is written with the whole file beside it, and
    renamed. What a crash left of a last line is taken away first. Raises `QuotewireError` where the file cannot be
    written or is full.
    """
    path, data = path.resolve(), results_text([line]).encode("utf-8", "replace")
    try:
        with _locked(path) as stream:
            remove_parts(path)
            old = _healed(path, stream)
            if len(old) + len(data) > MOST_BYTES:
                raise QuotewireError(f"{path}: is full; rename it, and a new one is begun")
            before = _line_with(old, str(line["id"]))
            if before is None:
                _append(stream, data)
            else:
                write_durably(path, old[: before[0]] + data + old[before[1] :])
            sync_folder(path.parent)
    except OSError as error:
        raise QuotewireError(
            f"{path}: cannot be written ({error.strerror or error}); serve with --feedback FILE in another folder"
        ) from error


@contextmanager
def _locked(path: Path) -> Iterator[FileIO]:
    """The file, open to append and locked; it is the one that is at `path`, even if another has just replaced it."""
    while True:
        with FileIO(path, "a+") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            if _is_at(path, stream):
                yield stream
                return


def _is_at(path: Path, stream: FileIO) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(stream.fileno()))
    except FileNotFoundError:
        return False


def _healed(path: Path, stream: FileIO) -> bytes:
    """What the file holds, with a whole last line: ended if only its end is missing, else taken away."""
    stream.seek(0)
    data = stream.readall()
    whole = data.rfind(b"\n") + 1
    if whole == len(data):
        return data
    if _object(data[whole:]) is None:
        log.warning("%s: its last line was cut off by a crash and is taken away: %r", path, data[whole : whole + 200])
        stream.truncate(whole)
        return data[:whole]
    _append(stream, b"\n")
    return data + b"\n"


def _append(stream: FileIO, data: bytes) -> None:
    """One write at the end, synced; what a full disk cuts off is taken back."""
    before = os.fstat(stream.fileno()).st_size
    if stream.write(data) != len(data):
        stream.truncate(before)
        raise OSError("the disk is full")
    os.fsync(stream.fileno())


def _line_with(data: bytes, name: str) -> tuple[int, int] | None:
    """Where the line with this id begins and ends; None if there is none."""
    wanted, start = json.dumps(name).encode(), 0
    for line in data.splitlines(keepends=True):
        if wanted in line and (_object(line) or {}).get("id") == name:
            return start, start + len(line)
        start += len(line)
    return None


def _object(line: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
