"""Run test questions through the assistant, time each, score them, compare with a baseline, write what was found."""

import json
import math
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from chat.assistant import Assistant
from chat.evaluation.comparison import Evaluation, Scored, compare, read_baseline, score_all
from chat.evaluation.metrics import Result
from chat.evaluation.question_file import TestQuestion, article_text, read_questions
from chat.evaluation.report import report_page
from chat.evaluation.table import table
from chat.evaluation.written_figures import written_figures, written_text
from chat.render import answer_object
from chat.scope import scope_of
from chat.types import Answer, Scope, Turn
from indexer import Index, IndexMismatch, ProgressBar, QuotewireError, for_terminal, write_durably

Ask = Callable[[str, Sequence[Turn], Scope], Answer]

# json leaves these as they are, and `str.splitlines` takes them for the end of a line.
_LINE_ENDS = {ord(c): f"\\u{ord(c):04x}" for c in "\x85\u2028\u2029"}


def evaluate(
    assistant: Assistant,
    question_paths: Sequence[Path],
    output: Path | None,
    report: Path | None,
    baseline: Path | None,
    margin: float,
) -> int:
    """Run all questions, print the figures, write the results file and the report where they are asked for.

    A line that cannot be asked is named on standard error with what is wrong, and the rest goes on. Returns the exit
    status: 1 if the headline figure is more than `margin` below the baseline's, if a quote is not verbatim, or if a
    line was skipped; else 0. Raises `QuestionFileError` for a file without a line that can be asked, and for what is
    wrong in a baseline file, before anything runs.
    """
    if not (math.isfinite(margin) and margin >= 0):
        raise QuotewireError(f"--margin must be 0 or more, not {margin:g}")
    for path in (output, report):
        _check_writable(path)
    index = assistant.index
    text_of = article_text(index)
    skipped: list[str] = []
    questions = read_questions(question_paths, text_of, skipped)
    for fault in skipped:
        print(for_terminal(f"skipped: {fault}"), file=sys.stderr)
    older = read_baseline(baseline, questions, text_of) if baseline else ()

    with ProgressBar("evaluating", "questions") as bar:
        results = run(questions, assistant.ask, index, bar.show)
    if output:
        write_whole(output, results_text(results))
    evaluation = judged(index, questions, results, about(index, question_paths, baseline), older, margin, skipped)
    if report:
        write_whole(report, report_page(evaluation))
    print(table(evaluation))
    if any("written" in result for result in results) and assistant.writer:
        print(f"\n{written_text(written_figures(questions, results), assistant.writer.asked)}")
    return int(evaluation.failed)


def run(
    questions: Sequence[TestQuestion],
    ask: Ask,
    index: Index,
    progress: Callable[[int, int], object] = lambda done, total: None,
) -> list[Result]:
    """One answer object a question, with its `id` and the `seconds` that asking took.

    A line with a `scope`, as feedback on a filtered question has, is asked within it.
    The first question is asked once before, untimed: what a first answer has to load is not counted. `progress` is told
    how many of how many are done, first of 0; what it raises ends the run. Raises `IndexMismatch` if an answer comes
    from another generation than `index`, since its offsets would count elsewhere.
    """
    results: list[Result] = []
    ask(questions[0].question, questions[0].history, scope_of(questions[0].raw.get("scope")))
    progress(0, len(questions))
    for question in questions:
        began = time.perf_counter()
        answer = ask(question.question, question.history, scope_of(question.raw.get("scope")))
        seconds = time.perf_counter() - began
        if answer.index is not index:
            raise IndexMismatch(f"{index.root} was rebuilt during the evaluation: run it again")
        results.append({"id": question.id, **answer_object(answer), "seconds": round(seconds, 6)})
        progress(len(results), len(questions))
    return results


def judged(
    index: Index,
    questions: Sequence[TestQuestion],
    results: Iterable[Result],
    about: tuple[tuple[str, str], ...],
    older: Sequence[Scored],
    margin: float,
    skipped: Sequence[str] = (),
) -> Evaluation:
    """The results scored, and compared with an `older` run's where there are any; `skipped` lines are told, too."""
    scored = score_all(questions, {result["id"]: result for result in results}, article_text(index))
    hashes = {entry.path: entry.content_hash for entry in index.articles}
    return Evaluation.of(about, scored, compare(scored, older, margin, hashes.get) if older else None, skipped)


def about(index: Index, questions: Sequence[object], baseline: Path | None) -> tuple[tuple[str, str], ...]:
    """What is run on what, as pairs of label and value; `questions` are files, or what stands for one, by name."""
    manifest = index.manifest
    pairs = [
        ("Questions", ", ".join(map(str, questions))),
        ("Corpus", f"{manifest.corpus}, {len(manifest.articles)} articles, {manifest.passages} passages"),
        ("Model", manifest.model.name),
        ("Index", f"{index.root}, generation {manifest.generation}"),
    ]
    return (*pairs, ("Baseline", str(baseline))) if baseline else tuple(pairs)


def results_text(results: Iterable[Result]) -> str:
    """Results as JSONL, one line each however lines are counted."""
    return "".join(json.dumps(result, ensure_ascii=False).translate(_LINE_ENDS) + "\n" for result in results)


def write_whole(path: Path, text: str) -> None:
    """Write a file so that it is the old one or the new one, never a part; a device or pipe is written to as it is.

    Half a surrogate pair, which UTF-8 has no bytes for, is written as its escape. Raises `QuotewireError`.
    """
    data = text.encode("utf-8", "backslashreplace")
    path = path.resolve()
    try:
        if path.exists() and not path.is_file():
            path.write_bytes(data)
            return
        write_durably(path, data)
    except OSError as error:
        raise QuotewireError(f"{path}: cannot be written: {error.strerror or error}") from error


def _check_writable(path: Path | None) -> None:
    """Fail before the questions are run, not after."""
    if path and path.is_dir():
        raise QuotewireError(f"{path}: is a folder; name a file to write")
    if path and not path.resolve().parent.is_dir():
        raise QuotewireError(f"{path}: cannot be written: there is no folder {path.parent}")
