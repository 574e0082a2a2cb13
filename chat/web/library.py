"""The articles while they are served: what there is, add one, remove one, put it back, and the build that follows."""

import logging
import os
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from chat.web.file_name import safe_name
from chat.web.service import Service
from indexer import (
    ArticleEntry,
    NotReady,
    QuotewireError,
    UnreadableArticle,
    content_hash,
    corpus_files,
    parse_article,
    sync_folder,
    write_durably,
)

log = logging.getLogger(__name__)
MOST_BYTES = 20 * 1024 * 1024
# Files that visitors add are parsed, each in a process of its own, this many at once.
_PARSING, _SECONDS_TO_WAIT = threading.BoundedSemaphore(2), 20.0
REMOVED = ".removed"  # below the corpus; the indexer does not look into hidden folders
_STAMP = "%Y%m%dT%H%M%S.%f"
_WHEN = re.compile(r"\d{8}T\d{6}\.\d{6}-[0-9a-f]{4}\Z", re.ASCII)


class NotAdded(QuotewireError):
    """A file that cannot become an article; the message says why and what to do."""


class NameTaken(NotAdded):
    """Another file has this name; it may be replaced if that is said."""


class NoSuchFile(QuotewireError):
    """The path is none of the files that may be removed or put back."""


@dataclass(frozen=True, slots=True)
class Added:
    """What became of a file: where it lies, the hash of its bytes, and whether it lay there before."""

    path: str
    content_hash: str
    already: bool = False


@dataclass(frozen=True, slots=True)
class Removed:
    """An article that was removed: `name` finds it again, `path` is where it was, `when` in ISO time (UTC)."""

    name: str
    path: str
    when: str


@dataclass(frozen=True, slots=True)
class Contents:
    """The articles of a generation; `generation` is "" and `problem` says why where there is none."""

    generation: str = ""
    articles: tuple[ArticleEntry, ...] = ()
    problem: str = ""


class Library:
    """The corpus folder as visitors see and change it; safe to use from many threads at once.

    It asks no one's leave: whether a visitor may change it is for the routes to say.
    """

    def __init__(self, service: Service) -> None:
        """Changes go to the service's corpus, and its index follows."""
        self.service = service
        self._changing, self._wanting = threading.Lock(), threading.Lock()
        self._wanted: bool | None = None  # whether a build is to be full; None: none is wanted
        self._worker: threading.Thread | None = None

    def contents(self) -> Contents:
        """The articles of the newest generation."""
        try:
            index = self.service.assistant.index
        except NotReady:
            return Contents()
        except QuotewireError as error:
            return Contents(problem=str(error))
        return Contents(index.manifest.generation, index.articles)

    @property
    def building(self) -> bool:
        """Whether a build runs, or is to begin."""
        return self._worker is not None or self.service.build_state.running

    def add(self, name: str, data: bytes, *, replace: bool = False, more: bool = False) -> Added:
        """Put a file into the corpus, wholly or not at all, and have it indexed.

        A file that is there with the same bytes is not added twice. `replace` puts it in the place of the file that
        has its name, which is kept among the removed. With `more` files to come, the index follows after them.

        Raises `UnusableName`; `NotAdded` if its content is not what its name says or cannot be read; `NameTaken`.
        """
        name = safe_name(name)
        must_be_readable(name, data)
        with self._changing:
            path, there = self._place(name)
            if there and (self.service.corpus / path).read_bytes() == data:
                return Added(path, content_hash(data), already=True)
            if there and not replace:
                raise NameTaken(f"{path} is there already, with other content. Replace it, or choose another name.")
            if there:
                kept = self._new_place_among_removed(path)
                write_durably(kept, (self.service.corpus / path).read_bytes())
                sync_folder(kept.parent)
            _write(self.service.corpus / path, data, over=there)
        if not more:
            self.rebuild()
        return Added(path, content_hash(data))

    def remove(self, path: str) -> Removed:
        """Take an article out of the corpus; it is kept in the folder `.removed`. Raises `NoSuchFile`."""
        with self._changing:
            file = _listed(self.service.corpus, path)
            kept = self._new_place_among_removed(path)
            _move(file, kept)
        self.rebuild()
        return _removed(kept.relative_to(self.service.corpus / REMOVED).as_posix())

    def removed(self) -> tuple[Removed, ...]:
        """What was removed and can be put back, the last removed first."""
        folder = self.service.corpus / REMOVED
        names = corpus_files(folder) if folder.is_dir() and not folder.is_symlink() else ()
        found = [_removed(name) for name in names if _WHEN.match(name.split("/")[0]) and "/" in name]
        return tuple(sorted(found, key=lambda removed: removed.name, reverse=True))

    def put_back(self, name: str) -> Added:
        """Put an article that was removed back in its place. Raises `NoSuchFile`; `NameTaken`."""
        with self._changing:
            if all(removed.name != name for removed in self.removed()):
                raise NoSuchFile("There is no such removed article. Reload the page to see what there is.")
            file, path = _listed(self.service.corpus / REMOVED, name), _removed(name).path
            target = self.service.corpus / path
            if target.exists() or target.is_symlink():
                raise NameTaken(f"{path} is there again: remove it first, then put this one back.")
            data = file.read_bytes()
            target.parent.mkdir(parents=True, exist_ok=True)
            _write(target, data, over=False)
            file.unlink()
            self._remove_empty(file.parent)
        self.rebuild()
        return Added(path, content_hash(data))

    def rebuild(self, *, full: bool = False) -> None:
        """Have the index brought up to date in the background, by a build that begins after this call.

        However often it is called, one build runs and at most one more is to follow.
        """
        with self._wanting:
            self._wanted = full or bool(self._wanted)
            if self._worker is None:
                worker = threading.Thread(target=self._build, name="library")
                worker.start()  # where that fails, the next call tries again
                self._worker = worker

    def _build(self) -> None:
        while True:
            with self._wanting:
                full, self._wanted = self._wanted, None
                if full is None:
                    self._worker = None
                    return
            try:
                self.service.rebuild(full=full)
                self.contents()  # the new generation is loaded before anybody waits for it
            except QuotewireError as error:
                log.error("%s", error)  # the service tells it to those who look at the page
            except Exception:
                log.exception("the index could not be built")

    def _place(self, name: str) -> tuple[str, bool]:
        """Where a file of this name belongs, and whether one is there: in a subfolder where the only such one lies."""
        if (self.service.corpus / name).exists() or (self.service.corpus / name).is_symlink():
            _listed(self.service.corpus, name)
            return name, True
        same = [path for path in corpus_files(self.service.corpus) if PurePosixPath(path).name == name]
        if len(same) == 1 and not (self.service.corpus / same[0]).is_symlink():
            return same[0], True
        return name, False

    def _new_place_among_removed(self, path: str) -> Path:
        folder = self.service.corpus / REMOVED
        if folder.is_symlink():
            raise NotAdded(f"{folder} is a link: make it a folder, so that what is removed stays here.")
        place = folder / f"{datetime.now(UTC):{_STAMP}}-{os.urandom(2).hex()}" / path
        place.parent.mkdir(parents=True)
        for new in (place.parent, *place.parent.parents):
            sync_folder(new.parent)
            if new == folder:
                break
        return place

    def _remove_empty(self, folder: Path) -> None:
        """Remove a folder below `.removed`, and those above it, that hold nothing any more."""
        while folder != self.service.corpus / REMOVED and not os.listdir(folder):
            folder.rmdir()
            folder = folder.parent


