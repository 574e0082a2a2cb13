"""Generations on disk: written beside the current one, manifest last, switched by one atomic rename.

    .index/CURRENT                    the name of the current generation
    .index/build.lock                 held by a build
    .index/records/ab/ab12…           one file an article content, shared by generations
    .index/models/…                   the model for questions, shared by generations: see question_model.py
    .index/generations/NAME/          manifest.json, passages.faiss, terms/

A reader holds a shared lock on the manifest of the generation it has loaded; a generation is removed when it is not
the current one and no reader holds it.
"""

import fcntl
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import faiss
import numpy as np

from indexer.errors import IndexDamaged, IndexMissing
from indexer.files import file_sha256, remove_parts, sync_folder, write_durably, written_durably
from indexer.manifest import Manifest, from_json, to_json
from indexer.terms import TermIndex

_TRIES = 20
_NAME = re.compile(r"[\w-]+", re.ASCII)


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
        name = (index / "CURRENT").read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise IndexDamaged(f"{index / 'CURRENT'}: cannot be read; {_repair(index)}") from error
    if name and not _NAME.fullmatch(name):
        raise IndexDamaged(f"{index / 'CURRENT'}: names no generation; {_repair(index)}")
    return name or None


def _repair(index: Path) -> str:
    return f"run python -m indexer --index {index}"


def hold_current(index: Path) -> HeldGeneration:
    """Open and lock the current generation.

    Raises `IndexMissing` if there is none, `IndexDamaged` if it cannot be read. A generation that is switched and
    removed between the two steps is tried again as the new one.
    """
    name = None
    for _ in range(_TRIES):
        name = current_name(index)
        if name is None:
            raise IndexMissing(f"no index at {index}: {_repair(index)}")
        path = index / "generations" / name / "manifest.json"
        try:
            return _hold(path)
        except (FileNotFoundError, NotADirectoryError, BlockingIOError):
            continue
        except OSError as error:
            raise IndexDamaged(f"{path}: cannot be read ({error.strerror}); {_repair(index)}") from error
    raise IndexDamaged(f"{index}: CURRENT names {name}, which is not there; {_repair(index)}")


def _hold(path: Path) -> HeldGeneration:
    """Lock a manifest and read it; raises `FileNotFoundError` if it was removed meanwhile."""
    lock = path.open("rb")
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        if path.stat().st_ino != os.fstat(lock.fileno()).st_ino:
            raise FileNotFoundError(path)
        return HeldGeneration(path.parent, _manifest(path, lock.read()), lock)
    except BaseException:
        lock.close()
        raise


def _manifest(path: Path, data: bytes) -> Manifest:
    manifest = from_json(data, str(path))
    if manifest.generation != path.parent.name:
        raise IndexDamaged(f"{path}: is that of generation {manifest.generation}; run python -m indexer")
    return manifest


def last_manifest(index: Path) -> Manifest | None:
    """The manifest of the newest generation that has a sound one, whether or not `CURRENT` names it; None without."""
    for path in sorted((index / "generations").glob("*/manifest.json"), reverse=True):
        try:
            return _manifest(path, path.read_bytes())
        except (IndexDamaged, OSError):
            continue  # an older one will do
    return None


def damaged_file(held: HeldGeneration) -> Path | None:
    """The first file of a generation that is missing or is not what its checksum says; None if all are sound."""
    for name, sha256 in held.manifest.files.items():
        path = held.folder / name
        if not path.is_file() or file_sha256(path) != sha256:
            return path
    return None


def write_generation(index: Path, manifest: Manifest, vectors: np.ndarray, terms: TermIndex) -> Manifest:
    """Write a generation beside the others and make it current; returns the manifest with the files' checksums.

    Where that fails, nothing of it stays.
    """
    folder = index / "generations" / manifest.generation
    try:
        finished = _written(folder, manifest, vectors, terms)
        for parent in (folder.parent, index):
            sync_folder(parent)
        write_durably(index / "CURRENT", (manifest.generation + "\n").encode())
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)  # what cannot be removed now, the next build removes
        raise
    sync_folder(index)
    return finished


def _written(folder: Path, manifest: Manifest, vectors: np.ndarray, terms: TermIndex) -> Manifest:
    """Write the files of a generation, the manifest last; returns it with their checksums."""
    (folder / "terms").mkdir(parents=True)
    flat = faiss.IndexFlatIP(manifest.model.dimension)
    flat.add(np.ascontiguousarray(vectors, dtype=np.float32))
    with written_durably(folder / "passages.faiss") as stream:  # by its own way, FAISS overlooks that a disk is full
        faiss.write_index(flat, faiss.PyCallbackIOWriter(stream.write))  # type: ignore[attr-defined]
    terms.save(folder / "terms")
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    sync_folder(folder / "terms")
    sums = {path.relative_to(folder).as_posix(): file_sha256(path) for path in files}
    finished = Manifest(**{**{f: getattr(manifest, f) for f in manifest.__slots__}, "files": sums})
    write_durably(folder / "manifest.json", to_json(finished))
    sync_folder(folder)
    return finished


def remove_unfinished(index: Path) -> None:
    """Remove what killed builds left of generations, so that they take no room from the next one.

    Only the holder of the build lock may call this.
    """
    for folder in (index / "generations").glob("*/"):
        if not (folder / "manifest.json").exists():
            shutil.rmtree(folder)


def remove_unused(index: Path) -> None:
    """Remove generations that are neither current nor read, unfinished ones, and records that none names.

    Only the holder of the build lock may call this.
    """
    remove_parts(index / "CURRENT")
    current, used, known = current_name(index), set(), True
    for folder in sorted(path for path in (index / "generations").iterdir() if path.is_dir()):
        if folder.name != current and _removed(folder):
            continue
        try:
            used |= _records_of(folder)
        except IndexDamaged:  # one that is still read: what records it needs is not known
            known = False
    for path in (index / "records").glob("*/*"):
        if known and path.name not in used:
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
