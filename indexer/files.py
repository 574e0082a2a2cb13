"""Files that are wholly there or not at all: write beside, sync, rename; and locks that end with their process."""

import fcntl
import hashlib
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from indexer.errors import IndexBusy


def write_durably(path: Path, data: bytes) -> None:
    """Write `data` to `path` so that after a crash the file is the old one or the new one, never a part.

    Threads and processes may write the same file at once: the last one stays. Where it cannot be written, nothing of
    it stays.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}.part")
    try:
        with beside.open("wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def sync_folder(path: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_file(path: Path) -> None:
    """Make a file's content durable that another library has written."""
    with path.open("rb") as stream:
        os.fsync(stream.fileno())


def file_sha256(path: Path) -> str:
    """Hex SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@contextmanager
def build_lock(index: Path) -> Iterator[None]:
    """Hold the index for one build; raises `IndexBusy` at once if another build holds it."""
    index.mkdir(parents=True, exist_ok=True)
    with (index / "build.lock").open("a+") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            stream.seek(0)
            holder = stream.read().strip() or "unknown"
            raise IndexBusy(
                f"another build (process {holder}) is writing {index}: wait for it to end, then try again"
            ) from error
        stream.truncate(0)
        stream.write(str(os.getpid()))
        stream.flush()
        yield
