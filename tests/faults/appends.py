"""Faults while a verdict is kept in the feedback file, and while an article is put in, taken out or put back."""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from chat.web.feedback_file import keep
from chat.web.library import Library
from chat.web.service import Service
from indexer import QuotewireError

from .builds import mounted, no_room
from .child import Call, calls_that_change, fail_at, kill_at, plain, traced
from .tally import Fault, Report
from .workshop import Workshop, fill

_LINES = b"".join(b'{"id": "a%d", "question": "q", "answer": "%s"}\n' % (n, b"x" * 700) for n in range(9))
_CUT = b'{"id": "a9", "question": "the machi'
_NEW: Mapping[str, Any] = {"id": "new", "question": "q", "answer": "y" * 9000}
_AGAIN: Mapping[str, Any] = {"id": "a4", "question": "q", "answer": "changed"}
_WAYS: dict[str, tuple[bytes, Mapping[str, Any]]] = {
    "first line": (b"", _NEW),
    "line added": (_LINES, _NEW),
    "line in another's place": (_LINES, _AGAIN),
    "line after a cut one": (_LINES + _CUT, _NEW),
}
_NAME, _OTHER = "lamp.txt", "boat.txt"
_OLD = {_NAME: "Lamp news\n\nThe lamp costs 40 euros.\n", _OTHER: "Boat news\n\nThe boat is red.\n"}
_DEAR = b"Lamp news\n\nThe lamp costs 50 euros.\n"


def feedback(shop: Workshop) -> list[Fault]:
    """Killed at each call that changes a file; each of them fails; a full disk."""
    found = []
    for way in _WAYS:
        for call in _calls(
            shop, _keeping(shop.folder / "kept" / "feedback.jsonl", way), lambda way=way: _begin(shop, way)
        ):
            found.append(Fault("SIGKILL, feedback", f"{way}: {call}", _feedback_fault(shop, way, kill_at(call))))
            error = "ENOSPC" if call.name in ("write", "openat", "rename") else "EIO"
            found.append(
                Fault("a call fails, feedback", f"{way}: {call}", _feedback_fault(shop, way, fail_at(call, error)))
            )
    return found


def feedback_on_full_disk(shop: Workshop) -> list[Fault]:
    """The feedback file on a disk without room."""
    with mounted(shop.folder / "disk"):
        pass
    return [
        Fault("disk full, feedback", f"{way}, {free} pages free", _feedback_full(shop, way, free))
        for way in _WAYS
        for free in range(5)
    ]


def articles(shop: Workshop) -> list[Fault]:
    """Killed at each call that changes a file while an article is added, replaced, removed or put back."""
    found, corpus = [], shop.folder / "library"
    for name in _CHANGES:
        for call in _calls(shop, _changing(corpus, name), lambda name=name: _furnish(corpus, name), corpus):
            found.append(Fault("SIGKILL, articles", f"{name}: {call}", _article_fault(shop, name, kill_at(call))))
            error = "EIO" if call.name == "fsync" else "ENOSPC"
            found.append(
                Fault("a call fails, articles", f"{name}: {call}", _article_fault(shop, name, fail_at(call, error)))
            )
    return found


def _calls(
    shop: Workshop, work: Callable[[], int], prepare: Callable[[], object], folder: Path | None = None
) -> list[Call]:
    prepare()
    outcome = traced(work, shop.folder)
    if outcome.status:
        raise RuntimeError(f"fails without a fault: {outcome.said}")
    return calls_that_change(folder or shop.folder / "kept", outcome.calls)


def _said(work: Callable[[], object]) -> Callable[[], int]:
    """As the commands and the routes do it: one line for what a user can mend."""

    def run() -> int:
        try:
            work()
        except (QuotewireError, OSError) as error:
            print(f"error: {error}", flush=True)
            return 2
        return 0

    return run


def _keeping(path: Path, way: str) -> Callable[[], int]:
    def work() -> int:
        try:
            keep(path, _WAYS[way][1])
        except QuotewireError as error:
            print(f"error: {error}", flush=True)
            return 2
        return 0

    return work


def _begin(shop: Workshop, way: str, folder: Path | None = None) -> Path:
    folder = folder or shop.folder / "kept"
    fill(folder, {})
    folder.mkdir(exist_ok=True)
    if _WAYS[way][0]:
        (folder / "feedback.jsonl").write_bytes(_WAYS[way][0])
    return folder / "feedback.jsonl"


