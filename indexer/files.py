"""Files that are wholly there or not at all: write beside, sync, rename; and locks that end with their process."""

import errno
import fcntl
import hashlib
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from glob import escape
from pathlib import Path
from typing import BinaryIO

from indexer.errors import IndexBusy, IndexUnwritable

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_NO_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS)  # file systems without hard links, FAT among them
_FORBIDDEN = (errno.EROFS, errno.EACCES, errno.EPERM)


@contextmanager
def written_durably(path: Path, *, over: bool = True) -> Iterator[BinaryIO]:
    """A stream to write the file at `path` with, so that after a crash it is the old one or the new one, never a part.

    Unless `over`, a file that is there by then stays, and `FileExistsError` is raised.
    Threads and processes may write the same file at once: the last one stays. Where it cannot be written, nothing of
    it stays; a process that is killed leaves a part beside it, see `remove_parts`.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}.part")
    try:
        with beside.open("wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        if over:
            os.replace(beside, path)  # and nothing after it may fail: who is told of an error takes back what led here
        else:
            _named(beside, path)
    except BaseException:
        _forget(beside)
        raise


def _named(beside: Path, path: Path) -> None:
    """Give a whole file its name, which no other may have."""
    try:
        os.link(beside, path)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        path.open("xb").close()  # a process that is killed just here leaves an empty file
        os.replace(beside, path)
    else:
        _forget(beside)


def _forget(part: Path) -> None:
    """Remove a part; one that cannot be removed now is removed later, see `remove_parts`."""
    with suppress(OSError):
        part.unlink(missing_ok=True)


def write_durably(path: Path, data: bytes, *, over: bool = True) -> None:
    """Write `data` to `path` as `written_durably` does."""
    with written_durably(path, over=over) as stream:
        stream.write(data)


def remove_parts(path: Path) -> None:
    """Remove what killed processes left beside `path`; only for one who alone may write it."""
    for part in path.parent.glob(f".{escape(path.name)}.*.part"):
        part.unlink(missing_ok=True)


def sync_folder(path: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


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


@contextmanager
def writing(index: Path) -> Iterator[None]:
    """Turn an error of the disk into `IndexUnwritable`, which says what to do."""
    try:
        yield
    except OSError as error:
        cure = "make room on that disk" if error.errno in _FULL else "see to that disk"
        cure = "let this user write there, or name another folder with --index" if error.errno in _FORBIDDEN else cure
        raise IndexUnwritable(
            f"{error.filename or index}: {error.strerror or error}; nothing is lost: {cure}, then run python -m indexer"
        ) from error
