"""A thread beside what is done, for as long as that lasts."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def in_background(work: Callable[[], object], name: str, stop: threading.Event) -> Iterator[None]:
    """Have a thread of that name do the `work`, which ends when `stop` is set: at the end, when it is waited for."""
    thread = threading.Thread(target=work, name=name)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
