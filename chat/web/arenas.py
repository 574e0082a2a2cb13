"""glibc's memory, shared by all threads: a server's answers are made by many, and freed by others."""

import ctypes

_M_ARENA_MAX, _ARENAS = -8, 2


def limit_arenas() -> None:
    """Have glibc take all memory from two arenas, where it would keep up to eight a core.

    What lies free in one arena serves no thread of another, so that memory grew by 6 % in 3,000 questions after the
    first 2,000. Other C libraries have no such call, and are left as they are.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, _ARENAS)
