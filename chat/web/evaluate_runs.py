"""Evaluations for the tab: one at a time, in a thread of its own, compared with the last run of the same questions."""

import hashlib
import logging
import re
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path

from chat.assistant import Assistant
from chat.evaluation.comparison import MARGIN, Evaluation, Scored, read_baseline
from chat.evaluation.evaluate import Ask, about, judged, results_text, run, write_whole
from chat.evaluation.question_file import ArticleText, TestQuestion, article_text, read_questions
from chat.types import Answer, Scope, Turn
from chat.web.service import Service
from indexer import Index, QuestionFileError, QuotewireError

log = logging.getLogger(__name__)
MOST_BYTES = 5_000_000
MOST_QUESTIONS = 5_000
MOST_SECONDS = 3600.0
_RUNS_KEPT = 30
_NAME_LENGTH = 40
_ENOUGH_TO_FORETELL = 3


@dataclass(frozen=True, slots=True)
class Upload:
    """A question file that a visitor has sent."""

    name: str
    data: bytes

    def read_bytes(self) -> bytes:
        """What was sent."""
        return self.data

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class RunState:
    """The run that goes on, or the last one: questions done of how many; `ended` says why it ended early, if it did."""

    number: int = 0
    name: str = ""
    running: bool = False
    done: int = 0
    total: int = 0
    began: float = 0.0
    ended: str = ""

    @property
    def said(self) -> str:
        """How far it is, and how long it will take."""
        if self.done < _ENOUGH_TO_FORETELL:
            return f"{self.done} of {self.total} questions"
        left = (time.monotonic() - self.began) / self.done * (self.total - self.done)
        return f"{self.done} of {self.total} questions, {_duration(left)} left"


@dataclass(frozen=True, slots=True)
class Finished:
    """A run that has come to its end; `before` is when the one ended that it is compared with.

    `note` says why it is not compared, or not kept for the next one to be compared with, where there was a problem.
    """

    number: int
    name: str
    evaluation: Evaluation
    at: datetime
    before: datetime | None
    note: str

    @property
    def results(self) -> str:
        """What `evaluate --output` writes."""
        return results_text(each.result for each in self.evaluation.scored)


class _Cancelled(Exception):  # noqa: N818 - no error
    pass


