"""What the file system said of files that were read: while it says the same, they need not be read again.

    .index/segments/NAME/seen    one row an article of the segment

A file that is written gets the time of writing as its change time, which nothing but the clock decides. So a file
whose size, number (inode), time of modification and change time are those of the last reading is the same file – unless
it was changed within the same tick of the clock, so that one read within two seconds of its last change is read again,
as git does. Where the clock has jumped, times differ, and the file is read again.
"""

import hashlib
import os
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from indexer.files import write_durably

Signature = tuple[int, ...]
UNKNOWN: Signature = (0, 0, 0, 0)
_SETTLED_NS = 2_000_000_000
_DIGEST = 32


def signature(about: os.stat_result) -> Signature:
    """Size, modification time, change time (both ns) and inode number of a file."""
    return (about.st_size, about.st_mtime_ns, about.st_ctime_ns, about.st_ino)


def signature_of(path: Path) -> Signature:
    """The signature of the file at `path`; `UNKNOWN` where there is none."""
    try:
        return signature(path.stat())
    except OSError:
        return UNKNOWN


def settled(seen: Signature) -> Signature:
    """The signature of a file that is now read, to remember; `UNKNOWN` if it was changed a moment ago or is to be."""
    return seen if max(seen[1], seen[2]) + _SETTLED_NS < time.time_ns() else UNKNOWN


def mark(path: Path) -> None:
    """Make a file's signature another, so that the next build reads it; without the right to write, nothing is done."""
    with suppress(OSError):  # then a build cannot write there either
        os.utime(path)


@dataclass(frozen=True, eq=False)
class Seen:
    """Of each article of a segment, the signatures of its file in the corpus and of its record; `UNKNOWN` is allowed.

    That of a file says that its content has the entry's hash; that of a record, that it has the entry's checksum.
    """

    files: list[Signature]
    records: list[Signature]


def write_seen(folder: Path, seen: Seen) -> None:
    """Write what was seen of the articles of the segment in `folder`, if it is not there already."""
    rows = [file + record for file, record in zip(seen.files, seen.records, strict=True)]
    data = np.array(rows, dtype="<i8").tobytes()
    whole = hashlib.sha256(data).digest() + data
    path = folder / "seen"
    if not path.is_file() or path.read_bytes() != whole:
        write_durably(path, whole)


def read_seen(folder: Path, articles: int) -> Seen | None:
    """What was seen of the articles of the segment in `folder`; None where it is lost or altered."""
    try:
        whole = (folder / "seen").read_bytes()
    except OSError:
        return None
    if hashlib.sha256(whole[_DIGEST:]).digest() != whole[:_DIGEST] or len(whole) != _DIGEST + 64 * articles:
        return None
    rows = np.frombuffer(whole[_DIGEST:], dtype="<i8").reshape(articles, 8).tolist()
    return Seen([tuple(row[:4]) for row in rows], [tuple(row[4:]) for row in rows])