def _feedback_fault(shop: Workshop, way: str, inject: str) -> Callable[[Report], None]:
    def run(report: Report) -> None:
        path = _begin(shop, way)
        outcome = traced(_keeping(path, way), shop.folder, inject)
        if outcome.traceback or (not outcome.killed and outcome.status not in (0, 2)):
            report.wrong("tracebacks", outcome.said)
        _check_feedback(path, way, report)

    return run


def _feedback_full(shop: Workshop, way: str, free: int) -> Callable[[Report], None]:
    def run(report: Report) -> None:
        disk = shop.folder / "disk"
        with mounted(disk):
            path = _begin(shop, way, disk / "kept")
            with no_room(disk, free):
                outcome = plain(_keeping(path, way), shop.folder)
            if outcome.traceback or outcome.status not in (0, 2):
                report.wrong("tracebacks", outcome.said)
            elif outcome.status and sum(line.startswith("error: ") for line in outcome.lines) != 1:
                report.wrong("unnamed", outcome.said)
            _check_feedback(path, way, report)

    return run


def _check_feedback(path: Path, way: str, report: Report) -> None:
    """Every earlier line is there byte for byte, and the next verdict is kept, with nothing left beside the file."""
    before = _WAYS[way][0].removesuffix(_CUT).splitlines(keepends=True)
    keep(path, {"id": "next"})
    lines = path.read_bytes().splitlines(keepends=True)
    for line in before:
        if line not in lines and not (way == "line in another's place" and line.startswith(b'{"id": "a4"')):
            report.wrong("feedback", f"{line[:40]!r}")
    if sum(b'"a4"' in line for line in lines) != sum(b'"a4"' in line for line in before):
        report.wrong("feedback", "the line that was to be replaced")
    if not lines[-1].startswith(b'{"id": "next"') or not all(
        line.startswith(b"{") and line.endswith(b"}\n") for line in lines
    ):
        report.wrong("unrepaired", f"{[line[:30] for line in lines]}")
    if sorted(path.parent.iterdir()) != [path]:
        report.wrong("leftovers", f"{sorted(path.parent.iterdir())}")


def _library(corpus: Path) -> Library:
    library = Library(cast(Service, SimpleNamespace(corpus=corpus)))
    library.rebuild = lambda **_: None  # type: ignore[method-assign]  # builds are tried elsewhere
    return library


_CHANGES: dict[str, Callable[[Library], object]] = {
    "added": lambda library: library.add("chair.txt", b"Chair news\n\nThe chair is oak.\n"),
    "replaced": lambda library: library.add(_NAME, _DEAR, replace=True),
    "removed": lambda library: library.remove(_NAME),
    "put back": lambda library: library.put_back(library.removed()[0].name),
}


def _changing(corpus: Path, name: str) -> Callable[[], int]:
    return _said(lambda: _CHANGES[name](_library(corpus)))


def _furnish(corpus: Path, name: str) -> None:
    fill(corpus, _OLD)
    if name == "put back":
        _library(corpus).remove(_NAME)


def _article_fault(shop: Workshop, name: str, inject: str) -> Callable[[Report], None]:
    def run(report: Report) -> None:
        corpus = shop.folder / "library"
        _furnish(corpus, name)
        outcome = traced(_changing(corpus, name), shop.folder, inject)
        if outcome.traceback or (not outcome.killed and outcome.status not in (0, 2)):
            report.wrong("tracebacks", outcome.said)
        _check_articles(corpus, name, report)

    return run


def _check_articles(corpus: Path, name: str, report: Report) -> None:
    """What was there is there, or among the removed, whole; no article in the corpus is a part of one, or empty."""
    kept = [path.read_bytes() for path in corpus.rglob("*.txt")]
    for path, text in _OLD.items():
        if text.encode() not in kept:
            report.wrong("articles", f"{path} is nowhere")
    for path in corpus.glob("*.txt"):
        whole = (text.encode() for text in _OLD.values())
        if path.read_bytes() not in (*whole, _DEAR, b"Chair news\n\nThe chair is oak.\n"):
            report.wrong("articles", f"{path.name} is a part")
    library = _library(corpus)
    if (corpus / _NAME).exists():
        library.remove(_NAME)
    library.put_back(library.removed()[0].name)
    library.add("chair.txt", b"Chair news\n\nThe chair is ash.\n", replace=True)
    if not (corpus / _NAME).exists():
        report.wrong("unrepaired", f"after {name}, an article cannot be put back")