class Evaluations:
    """Runs question files through the service's assistant; safe to use from many threads."""

    def __init__(self, service: Service) -> None:
        """Nothing runs yet."""
        self._service = service
        self._starting, self._cancelled = threading.Lock(), threading.Event()
        self._state, self._key = RunState(), ""
        self._finished: Finished | None = None
        self._thread: threading.Thread | None = None

    @property
    def state(self) -> RunState:
        """The run that goes on, or the last one."""
        return self._state

    @property
    def finished(self) -> Finished | None:
        """The last run that came to its end."""
        return self._finished

    def files(self) -> tuple[Path, ...]:
        """The question files that the server knows: those it was started with, and the visitors' thumbs."""
        feedback = self._service.feedback
        return tuple(dict.fromkeys((*self._service.questions, *([feedback] if feedback.is_file() else []))))

    def start(self, source: Path | Upload) -> str:
        """Check the questions and begin to ask them; returns the key by which this run can be cancelled.

        Lines that cannot be asked are left out, and told with the result. Raises `QuotewireError` if another run goes
        on or there is nothing to ask, `QuestionFileError` for what is wrong in a file without a line that can be asked,
        `NotReady` while there is no index.
        """
        with self._starting:
            state = self._state
            if state.running:
                raise QuotewireError(
                    f"Another evaluation is running: {state.name}, {state.said}. Run yours when it has ended."
                )
            assistant = self._service.assistant
            index = assistant.index
            if not index.manifest.passages:
                raise QuotewireError(
                    f"There are no articles yet: put files into the folder {self._service.corpus}, then run this again."
                )
            skipped: list[str] = []
            questions = read_questions([source], article_text(index), skipped)
            if isinstance(source, Upload) and len(questions) > MOST_QUESTIONS:
                raise QuestionFileError(
                    f"{source}: holds {len(questions)} questions, and at most {MOST_QUESTIONS} can be run here: "
                    "split it, or run python -m chat evaluate"
                )
            number = time.time_ns() // 1_000_000  # never again that of another run, also after the server was restarted
            self._state = RunState(number, source.name, True, 0, len(questions), time.monotonic())
            self._key = f"{number}.{secrets.token_urlsafe()}"
            self._cancelled.clear()
            evaluated = partial(self._evaluated, source, questions, skipped, assistant, index)
            self._thread = threading.Thread(target=self._run, args=(evaluated,), name="evaluation")
            try:
                self._thread.start()
            except BaseException:
                self._state, self._thread = state, None
                raise
            return self._key

    def cancel(self, key: str) -> bool:
        """End the run that `start` gave the key for, after the question that it asks just now; False if it is over."""
        if not self._state.running or not secrets.compare_digest(key.encode(), self._key.encode()):
            return False
        self._cancelled.set()
        return True

    def stop(self) -> None:
        """End the run that goes on, if any, and wait for it."""
        self._cancelled.set()
        if self._thread:
            self._thread.join()

    def _run(self, evaluated: Callable[[], Finished]) -> None:
        ended = ""
        try:
            self._finished = evaluated()
        except _Cancelled:
            ended = f"Cancelled after {self._state.done} of {self._state.total} questions; nothing of it is kept."
        except QuotewireError as error:
            ended = f"The evaluation ended early: {error}."
        except Exception:
            log.exception("an evaluation ended early")
            ended = "Something went wrong here; the server's log says what. Run the questions again."
        self._state = replace(self._state, running=False, ended=ended)

    def _evaluated(
        self,
        source: Path | Upload,
        questions: tuple[TestQuestion, ...],
        skipped: Sequence[str],
        assistant: Assistant,
        index: Index,
    ) -> Finished:
        kept = kept_path(self._service.index_folder, source)
        older, before, note = _older(kept, questions, article_text(index))
        results = run(questions, self._ask(assistant), index, self._progressed)
        told = about(index, [source], kept if older else None)
        evaluation = judged(index, questions, results, told, older, MARGIN, skipped)
        try:
            keep(kept, results_text(results))
        except (OSError, QuotewireError) as error:
            note = f"The results could not be kept, so that the next run cannot be compared with this one: {error}."
        return Finished(self._state.number, source.name, evaluation, datetime.now().astimezone(), before, note)

    def _ask(self, assistant: Assistant) -> Ask:
        """Asks the assistant; where a language model writes, a run that is cancelled does not wait for it."""

        def ask(question: str, history: Sequence[Turn] = (), scope: Scope | None = None) -> Answer:
            *_, answer = assistant.answers(question, history, scope, self._cancelled)
            return answer

        return ask

    def _progressed(self, done: int, total: int) -> None:
        if self._cancelled.is_set():
            raise _Cancelled
        if 0 < done < total and time.monotonic() - self._state.began > MOST_SECONDS:
            raise QuotewireError(
                f"{done} of {total} questions took {_duration(MOST_SECONDS).removeprefix('about ')}, the longest that "
                "this page waits; nothing of it is kept. Run fewer, or run python -m chat evaluate, which goes on"
            )
        began = time.monotonic() if not done else self._state.began
        self._state = replace(self._state, done=done, total=total, began=began)


def kept_path(index: Path, source: Path | Upload) -> Path:
    """Where the results of the last run of a question file are kept: beside the index, one file a name."""
    whole = f"sent: {source.name}" if isinstance(source, Upload) else str(source.resolve())
    short = re.sub(r"[^\w-]+", "-", Path(source.name).stem)[:_NAME_LENGTH]
    return index / "evaluations" / f"{short}-{hashlib.sha256(whole.encode('utf-8', 'replace')).hexdigest()[:8]}.jsonl"


def keep(path: Path, text: str) -> None:
    """Write a run's results, and remove the oldest of the others where they are many."""
    path.parent.mkdir(exist_ok=True)
    write_whole(path, text)
    newest_first = sorted(path.parent.glob("*.jsonl"), key=lambda each: each.stat().st_mtime, reverse=True)
    for old in newest_first[_RUNS_KEPT:]:
        old.unlink()


def _older(
    kept: Path, questions: tuple[TestQuestion, ...], text_of: ArticleText
) -> tuple[tuple[Scored, ...], datetime | None, str]:
    """The results of the run before, when it ended, and why they cannot be compared with where that is so."""
    if not kept.is_file():
        return (), None, ""
    try:
        older = read_baseline(kept, questions, text_of)
    except QuestionFileError as error:
        return (), None, f"Not compared with the run before: {error}."
    return older, datetime.fromtimestamp(kept.stat().st_mtime).astimezone(), ""


def _duration(seconds: float) -> str:
    whole = round(seconds)
    if whole >= 90:
        return f"about {round(seconds / 60)} minutes"
    return f"about {whole} second{'' if whole == 1 else 's'}"
