"""Generations on disk: written beside the current one, manifest last, switched by one atomic rename.

    .index/CURRENT                    the name of the current generation
    .index/build.lock                 held by a build
    .index/records/ab/ab12…           one file an article content, shared by generations
    .index/models/…                   the model for questions, shared by generations: see question_model.py
    .index/segments/NAME/             articles' entries, vectors and postings, shared by generations: see segment.py
    .index/generations/NAME/          manifest.json: which segments, and which of their articles are gone

A reader holds a shared lock on the manifest of the generation it has loaded; a generation is removed when it is not
the current one and no reader holds it, and then the segments and records that no generation names any more.
"""

import fcntl
import os
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from indexer.collector import collector_paused
from indexer.errors import IndexDamaged, IndexMissing
from indexer.files import remove_parts, sync_folder, write_durably
from indexer.manifest import FORMAT, ArticleEntry, Manifest, Segment, from_json, living, to_json
from indexer.segment import file_faults, read_entries

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


def is_current(index: Path, name: str) -> bool:
    """Whether `CURRENT` names this generation; what cannot be read names none."""
    try:
        return current_name(index) == name
    except IndexDamaged:
        return False


def _repair(index: Path) -> str:
    return f"run python -m indexer --index {index}"


@collector_paused()
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
            return _hold(index, path)
        except (FileNotFoundError, NotADirectoryError, BlockingIOError):
            continue
        except OSError as error:
            raise IndexDamaged(f"{path}: cannot be read ({error.strerror}); {_repair(index)}") from error
    raise IndexDamaged(f"{index}: CURRENT names {name}, which is not there; {_repair(index)}")


def _hold(index: Path, path: Path) -> HeldGeneration:
    """Lock a manifest and read it; raises `FileNotFoundError` if it was removed meanwhile."""
    lock = path.open("rb")
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        if path.stat().st_ino != os.fstat(lock.fileno()).st_ino:
            raise FileNotFoundError(path)
        manifest = _manifest(path, lock.read())
        if manifest.format != FORMAT:
            raise IndexDamaged(f"{index}: was made by an older Quotewire; {_repair(index)} to bring it up to date")
        parts = [read_entries(index, segment) for segment in manifest.segments]
        return HeldGeneration(path.parent, with_articles(manifest, manifest.segments, parts), lock)
    except BaseException:
        lock.close()
        raise


def with_articles(
    manifest: Manifest, segments: Sequence[Segment], parts: Sequence[tuple[ArticleEntry, ...]]
) -> Manifest:
    """The manifest with these segments, whose articles `parts` are."""
    articles, starts = living(segments, parts)
    return replace(manifest, articles=articles, segments=tuple(segments), parts=tuple(parts), starts=starts)


def _manifest(path: Path, data: bytes) -> Manifest:
    manifest = from_json(data, str(path))
    if manifest.generation != path.parent.name:
        raise IndexDamaged(f"{path}: is that of generation {manifest.generation}; run python -m indexer")
    return manifest


def last_manifest(index: Path) -> Manifest | None:
    """What is sound of the newest generation that has a sound manifest, whether or not `CURRENT` names it; or None.

    It lacks the segments whose articles cannot be read. One of an older format has its articles, and no segments.
    """
    for path in sorted((index / "generations").glob("*/manifest.json"), reverse=True):
        try:
            manifest = _manifest(path, path.read_bytes())
        except (IndexDamaged, OSError):
            continue  # an older one will do
        known = _what_can_be_read(index, manifest) if manifest.segments else manifest
        return known if known.format == FORMAT else replace(known, segments=(), parts=())
    return None


def _what_can_be_read(index: Path, manifest: Manifest) -> Manifest:
    segments, parts = [], []
    for segment in manifest.segments:
        try:
            parts.append(read_entries(index, segment))
            segments.append(segment)
        except IndexDamaged:
            continue  # its articles are found anew
    return with_articles(manifest, segments, parts)


def damaged_segments(index: Path, manifest: Manifest) -> dict[str, Path]:
    """The segments of a generation that have a file which is missing or altered, each with such a file."""
    found = ((segment.name, next(file_faults(index, segment), None)) for segment in manifest.segments)
    return {name: path for name, path in found if path}


def write_generation(index: Path, manifest: Manifest) -> None:
    """Write a generation of segments that are there beside the others, and make it current.

    To take it back where that fails, and to make durable that it is current, are the caller's.
    """
    folder = index / "generations" / manifest.generation
    folder.mkdir(parents=True)
    write_durably(folder / "manifest.json", to_json(manifest))
    for each in (folder, folder.parent, *([index / "segments"] if manifest.segments else []), index):
        sync_folder(each)
    write_durably(index / "CURRENT", (manifest.generation + "\n").encode())


def remove_unfinished(index: Path) -> None:
    """Remove what killed builds left of generations and segments, so that they take no room from the next one.

    Only the holder of the build lock may call this.
    """
    for folder in (index / "generations").glob("*/"):
        if not (folder / "manifest.json").exists():
            shutil.rmtree(folder)
    try:
        used = {segment.name for path in _manifests(index) for segment in from_json(path.read_bytes(), "").segments}
    except IndexDamaged:
        return  # which segments are used is not known
    for folder in (index / "segments").glob("*/"):
        if folder.name not in used:
            shutil.rmtree(folder)


def _manifests(index: Path) -> list[Path]:
    return sorted((index / "generations").glob("*/manifest.json"))


def remove_unused(index: Path, current: Manifest) -> None:
    """Remove generations that are neither current nor read, unfinished ones, and what no generation names any more.

    Only the holder of the build lock may call this.
    """
    remove_parts(index / "CURRENT")
    segments, records, known = _names(current), {entry.record for entry in current.articles}, True
    for folder in sorted(path for path in (index / "generations").iterdir() if path.is_dir()):
        if folder.name == current.generation or _removed(folder):
            continue
        try:  # one that is still read
            read = _manifest(folder / "manifest.json", (folder / "manifest.json").read_bytes())
            segments |= _names(read)
            parts = (read_entries(index, segment) for segment in read.segments)
            records |= {entry.record for part in (*parts, read.articles) for entry in part}
        except (IndexDamaged, OSError):
            known = False  # what it needs is not known
    if not known:
        return
    for folder in (index / "segments").glob("*/"):
        if folder.name not in segments:
            shutil.rmtree(folder)
        else:
            remove_parts(folder / "seen")
    for file in record_files(index):
        if file.name not in records:
            Path(file.path).unlink()


def _names(manifest: Manifest) -> set[str]:
    return {segment.name for segment in manifest.segments}


def record_files(index: Path) -> Iterator[os.DirEntry[str]]:
    """The files below `records`."""
    for folder in sorted((index / "records").glob("*/")):
        with os.scandir(folder) as found:
            yield from list(found)


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
