"""How long each stage of an answer takes: one clock a question, read where the stages follow one another."""

import time
from collections.abc import Callable

UNDERSTANDING, EMBEDDING, SEARCH, SIGNALS, READING = "understanding", "embedding", "search", "signals", "reading"
CHOOSING, RENDERING = "choosing", "rendering"
STAGES = (UNDERSTANDING, EMBEDDING, SEARCH, SIGNALS, READING, CHOOSING, RENDERING)

Tell = Callable[[str, float], object]
"""What is told a stage's name and its seconds."""


def nobody(stage: str, seconds: float) -> None:
    """Told of a stage, it does nothing."""


class Laps:
    """The clock of one question; `laps(stage)` ends a stage, which began where the one before it ended."""

    def __init__(self, tell: Tell = nobody) -> None:
        """Begin the first stage."""
        self._tell, self._at = tell, time.perf_counter()

    def __call__(self, stage: str) -> None:
        """End a stage, and begin the next."""
        now = time.perf_counter()
        self._tell(stage, now - self._at)
        self._at = now