def _removed(name: str) -> Removed:
    stamp, _, path = name.partition("/")
    when = datetime.strptime(stamp.split("-")[0], _STAMP).replace(tzinfo=UTC)
    return Removed(name, path, when.isoformat(timespec="seconds"))


def _listed(folder: Path, path: str) -> Path:
    """The file at `path`, which must be one that the indexer finds, and no link. Raises `NoSuchFile`."""
    if path not in corpus_files(folder):
        raise NoSuchFile("There is no such article in the corpus folder. Reload the page to see what there is.")
    file = folder / path
    if file.is_symlink() or not file.resolve().is_relative_to(folder.resolve()):
        raise NoSuchFile(f"{path} is a link to another file: it can be changed in the corpus folder alone.")
    return file


def _write(target: Path, data: bytes, *, over: bool) -> None:
    """Write the file; unless `over`, nobody else's file is overwritten that has come to have this name meanwhile."""
    try:
        write_durably(target, data, over=over)
    except FileExistsError as error:
        raise NameTaken(f"{target.name} is there already. Choose another name.") from error
    sync_folder(target.parent)


def _move(file: Path, target: Path) -> None:
    os.rename(file, target)
    sync_folder(target.parent)
    sync_folder(file.parent)


def must_be_readable(name: str, data: bytes) -> None:
    """Raises `NotAdded` if the bytes are not what the name's ending says, or no article can be read from them."""
    if len(data) > MOST_BYTES:
        raise NotAdded(f"{name} has more than {MOST_BYTES // 2**20} MB: split it, or put it into the folder yourself.")
    suffix = PurePosixPath(name).suffix.lower()
    if not _KINDS.get(suffix, _is_text)(data):
        raise NotAdded(f"{name} is not what its name says: its content is not that of a {suffix} file.")
    if not _PARSING.acquire(timeout=_SECONDS_TO_WAIT):
        raise NotAdded(f"{name} was not read, for other files are being read: add it again in a moment.")
    try:
        parse_article(name, data)
    except UnreadableArticle as reason:
        raise NotAdded(f"{name} {reason}.") from reason
    finally:
        _PARSING.release()


def _is_pdf(data: bytes) -> bool:
    return b"%PDF-" in data[:1024]


def _is_zip(data: bytes) -> bool:
    return data.startswith(b"PK\x03\x04")  # the parser looks for what a Word file must hold


def _is_text(data: bytes) -> bool:
    """Whether it is not one of the other formats by another name, nor binary; the parser looks closer."""
    utf16 = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    return not data.startswith((b"%PDF-", b"PK\x03\x04")) and (utf16 or b"\0" not in data)


_KINDS: dict[str, Callable[[bytes], bool]] = {".pdf": _is_pdf, ".docx": _is_zip}
