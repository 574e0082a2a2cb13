"""Generations on disk: written beside the current one, manifest last, switched by one atomic rename.

    .index/CURRENT                    the name of the current generation
    .index/build.lock                 held by a build
    .index/records/ab/ab12…           one file an article content, shared by generations
    .index/generations/NAME/          manifest.json, passages.faiss, terms/

A reader holds a shared lock on the manifest of the generation it has loaded; a generation is removed when it is not
the current one and no reader holds it.
"""

import fcntl
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import faiss
import numpy as np

from indexer.errors import IndexDamaged, IndexMissing
from indexer.files import file_sha256, sync_file, sync_folder, write_durably
from indexer.manifest import Manifest, from_json, to_json
from indexer.terms import TermIndex

_TRIES = 20


@dataclass(frozen=True)
class HeldGeneration:
    """A generation whose files stay as long as `lock` is open."""

    folder: Path
    manifest: Manifest
    lock: BinaryIO


def record_path(index: Path, name: str) -> Path:
    """Where a record lies."""
    return index / "records" / name[:2] / name


def current_name(index: Path) -> str | None:
    """The name of the current generation, or None where none was ever finished."""
    try:
        return (index / "CURRENT").read_text(encoding="utf-8").strip() or None
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise IndexDamaged(f"{index / 'CURRENT'}: cannot be read; run python -m indexer --full") from error


def hold_current(index: Path) -> HeldGeneration:
    """Open and lock the current generation.

    Raises `IndexMissing` if there is none, `IndexDamaged` if it cannot be read. A generation that is switched and
    removed between the two steps is tried again as the new one.
    """
    name = None
    for _ in range(_TRIES):
        name = current_name(index)
        if name is None:
            raise IndexMissing(f"no index at {index}: run python -m indexer --index {index}")
        path = index / "generations" / name / "manifest.json"
        try:
            return _hold(path)
        except (FileNotFoundError, NotADirectoryError, BlockingIOError):
            continue
        except OSError as error:
            raise IndexDamaged(f"{path}: cannot be read ({error.strerror}); run python -m indexer --full") from error
    raise IndexDamaged(f"{index}: CURRENT names {name}, which is not there; run python -m indexer --full")


def _hold(path: Path) -> HeldGeneration:
    """Lock a manifest and read it; raises `FileNotFoundError` if it was removed meanwhile."""
    lock = path.open("rb")
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        if path.stat().st_ino != os.fstat(lock.fileno()).st_ino:
            raise FileNotFoundError(path)
        return HeldGeneration(path.parent, from_json(lock.read(), str(path)), lock)
    except BaseException:
        lock.close()
        raise


def write_generation(index: Path, manifest: Manifest, vectors: np.ndarray, terms: TermIndex) -> Manifest:
    """Write a generation beside the others and make it current; returns the manifest with the files' checksums."""
    folder = index / "generations" / manifest.generation
    (folder / "terms").mkdir(parents=True)
    flat = faiss.IndexFlatIP(manifest.model.dimension)
    flat.add(np.ascontiguousarray(vectors, dtype=np.float32))
    faiss.write_index(flat, str(folder / "passages.faiss"))
    terms.save(folder / "terms")
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    for path in files:
        sync_file(path)
    sync_folder(folder / "terms")
    sums = {path.relative_to(folder).as_posix(): file_sha256(path) for path in files}
    finished = Manifest(**{**{f: getattr(manifest, f) for f in manifest.__slots__}, "files": sums})
    write_durably(folder / "manifest.json", to_json(finished))
    for parent in (folder, folder.parent):
        sync_folder(parent)
    write_durably(index / "CURRENT", (manifest.generation + "\n").encode())
    sync_folder(index)
    return finished


def remove_unused(index: Path) -> None:
    """Remove generations that are neither current nor read, unfinished ones, and records that none names.

    Only the holder of the build lock may call this.
    """
    current, used = current_name(index), set()
    for folder in sorted((index / "generations").iterdir()):
        if folder.name == current or not _removed(folder):
            used |= _records_of(folder)
    for path in (index / "records").glob("*/*"):
        if path.name not in used:
            path.unlink()


def _records_of(folder: Path) -> set[str]:
    path = folder / "manifest.json"
    return {entry.record for entry in from_json(path.read_bytes(), str(path)).articles}


def _removed(folder: Path) -> bool:
    """Remove a generation unless a reader holds it."""
    try:
        with (folder / "manifest.json").open("rb") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            (folder / "manifest.json").unlink()  # first, so that no new reader finds it
    except BlockingIOError:
        return False
    except FileNotFoundError:
        pass  # a build that was killed before its manifest
    shutil.rmtree(folder)
    return True
