"""What the page stands on: the assistant once there is an index, and one build at a time, for whoever asks for it."""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from chat.assistant import Assistant
from chat.laps import Tell, nobody
from chat.types import Answer, Scope, Turn
from chat.web.background import in_background
from chat.web.kept_answers import KeptAnswers
from chat.web.leftovers import remove_leftovers
from indexer import IN_FILES, BuildReport, IndexDamaged, IndexMissing, NotReady, Place, QuotewireError, build, watch

log = logging.getLogger(__name__)
_SECONDS_AFTER_A_FAULT = 5.0
FEEDBACK = Path("feedback.jsonl")


@dataclass(frozen=True, slots=True)
class BuildState:
    """The build that runs, or the last one: passages embedded of how many; the problem that ended it.

    `report` is that of the last build that ended well.
    """

    running: bool = False
    done: int = 0
    total: int = 0
    report: BuildReport | None = None
    problem: str = ""


class Service:
    """A corpus folder and its index while they are served; safe to use from many threads at once."""

    def __init__(
        self,
        corpus: Path,
        index: Path,
        *,
        editable: bool,
        questions: Sequence[Path] = (),
        feedback: Path = FEEDBACK,
        opened: Callable[[Path], Assistant] = Assistant,
        place: Place = IN_FILES,
    ) -> None:
        """`editable`: whether visitors may add and remove articles; `questions`: question files for the evaluation;
        `feedback`: the question file that verdicts on answers are added to; `opened` opens an index at `place`.

        An index that is there is opened now, and raises what `Assistant` raises; one that is missing is made by
        `following`, one that is damaged is mended, and until then `assistant` raises `NotReady`. One that does not
        build itself must be there.
        """
        self.corpus, self.index_folder, self.editable = corpus, index, editable
        self.questions, self.feedback, self._opened = tuple(questions), feedback, opened
        self._assistant: Assistant | None = None
        self.kept = KeptAnswers()
        self._building, self._state, self._stopping = threading.Lock(), BuildState(), threading.Event()
        self._damaged, self._follows = False, place.builds_itself
        try:
            self._assistant = opened(index)
        except IndexMissing:
            if not self._follows:
                raise
        except IndexDamaged as damage:
            if not self._follows:
                raise
            self._damaged = True  # `following` mends it, which is what the message tells to do
            log.error("%s; that is done now, and no question is answered until then", damage)

    @property
    def assistant(self) -> Assistant:
        """The assistant; raises `NotReady`, whose message tells a visitor what to do, while there is no index."""
        if self._assistant is not None:
            return self._assistant
        state = self._state
        if state.problem:
            raise NotReady(f"There is no index yet, and it could not be built: {state.problem}")
        what = (
            "The index was damaged and is being mended"
            if self._damaged
            else "The articles are being read for the first time"
        )
        so_far = f" {state.done} of {state.total} passages are done." if state.total else ""
        raise NotReady(f"{what}.{so_far} Ask again in a moment.")

    def answers(
        self,
        question: str,
        history: Sequence[Turn] = (),
        scope: Scope | None = None,
        stop: threading.Event | None = None,
        tell: Tell = nobody,
    ) -> Iterator[Answer]:
        """As `Assistant.answers`; what was asked before of the same generation is not worked for again.

        A language model's replies are kept by its own model.
        """
        assistant = self.assistant
        if assistant.writer is None:
            yield self.kept.answer(assistant, question, history, scope, tell)
        else:
            yield from assistant.answers(question, history, scope, stop, tell)

    @property
    def build_state(self) -> BuildState:
        """The build that runs, or the last one."""
        return self._state

    def rebuild(self, *, full: bool = False) -> BuildReport:
        """Bring the index up to date, or with `full` make it anew by the same model; waits for a build that runs.

        Raises what `build` raises.
        """
        with self._building:
            self._must_not_stop()
            before = self._state.report
            self._state = BuildState(running=True, report=before)
            try:
                embedder = self._assistant.embedder.whole if self._assistant else None
                model = embedder.name if full and embedder else None
                report = build(
                    self.corpus, self.index_folder, model=model, full=full, embedder=embedder, progress=self._progressed
                )
                self._assistant = self._assistant or self._opened(self.index_folder)
                self.kept.forget_all_but(self._assistant.index)
            except BaseException as error:
                self._state = BuildState(report=before, problem=(str(error) or type(error).__name__).splitlines()[0])
                raise
            self._state = replace(self._state, running=False, report=report)
            return report

    def _progressed(self, done: int, total: int) -> None:
        self._must_not_stop()
        self._state = replace(self._state, done=done, total=total)

    def _must_not_stop(self) -> None:
        if self._stopping.is_set():
            raise NotReady("the server stops; what was embedded so far is kept for the next build")

    @contextmanager
    def following(self) -> Iterator[None]:
        """A thread that builds whenever the corpus changes; a fault is logged, and it goes on. None where another does.

        At the end, a build that runs is left unfinished, whoever asked for it.
        """
        stop, began = self._stopping, time.time()

        def follow() -> None:
            if self._follows:
                remove_leftovers(self.corpus, began)
            while self._follows and not stop.is_set():
                try:
                    watch(self.corpus, self.rebuild, _report, stop)
                except Exception as error:
                    unexpected = not isinstance(error, OSError | QuotewireError)
                    log.error("%s is not followed for a moment: %s", self.corpus, error, exc_info=unexpected)
                    stop.wait(_SECONDS_AFTER_A_FAULT)

        try:
            with in_background(follow, "follower", stop):
                yield
        finally:
            with self._building:  # whoever builds meets `stop` soon; what it imports till then needs a running Python
                pass


def _report(report: BuildReport) -> None:
    """Tell what a build did, if anything."""
    for path, reason in report.skipped:
        log.warning("skipped: %s: %s", path, reason)
    if report.added or report.changed or report.removed:
        changes = f"{len(report.added)} added, {len(report.changed)} changed, {len(report.removed)} removed"
        print(f"articles: {changes}, {report.unchanged} unchanged; {report.seconds:.1f} s", flush=True)
