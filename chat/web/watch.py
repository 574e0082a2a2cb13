"""What an operator sees of the questions: each is counted and logged, by whichever way it was asked."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from chat.types import Answer
from chat.web.metrics import Metrics
from chat.web.visit import current_visit

log = logging.getLogger(__name__)
PAGE, API, MCP = "page", "api", "mcp"
STOPPED, FAILED = "stopped", "error"


@dataclass(frozen=True, slots=True)
class Operating:
    """How the server is operated: questions a minute that one visitor may ask (0: any number; None: as fits where it
    listens, see `serve`), and whether the log may hold questions.
    """

    questions_a_minute: int | None = None
    log_questions: bool = False


AS_USUAL = Operating()


class Watch:
    """Counts and logs what is asked of one application; safe to use from many threads at once.

    `ending` is set once the server stops: an answer that a language model writes then ends with the articles' words.
    """

    def __init__(self, *, log_questions: bool = False) -> None:
        """Nothing has been asked yet; questions are logged in their own words only with `log_questions`."""
        self.metrics, self.ending = Metrics(), threading.Event()
        self._log_questions = log_questions

    @contextmanager
    def question(self, text: str, way: str) -> Iterator[Callable[[Answer], None]]:
        """Around an answer's making: takes each `Answer` as it grows; the last one is counted and logged.

        What is raised is counted as an error and goes on; a generator that is closed meanwhile was stopped.
        """
        visit, began = current_visit(), time.monotonic()
        waited = max(0.0, began - visit.arrived) if visit else 0.0
        self.metrics.waited(way, waited)
        told: dict[str, Any] = {"request": visit.id} if visit else {}
        kind = ""
        try:
            yield lambda answer: told.update(_of(answer))
        except Exception:
            kind = FAILED
            raise
        except BaseException:
            kind = STOPPED
            raise
        finally:
            seconds = time.monotonic() - began
            told["kind"] = kind or told.get("kind", FAILED)
            self.metrics.answered(way, told["kind"], seconds)
            told |= {"way": way, "seconds": round(seconds, 3), "waited": round(waited, 3)}
            if self._log_questions:
                told["question"] = text
            log.info("question", extra={"told": told})


def _of(answer: Answer) -> dict[str, Any]:
    generation = answer.index.manifest.generation
    return {"kind": answer.kind.value, "quotes": len(answer.quotes), "generation": generation}


def way_of_endpoint() -> str:
    """Whether an endpoint is asked as a tool, or over HTTP."""
    visit = current_visit()
    return MCP if visit and visit.path.startswith("/mcp") else API
