"""A scored run, and how it compares with an older one: what is newly right or wrong, and is that a regression?"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from chat.evaluation.bootstrap import Interval, difference_intervals, intervals
from chat.evaluation.metrics import Figures, Outcome, Result, figures, score
from chat.evaluation.question_file import ArticleText, Line, TestQuestion, read_lines
from indexer import QuestionFileError

MARGIN = 0.02
"""By how much the headline figure may drop before it is a regression."""


class ChangeKind(StrEnum):
    """What became of a question since the baseline."""

    WRONG = "newly wrong"
    RIGHT = "newly right"
    OTHER = "changed"


@dataclass(frozen=True, slots=True)
class Scored:
    """A question, what was answered to it and how good that is."""

    question: TestQuestion
    result: Result
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Change:
    """A question that is answered otherwise than before."""

    kind: ChangeKind
    before: Scored
    after: Scored


@dataclass(frozen=True, slots=True)
class Comparison:
    """The questions that both runs hold, compared.

    `shared` pairs the baseline with today, question for question; `before` are the baseline's figures over them and
    `difference` how much today's are above those. `stale` are the articles that the baseline quotes in another version
    than today's, where its offsets may point elsewhere.
    """

    shared: tuple[tuple[Scored, Scored], ...]
    before: Figures
    difference: Figures
    intervals: dict[str, Interval]
    changes: tuple[Change, ...]
    headline: str
    drop: float
    margin: float
    stale: tuple[str, ...]

    @property
    def regressed(self) -> bool:
        """Whether the headline figure dropped by more than the margin."""
        return self.drop > self.margin


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All there is to say of a run; `about` names what was run on what, as pairs of label and value.

    `skipped` are the faults of the lines that could not be asked, each with its file and line.
    """

    about: tuple[tuple[str, str], ...]
    scored: tuple[Scored, ...]
    figures: Figures
    intervals: dict[str, Interval]
    comparison: Comparison | None
    skipped: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        about: tuple[tuple[str, str], ...],
        scored: tuple[Scored, ...],
        comparison: Comparison | None,
        skipped: Sequence[str] = (),
    ) -> "Evaluation":
        """Work out figures and intervals of the scored questions."""
        outcomes = [each.outcome for each in scored]
        return cls(about, scored, figures(outcomes), intervals(outcomes), comparison, tuple(skipped))

    @property
    def not_verbatim(self) -> tuple[str, ...]:
        """The ids of the questions at which a quote, shown as answer or as nearest, is not what the article says."""
        outcomes = [each.outcome for each in self.scored]
        return tuple(o.id for o in outcomes if o.verbatim < o.quotes or o.nearest_verbatim < o.nearest)

    @property
    def failed(self) -> bool:
        """Whether the run is a regression, a quote is not verbatim, or a line was skipped."""
        return bool(self.not_verbatim or self.skipped) or (self.comparison is not None and self.comparison.regressed)


def read_results(path: Path) -> dict[str, Result]:
    """A results file by question id.

    Raises `QuestionFileError` with file and line for what is no result; an id that stands twice is one.
    """
    results: dict[str, Result] = {}
    for line in read_lines(path):
        identity = line.string(line.raw, "id")
        if identity in results:
            line.fail(f'id "{identity}" stands there already')
        line.string(line.raw, "question")
        line.truth("abstained")
        if not isinstance(line.raw.get("answer"), str):
            line.fail('"answer" must be text')
        for key in ("confidence", "seconds"):
            if not _is_number(line.raw.get(key, 0.0)):
                line.fail(f'"{key}" must be a number')
        for key in ("quotes", "nearest", "passages", "context"):
            _check_spans(line, key)
        results[identity] = line.raw
    if not results:
        raise QuestionFileError(f"{path}: holds no result; write one with evaluate --output")
    return results


def score_all(
    questions: Sequence[TestQuestion], results: Mapping[str, Result], text_of: ArticleText
) -> tuple[Scored, ...]:
    """The questions that have a result, scored."""
    return tuple(
        Scored(question, results[question.id], score(question, results[question.id], text_of))
        for question in questions
        if question.id in results
    )


def read_baseline(path: Path, questions: Sequence[TestQuestion], text_of: ArticleText) -> tuple[Scored, ...]:
    """The results of an older run, scored; a result of a question that has been reworded since does not count.

    Raises `QuestionFileError` if the file is no results file, or holds none of the questions.
    """
    asked = {question.id: question.question.split() for question in questions}
    results = {id_: r for id_, r in read_results(path).items() if r["question"].split() == asked.get(id_)}
    if not results:
        raise QuestionFileError(f"{path}: holds none of these questions; is it of another question file?")
    return score_all(questions, results, text_of)


def compare(
    run: Sequence[Scored], baseline: Sequence[Scored], margin: float, hash_of: Callable[[str], str | None]
) -> Comparison:
    """Compare a run with a baseline, over the questions that both hold (at least one); `hash_of` gives content hashes.

    The headline is `balanced`, or the one of its two halves that there is where all questions are of one kind.
    """
    old = {scored.question.id: scored for scored in baseline}
    shared = [(old[scored.question.id], scored) for scored in run if scored.question.id in old]
    new_outcomes, old_outcomes = [b.outcome for _, b in shared], [a.outcome for a, _ in shared]
    now, before = figures(new_outcomes), figures(old_outcomes)
    headline = next((name for name in ("balanced", "answered_right") if now[name] is not None), "abstained_right")
    difference = {name: _minus(now[name], before[name]) for name in now}
    quoted = [quote for a, _ in shared for quote in (*a.result.get("quotes", []), *a.result.get("nearest", []))]
    stale = {q["article"] for q in quoted if "content_hash" in q and q["content_hash"] != hash_of(q["article"])}
    return Comparison(
        shared=tuple(shared),
        before=before,
        difference=difference,
        intervals=difference_intervals(new_outcomes, old_outcomes),
        changes=_changes(shared),
        headline=headline,
        drop=-(difference[headline] or 0.0),
        margin=margin,
        stale=tuple(sorted(stale)),
    )


def _changes(shared: Sequence[tuple[Scored, Scored]]) -> tuple[Change, ...]:
    found = []
    for before, after in shared:
        was, now = before.outcome.verdict, after.outcome.verdict
        if was != now:
            found.append(Change(ChangeKind.RIGHT if now else ChangeKind.WRONG, before, after))
        elif _gist(before.result) != _gist(after.result):
            found.append(Change(ChangeKind.OTHER, before, after))
    kinds = list(ChangeKind)
    return tuple(sorted(found, key=lambda change: kinds.index(change.kind)))


def _gist(result: Result) -> tuple[bool, str, list[tuple[str, str]]]:
    """What a reader sees of an answer."""
    quotes = result.get("quotes", [])
    return result["abstained"], result["answer"], [(quote["article"], quote["text"]) for quote in quotes]


def _check_spans(line: Line, key: str) -> None:
    for span in line.objects(key):
        start, end = span.get("start"), span.get("end")
        whole = isinstance(start, int) and isinstance(end, int) and 0 <= start <= end
        if not whole or not isinstance(span.get("article"), str):
            line.fail(f'every one of "{key}" needs "article", "start" and "end", in this order of size')
        if key in ("quotes", "nearest") and not isinstance(span.get("text"), str):
            line.fail(f'every one of "{key}" needs its "text"')


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _minus(a: float | None, b: float | None) -> float | None:
    return None if a is None or b is None else round(a - b, 4)
