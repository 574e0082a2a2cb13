"""Follow the corpus folder: build whenever its files have changed, until told to stop."""

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import watchfiles

from indexer.build import BuildReport
from indexer.errors import IndexBusy, IndexUnwritable, QuotewireError, StoreUnavailable

log = logging.getLogger(__name__)
_BUSY_SECONDS = 2.0
_UNWRITABLE_SECONDS = 60.0
_MILLISECONDS = 1000


def watch(
    corpus: Path,
    rebuild: Callable[[], BuildReport],
    report: Callable[[BuildReport], object],
    stop: threading.Event | None = None,
) -> None:
    """Call `rebuild` at once, when changes can be seen, and after every one; hand each result to `report`.

    A change is acted on once no further one has come for a moment, so that a file being copied is read whole. A
    build held by another process is waited for, and so is a disk that is full or cannot be written, or a Milvus
    server that is away; any other error of a build is logged, and the next change tries again. Returns when `stop` is
    set.
    """
    stop = stop or threading.Event()
    _rebuild(rebuild, report, stop)
    missed = True  # what changed while the first build ran was not watched yet
    tell: dict[str, Any] = {"stop_event": stop, "raise_interrupt": True, "yield_on_timeout": True}
    for changes in watchfiles.watch(corpus, debounce=1600, step=200, rust_timeout=_MILLISECONDS, **tell):
        if changes or missed:
            missed = False
            _rebuild(rebuild, report, stop)


def _rebuild(
    rebuild: Callable[[], BuildReport], report: Callable[[BuildReport], object], stop: threading.Event
) -> None:
    while not stop.is_set():
        try:
            report(rebuild())
            return
        except IndexBusy as busy:
            log.info("%s", busy)
            stop.wait(_BUSY_SECONDS)
        except (IndexUnwritable, StoreUnavailable) as error:
            log.error("%s", error)
            stop.wait(_UNWRITABLE_SECONDS)
        except QuotewireError as error:
            log.error("%s", error)
            return
