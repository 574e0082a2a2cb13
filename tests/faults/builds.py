"""Faults in builds: killed at every call that changes a file, a call that fails, a full disk, a disk to read from."""

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from indexer.verify import verify

from .child import Call, Outcome, calls_that_change, fail_at, kill_at, plain, traced
from .scenes import Scene
from .tally import Fault, Report
from .workshop import Workshop, check_mended, copy, printed

_PAGE = 4096
_ERRORS = {"fsync": "EIO", "unlink": "EIO", "unlinkat": "EIO", "rmdir": "EIO", "ftruncate": "EIO"}


def kills(shop: Workshop, scene: Scene) -> list[Fault]:
    """SIGKILL before each call of the scene's build that changes a file."""
    return [Fault(f"SIGKILL, {scene.name}", str(call), _killed(shop, scene, call)) for call in _calls(shop, scene)]


def failing_calls(shop: Workshop, scene: Scene) -> list[Fault]:
    """Each call of the scene's build that changes a file fails once: no space left, or an error of the disk."""
    found = []
    for call in _calls(shop, scene):
        error = _ERRORS.get(call.name, "ENOSPC")
        found.append(Fault(f"a call fails, {scene.name}", f"{error} at {call}", _failed(shop, scene, call, error)))
    return found


def full_disks(shop: Workshop, scene: Scene) -> list[Fault]:
    """The scene's build on a disk of its own with no room but for so many pages, until there is enough."""
    disk = shop.folder / "disk"
    with mounted(disk):
        pass
    there = {path.relative_to(scene.before) for path in scene.before.rglob("*")}
    new = [path for path in scene.whole.rglob("*") if path.is_file() and path.relative_to(scene.whole) not in there]
    enough = sum(-(-path.stat().st_size // _PAGE) for path in new) + 3
    kind = f"disk full, {scene.name}"
    return [Fault(kind, f"{free} pages free", _full(shop, scene, free)) for free in range(enough)]


def read_only(shop: Workshop, scene: Scene) -> list[Fault]:
    """What needs no writing works on an index that cannot be written; a build ends with one line."""
    commands = ("ask", "verify", "status", "build", "build --full")
    return [
        Fault("read-only index", f"{command}, {scene.name}", _unwritable(shop, scene, command)) for command in commands
    ]


def kills_in_a_row(shop: Workshop, scene: Scene, count: int = 50) -> list[Fault]:
    """Builds killed one after the other at changing places, none made good between: what they leave does not pile up."""
    calls = _calls(shop, scene)

    def run(report: Report) -> None:
        index = shop.folder / "index"
        copy(scene.before, index)
        for number in range(count):
            call = calls[number * 7 % len(calls)]
            outcome = traced(_build(shop, scene, index, full=number % 2 == 1), shop.folder, kill_at(call))
            if outcome.traceback:
                report.wrong("tracebacks", outcome.said)
            if shop.told_or_fault(index, report) not in (scene.old, scene.new):
                report.wrong("generations", f"after {number + 1} kills")
        check_mended(shop, scene.corpus, index, scene.whole, report)

    return [Fault(f"{count} kills in a row", scene.name, run)]


@contextmanager
def mounted(folder: Path, size: str = "16m") -> Iterator[None]:
    """A small disk at `folder`. Raises `CalledProcessError` where mounting is not allowed."""
    folder.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", folder], check=True, capture_output=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


@contextmanager
def only_to_read(folder: Path) -> Iterator[None]:
    """The folder cannot be written, not even by root."""
    subprocess.run(["mount", "--bind", folder, folder], check=True, capture_output=True)
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", folder], check=True, capture_output=True)
        yield
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


@contextmanager
def no_room(disk: Path, pages: int) -> Iterator[None]:
    """So many pages are left on the disk."""
    ballast = disk / "ballast"
    free = os.statvfs(disk).f_bavail
    with ballast.open("wb") as stream:
        os.posix_fallocate(stream.fileno(), 0, (free - pages) * _PAGE)
    try:
        yield
    finally:
        ballast.unlink()


def _build(shop: Workshop, scene: Scene, index: Path, *, full: bool = False) -> Callable[[], int]:
    more = ["--full"] if scene.full or full else []
    return shop.command("build", "--corpus", scene.corpus, "--index", index, *more)


def _calls(shop: Workshop, scene: Scene) -> list[Call]:
    index = shop.folder / "index"
    copy(scene.before, index)
    outcome = traced(_build(shop, scene, index), shop.folder)
    if outcome.status:
        raise RuntimeError(f"{scene.name} fails without a fault: {outcome.said}")
    return calls_that_change(index, outcome.calls)


def _killed(shop: Workshop, scene: Scene, call: Call) -> Callable[[Report], None]:
    def run(report: Report) -> None:
        index = shop.folder / "index"
        copy(scene.before, index)
        outcome = traced(_build(shop, scene, index), shop.folder, kill_at(call))
        if not outcome.killed:
            report.missed()
        if outcome.traceback:
            report.wrong("tracebacks", outcome.said)
        _check_old_or_new(shop, scene, index, report)
        check_mended(shop, scene.corpus, index, scene.whole, report)

    return run


def _failed(shop: Workshop, scene: Scene, call: Call, error: str) -> Callable[[Report], None]:
    def run(report: Report) -> None:
        index = shop.folder / "index"
        copy(scene.before, index)
        outcome = traced(_build(shop, scene, index), shop.folder, fail_at(call, error))
        _check_one_line(outcome, report, may_succeed=False)
        _check_old_or_new(shop, scene, index, report)
        check_mended(shop, scene.corpus, index, scene.whole, report)

    return run


def _full(shop: Workshop, scene: Scene, free: int) -> Callable[[Report], None]:
    def run(report: Report) -> None:
        disk = shop.folder / "disk"
        index = disk / "index"
        with mounted(disk):
            copy(scene.before, index)
            with no_room(disk, free):
                outcome = plain(_build(shop, scene, index), shop.folder)
                _check_one_line(outcome, report, may_succeed=free > 0)
                _check_old_or_new(shop, scene, index, report)
                if outcome.status:
                    parts = [path for path in index.rglob("*") if path.name.endswith(".part")]
                    unfinished = [p for p in index.glob("generations/*") if not (p / "manifest.json").exists()]
                    there = {path.name for path in scene.before.glob("segments/*")}
                    unfinished += [path for path in index.glob("segments/*") if path.name not in there]
                    if parts or unfinished:
                        report.wrong("leftovers", f"{parts} {unfinished}")
            check_mended(shop, scene.corpus, index, scene.whole, report)

    return run


def _unwritable(shop: Workshop, scene: Scene, command: str) -> Callable[[Report], None]:
    def run(report: Report) -> None:
        index = shop.folder / "index"
        copy(scene.before, index)
        with only_to_read(index):
            if command == "ask":
                _check_old_or_new(shop, scene, index, report)
            elif command.startswith("build"):
                _check_one_line(
                    plain(_build(shop, scene, index, full="--full" in command), shop.folder), report, may_succeed=False
                )
                _check_old_or_new(shop, scene, index, report)
            else:
                status, output = printed(shop.command(command, "--index", index), report)
                if status:
                    report.wrong("unnamed", f"{command} ends with {status}: {output}")
        check_mended(shop, scene.corpus, index, scene.whole, report)

    return run


def _check_one_line(outcome: Outcome, report: Report, *, may_succeed: bool) -> None:
    if outcome.traceback or outcome.killed:
        report.wrong("tracebacks", outcome.said)
    elif outcome.status == 0 and may_succeed:
        return
    elif outcome.status != 2 or len(outcome.lines) != 1 or not outcome.lines[0].startswith("error: "):
        report.wrong("unnamed", f"status {outcome.status}: {outcome.said!r}")


def _check_old_or_new(shop: Workshop, scene: Scene, index: Path, report: Report) -> None:
    """The last good generation answers, or the new one; where there was none, a line says so."""
    said = shop.told_or_fault(index, report)
    if isinstance(said, str):
        if scene.old is not None:
            report.wrong("generations", said)
        return
    if said not in (scene.old, scene.new):
        report.wrong("answers", "neither those of the generation before nor of the new one")
    faults = verify(index)
    if faults:
        report.wrong("generations", "; ".join(faults))
