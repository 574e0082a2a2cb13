"""File → Article, where a file that may explode is parsed in a process of its own, with limits on time and memory.

PDF, Word and HTML files and long texts go there; a short text is parsed at once. The process is kept for the next
file. Whatever a file does to it (memory, an endless loop, a crash of the parser) ends in `UnreadableArticle`, and the
next file gets a new process. The parsers are the same ones: an article does not depend on where it was parsed.
"""

import atexit
import json
import os
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path, PurePosixPath

from indexer.article import parse_here
from indexer.errors import ParserFailed, UnreadableArticle
from indexer.parse_limits import (
    CLOCK_PER_CPU,
    MEGABYTE,
    MOST_FILE_BYTES,
    MOST_IDLE,
    MOST_REPLY_BYTES,
    OUT_OF_MEMORY,
    SMALL_TEXT_BYTES,
    START_SECONDS,
    cpu_seconds,
    memory_bytes,
)
from indexer.parse_worker import READY, REPLY, REQUEST
from indexer.types import Article, Block, BlockKind

# The package stands for itself here without its `__init__`, which imports what parsing has no use for.
_START = (
    "import sys, types; package = types.ModuleType('indexer'); package.__path__ = [sys.argv[1]]; "
    "sys.modules['indexer'] = package; from indexer.parse_worker import main; main()"
)
_CPU_IS_LIMITED = find_spec("resource") is not None
_MEND = "split it, or save it anew with the program that made it"


def read_article(corpus: Path, path: str) -> Article:
    """Read the file `corpus / path`.

    Raises `UnreadableArticle` with the reason when the file cannot be opened, decoded or parsed within its limits, or
    holds no text; `ParserFailed` if no process can be started to parse it.
    """
    return parse_article(path, read_file(corpus / path))


def read_file(file: Path) -> bytes:
    """The bytes of a file of the corpus. Raises `UnreadableArticle` if it cannot be opened or is too large."""
    try:
        about = file.stat()
        if not stat.S_ISREG(about.st_mode):
            raise UnreadableArticle("is no file but a folder, pipe or device: take it out of the corpus")
        if about.st_size > MOST_FILE_BYTES:
            raise UnreadableArticle(f"has more than {MOST_FILE_BYTES // MEGABYTE} MB: split it")
        return file.read_bytes()
    except OSError as error:
        raise UnreadableArticle(f"cannot be opened: {error.strerror or error}") from error


def parse_article(path: str, data: bytes) -> Article:
    """The article that a file of this name and content is; safe to call from many threads at once.

    Raises `UnreadableArticle` with the reason when it cannot be decoded or parsed within its limits, or holds no text;
    `ParserFailed` if no process can be started to parse it.
    """
    if len(data) < SMALL_TEXT_BYTES and PurePosixPath(path).suffix.lower() in (".txt", ".md"):
        return parse_here(path, data)
    found = json.loads(_reply(path, data))
    if "reason" in found:
        raise UnreadableArticle(found["reason"])
    blocks = tuple(Block(start, end, BlockKind(kind)) for start, end, kind in found.pop("blocks"))
    return Article(**{**found, "authors": tuple(found["authors"]), "blocks": blocks})


def _reply(path: str, data: bytes) -> bytes:
    """What a parsing process says of a file.

    One that has parsed other files before may be worn by them, or may have ended since: the file counts as unreadable
    only if a new process fails too. One that takes too long is not asked again.
    """
    while True:
        worker = _take()
        try:
            reply = worker.ask(path, data)
        except _Ended as ended:
            worker.close()
            if worker.used and not ended.late:
                continue
            raise UnreadableArticle(str(ended)) from ended
        except BaseException:
            worker.close()
            raise
        worker.used = True
        _keep(worker)
        return reply


class _Ended(Exception):
    """A parsing process ended without a reply; `late` if its time was up."""

    def __init__(self, reason: str, late: bool = False) -> None:
        super().__init__(reason)
        self.late = late


class _Worker:
    """A parsing process; for one thread at a time."""

    def __init__(self) -> None:
        """Start it and wait until it is ready. Raises `ParserFailed`."""
        self.used, self.owner, self._late = False, os.getpid(), False
        command = [sys.executable, "-P", "-c", _START, str(Path(__file__).parent)]
        try:
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        except OSError as error:
            raise ParserFailed(f"no process can be started to parse files: {error.strerror or error}") from error
        assert self._process.stdin and self._process.stdout
        self._requests, self._replies = self._process.stdin, self._process.stdout
        with self._killed_after(START_SECONDS):
            ready = self._replies.read(len(READY))
        if ready != READY:
            self.close()
            raise ParserFailed(
                f"the process that parses files does not start (exit status {self._process.returncode}): "
                "see what it printed above, and install quotewire anew"
            )

    def ask(self, path: str, data: bytes) -> bytes:
        """Its reply to a file. Raises `_Ended` with a reason that tells of the file."""
        name, seconds, memory = path.encode(), cpu_seconds(len(data)), memory_bytes(len(data))
        self._late = False
        with self._killed_after(seconds * (CLOCK_PER_CPU if _CPU_IS_LIMITED else 1)):
            with suppress(BrokenPipeError):  # it has ended: the reply that does not come tells
                self._requests.write(REQUEST.pack(len(name), len(data), seconds, memory) + name)
                self._requests.write(data)
                self._requests.flush()
            head = self._replies.read(REPLY.size)
            length = REPLY.unpack(head)[0] if len(head) == REPLY.size else MOST_REPLY_BYTES + 1
            reply = self._replies.read(length) if length <= MOST_REPLY_BYTES else b""
        if len(reply) < length:
            raise self._ended(seconds, memory)
        return reply

    def close(self) -> None:
        """End it, whatever it does."""
        self._process.kill()
        self._process.wait()
        self._replies.close()
        with suppress(BrokenPipeError):  # of a request that it never read
            self._requests.close()

    @contextmanager
    def _killed_after(self, seconds: float) -> Iterator[None]:
        def kill() -> None:
            self._late = True
            self._process.kill()

        timer = threading.Timer(seconds, kill)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _ended(self, seconds: int, memory: int) -> _Ended:
        """Why no reply came."""
        self._process.kill()  # one that only stopped talking
        status = self._process.wait()
        if self._late or status == -getattr(signal, "SIGXCPU", 0):
            return _Ended(f"takes more than {seconds} seconds to parse: {_MEND}", late=True)
        if status == OUT_OF_MEMORY:
            return _Ended(f"takes more than {memory // MEGABYTE} MB of memory to parse: {_MEND}")
        how = signal.Signals(-status).name if status < 0 else f"exit status {status}"
        return _Ended(f"cannot be parsed: its parser crashed ({how}): {_MEND}")


_idle: list[_Worker] = []
_idle_lock = threading.Lock()


def _take() -> _Worker:
    """A process that nothing is asked of; a new one if there is none, or if it is another process's, since a fork."""
    with _idle_lock:
        mine = [worker for worker in _idle if worker.owner == os.getpid()]
        if mine:
            _idle.remove(mine[-1])
            return mine[-1]
    return _Worker()


def _keep(worker: _Worker) -> None:
    with _idle_lock:
        if len(_idle) < MOST_IDLE:
            _idle.append(worker)
            return
    worker.close()


@atexit.register
def _close_idle() -> None:
    with _idle_lock:
        for worker in _idle:
            if worker.owner == os.getpid():
                worker.close()
