"""A progress bar on a terminal, a plain line now and then in a log."""

import sys
import time
from datetime import timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from tqdm import tqdm

_SECONDS_BETWEEN_LINES = 10.0


class ProgressBar:
    """`show(done, total)` draws a bar on a terminal; elsewhere it prints a line every ten seconds, and the last.

    Both say how many are done in a second, and how long the rest will take at that pace.
    """

    def __init__(self, label: str, unit: str) -> None:
        self._label, self._unit, self._told = label, unit, time.monotonic()
        self._began = self._told
        self._bar: tqdm | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.close()

    def show(self, done: int, total: int) -> None:
        """Show that `done` of `total` are done; nothing is shown where there is nothing to do."""
        if not total:
            return
        if not done:
            self._began = time.monotonic()  # what comes before the first is not the pace of the others
        if sys.stderr.isatty():
            if self._bar is None:
                from tqdm import tqdm  # only a terminal needs it

                self._bar = tqdm(total=total, desc=self._label, unit=f" {self._unit}", leave=False)
            self._bar.update(done - self._bar.n)
        elif done == total or time.monotonic() - self._told >= _SECONDS_BETWEEN_LINES:
            self._told = time.monotonic()
            print(
                f"{self._label}: {done} of {total} {self._unit}{self._pace(done, total)}", file=sys.stderr, flush=True
            )

    def _pace(self, done: int, total: int) -> str:
        """What a line says of the pace and the time left; "" before anything is done."""
        pace = done / max(1e-6, self._told - self._began)
        left = f", {timedelta(seconds=round((total - done) / pace))} left" if 0 < done < total else ""
        return f", {pace:.1f} a second{left}" if done else ""
