"""glibc's memory, shared by all threads: a server's answers are made by many, and freed by others."""

import ctypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from chat.web.background import in_background

_M_ARENA_MAX, _ARENAS = -8, 2
_SECONDS = 10


def limit_arenas() -> None:
    """Have glibc take all memory from two arenas, where it would keep up to eight a core.

    What lies free in one arena serves no thread of another, so that memory grew by 6 % in 3,000 questions after the
    first 2,000. Other C libraries have no such call, and are left as they are.
    """
    mallopt = _of_libc("mallopt")
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, _ARENAS)


@contextmanager
def giving_back() -> Iterator[None]:
    """A thread that gives back to the system, every ten seconds, the pages that lie free between others that are used.

    glibc does so by itself only for those at the end: after 20,000 questions 67 of 900 MiB lay free.
    """
    trim, end = _of_libc("malloc_trim"), threading.Event()

    def give_back() -> None:
        while trim is not None and not end.wait(_SECONDS):
            trim(0)

    with in_background(give_back, "memory", end):
        yield


def _of_libc(name: str) -> Any:
    return getattr(ctypes.CDLL(None), name, None)
