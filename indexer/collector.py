"""Python's garbage collector, paused while many objects are made that are none of its business."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_paused() -> Iterator[None]:
    """Keep Python from looking for cycles, as a context or around a function.

    Entries by the ten thousand set it off, and hold no cycles; with torch loaded, each look takes a quarter second.
    """
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()
