"""Several at once: builders, one who changes the articles, a server that follows; and a clock that jumps."""

import os
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import indexer.build
from chat.web.service import Service
from indexer import write_durably

from .child import Outcome, ended, let_go, plain, start
from .scenes import Scene
from .tally import Fault, Report
from .workshop import BASE, DEAR, FERRY, Workshop, check_mended, copy, fill, printed

_YEARS = (-30, 40, -1, 12, -56, 0)
_CHANGES = ({**BASE, **DEAR}, {**BASE, **FERRY}, BASE, {**DEAR, **FERRY})


def two_builders(shop: Workshop, scene: Scene, rounds: int = 12) -> list[Fault]:
    """Two builds begin at once, the second a moment later or not."""
    return [
        Fault("two builders at once", f"{scene.name}, {7 * n} ms apart", _two(shop, scene, 0.007 * n))
        for n in range(rounds)
    ]


def changed_meanwhile(shop: Workshop, rounds: int = 20) -> list[Fault]:
    """Articles come, change and go while builds run."""
    return [Fault("articles change during builds", f"seed {n}", _changing(shop, n)) for n in range(rounds)]


def followed(shop: Workshop) -> list[Fault]:
    """A server follows the folder and is asked, while a builder of its own builds after each change."""
    return [Fault("a server follows, a builder builds", "eight changes", lambda report: _follow(shop, report))]


def clocks(shop: Workshop) -> list[Fault]:
    """The clock jumps by years before a build; articles and index files are from a time to come."""
    return [Fault("a clock that jumps", f"{years} years", _clock(shop, years)) for years in _YEARS]


def _two(shop: Workshop, scene: Scene, apart: float) -> Callable[[Report], None]:
    def run(report: Report) -> None:
        index = shop.folder / "index"
        copy(scene.before, index)
        work = shop.command("build", "--corpus", scene.corpus, "--index", index, *(["--full"] if scene.full else []))
        said = [shop.folder / "said-1", shop.folder / "said-2"]
        children = [start(work, path) for path in said]
        for child, go in children:
            let_go(child, go)
            time.sleep(apart)
        outcomes = [ended(child, path) for (child, _), path in zip(children, said, strict=True)]
        if not any(outcome.status == 0 for outcome in outcomes):
            report.wrong("unrepaired", f"neither build succeeds: {outcomes}")
        for outcome in outcomes:
            _check_busy(outcome, report)
        if shop.told_or_fault(index, report) != scene.new:
            report.wrong("answers", "after two builds")
        check_mended(shop, scene.corpus, index, scene.whole, report)

    return run


def _check_busy(outcome: Outcome, report: Report) -> None:
    if outcome.traceback:
        report.wrong("tracebacks", outcome.said)
    elif outcome.status == 2 and (len(outcome.lines) != 1 or "another build" not in outcome.said):
        report.wrong("unnamed", outcome.said)


def _changing(shop: Workshop, seed: int) -> Callable[[Report], None]:
    def run(report: Report) -> None:
        index, corpus, whole = shop.folder / "index", shop.folder / "changing", shop.folder / "changed"
        copy(shop.folder / "first-index", index)
        fill(corpus, BASE)
        chance = random.Random(seed)
        if seed % 2:  # so that the build has to read again what it has read
            for record in (index / "records").glob("*/*"):
                record.write_bytes(b"broken")
        children = []
        for number in range(3):
            said = shop.folder / f"said-{number}"
            children.append((*start(shop.command("build", "--corpus", corpus, "--index", index), said), said))
        for child, go, said in children:
            let_go(child, go)
            while os.waitpid(child, os.WNOHANG) == (0, 0):
                _change(corpus, chance)
                time.sleep(chance.random() * 0.004)
            outcome = Outcome(False, 0, said.read_text(encoding="utf-8", errors="replace") if said.exists() else "")
            if "Traceback" in outcome.said or "error: " in outcome.said:
                report.wrong("tracebacks", outcome.said)
            shop.told_or_fault(index, report)
        fill(corpus, {**BASE, **DEAR})
        copy(Path("none"), whole)
        shop.build(corpus, whole, full=True)
        check_mended(shop, corpus, index, whole, report)

    return run


def _change(corpus: Path, chance: random.Random) -> None:
    path = corpus / chance.choice([*BASE, *FERRY, "ship.md"])
    way = chance.randrange(4)
    if way == 0:
        path.unlink(missing_ok=True)
    elif way == 1 and path.exists():
        path.rename(corpus / chance.choice(["ship.md", "oar.txt", path.name]))
    elif path.parent.exists():
        write_durably(path, f"News {chance.random()}\n\nThe lamp costs {chance.randrange(99)} euros.\n".encode())


def _follow(shop: Workshop, report: Report) -> None:
    index, corpus, whole, stop = (shop.folder / name for name in ("index", "followed", "whole", "stop"))
    copy(shop.folder / "first-index", index)
    fill(corpus, BASE)
    stop.unlink(missing_ok=True)
    said = shop.folder / "said-follower"

    def serve() -> int:
        service = Service(corpus, index, editable=True)
        with service.following():
            while not stop.exists():
                service.assistant.ask("What does the lamp cost?")
        return 0 if service.assistant.index.is_current else 3

    child, go = start(serve, said)
    let_go(child, go)
    for number in range(8):
        time.sleep(0.7)
        for name, text in _CHANGES[number % len(_CHANGES)].items():
            write_durably(corpus / name, text.encode())
        _check_busy(plain(shop.command("build", "--corpus", corpus, "--index", index), shop.folder), report)
    time.sleep(3)
    stop.touch()
    outcome = ended(child, said)
    if outcome.status or "Traceback" in outcome.said:
        report.wrong("tracebacks", f"{outcome.status}: {outcome.said}")
    copy(Path("none"), whole)
    shop.build(corpus, whole, full=True)
    check_mended(shop, corpus, index, whole, report)


def _clock(shop: Workshop, years: int) -> Callable[[Report], None]:
    class Jumped(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return datetime.now(UTC) + timedelta(days=365 * years)

    def run(report: Report) -> None:
        index, corpus, whole = shop.folder / "index", shop.folder / "timed", shop.folder / "timed-whole"
        copy(shop.folder / "first-index", index)
        then = time.time() + 365 * 86400 * years
        for number, contents in enumerate(_CHANGES[:3]):
            fill(corpus, contents)
            for path in (*corpus.rglob("*"), *index.rglob("*")):
                os.utime(path, (max(0, then), max(0, then)))
            indexer.build.datetime = Jumped if number % 2 else datetime  # type: ignore[misc]
            try:
                status, output = printed(shop.command("build", "--corpus", corpus, "--index", index), report)
            finally:
                indexer.build.datetime = datetime  # type: ignore[misc]
            if status:
                report.wrong("unrepaired", output)
            copy(Path("none"), whole)
            shop.build(corpus, whole, full=True)
            if shop.told_or_fault(index, report) != shop.told(whole):
                report.wrong("answers", f"change {number}")
        check_mended(shop, corpus, index, whole, report)

    return run
