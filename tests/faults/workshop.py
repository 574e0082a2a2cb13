"""What the faults are tried on: corpora, indexes, the commands, and how to tell whether an index is what it should be."""

import io
import logging
import os
import shutil
from collections.abc import Callable, Mapping
from contextlib import redirect_stderr, redirect_stdout
from functools import partial
from pathlib import Path

import numpy as np

import indexer.__main__
import indexer.growth
from chat.assistant import Assistant
from indexer import Embedder, Index, IndexDamaged, IndexMissing, build
from indexer.generation import current_name
from indexer.store import made_from
from indexer.verify import verify

from .tally import Report

LAMP = "Lamp news\n\nOrtho Lights sells a new lamp. The lamp costs {} euros in Oslo.\n"
BASE = {
    "boat.md": "# Boat news\n\nThe Skarvik yard built a red boat in 2024. The boat costs 900 euros.\n",
    "chair.txt": "Chair news\n\nThe chair of Tessarine Works costs 70 euros. It is made of oak.\n",
    "lamp.txt": LAMP.format(40),
    "sub/desk.txt": "Desk news\n\nThe desk of Tessarine Works costs 310 euros. It is made of ash.\n",
}
FERRY = {"ferry.txt": "Ferry news\n\nThe ferry to Vestrehavn leaves at nine. A ticket costs 12 euros.\n"}
DEAR = {"lamp.txt": LAMP.format(50)}
QUESTIONS = ("What does the lamp cost?", "What does the boat cost?", "Who makes the chair of oak?")
Contents = Mapping[str, str]


def fill(corpus: Path, contents: Contents) -> None:
    """Make the folder hold these articles and nothing else."""
    shutil.rmtree(corpus, ignore_errors=True)
    for name, text in contents.items():
        path = corpus / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


class Workshop:
    """The loaded models, and a folder to work in."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.embedder = folder, Embedder()
        indexer.growth._FLOOR = 2  # so that these few passages lie in several segments
        self.embedder.warm_up()
        fill(folder / "first", BASE)
        self.build(folder / "first", folder / "first-index")
        self.assistant = Assistant(folder / "first-index")
        self._at_rest = self.assistant._index
        self._at_rest.close()
        self._told: dict[tuple[Path, str | None], tuple[object, ...]] = {}
        logging.getLogger().addHandler(logging.lastResort)  # type: ignore[arg-type]  # on what standard error then is
        # The commands as they are, but for the model, which is loaded already.
        indexer.__main__.build = partial(build, embedder=self.embedder)  # type: ignore[assignment]

    def build(self, corpus: Path, index: Path, *, full: bool = False) -> None:
        build(corpus, index, full=full, embedder=self.embedder)

    def command(self, *arguments: object) -> Callable[[], int]:
        """An indexer command, to be run in a child."""
        return lambda: indexer.__main__.main([str(argument) for argument in arguments])

    def ask(self, index: Index, question: str) -> tuple[object, ...]:
        """What is answered from an index, but for figures that may differ in their last digits."""
        self.assistant._index, self.assistant._root = index, index.root
        answer = self.assistant.ask(question)
        self.assistant._index = self._at_rest
        quotes = [(quote.article, quote.span.start, quote.span.end, quote.text) for quote in answer.quotes]
        return (question, answer.kind, answer.lead, *quotes)

    def told(self, index: Path) -> tuple[object, ...]:
        """All that the index says: its articles and the answers. Raises what `Index.open` raises."""
        opened = Index.open(index)
        try:
            entries = [(entry.path, entry.title, entry.content_hash) for entry in opened.articles]
            return (*entries, *(self.ask(opened, question) for question in QUESTIONS))
        finally:
            opened.close()

    def told_before(self, index: Path) -> tuple[object, ...]:
        """What an index says that nothing has been done to; asked once."""
        key = (index, current_name(index))
        if key not in self._told:
            self._told[key] = self.told(index)
        return self._told[key]

    def told_or_fault(self, index: Path, report: Report) -> tuple[object, ...] | str:
        """What the index says, or the one line that it cannot be read."""
        try:
            return self.told(index)
        except (IndexDamaged, IndexMissing) as fault:
            if "\n" in str(fault) or "python -m indexer" not in str(fault):
                report.wrong("unnamed", str(fault))
            return str(fault)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a traceback for a user
            report.wrong("tracebacks", f"{type(error).__name__}: {error}")
            return ""


def printed(work: Callable[[], int], report: Report) -> tuple[int, str]:
    """The status and the output of a command in this process."""
    output = io.StringIO()
    try:
        with redirect_stdout(output), redirect_stderr(output):
            return work(), output.getvalue()
    except Exception as error:  # noqa: BLE001 - as above
        report.wrong("tracebacks", f"{type(error).__name__}: {error}")
        return -1, ""


def check_equal(index: Path, whole: Path, report: Report) -> None:
    """The index is what a full build makes: the same articles, texts, offsets, terms, and vectors but for the last bits."""
    one, two = Index.open(index), Index.open(whole)
    try:
        for number, (a, b) in enumerate(zip(one.articles, two.articles, strict=True)):
            left, right = one.record(number), two.record(number)
            same = (a.path, a.title, a.date, a.content_hash, made_from(a.record)) == (
                b.path, b.title, b.date, b.content_hash, made_from(b.record)
            )  # fmt: skip
            same = same and left.text == right.text and left.terms.vocabulary == right.terms.vocabulary
            for name in ("sentence_rows", "passage_rows"):
                same = same and np.array_equal(getattr(left, name), getattr(right, name))
            for name, most in (("passage_vectors", 3e-4), ("sentence_vectors", 5e-3)):  # a step of each
                same = same and np.allclose(getattr(left, name), getattr(right, name), atol=most)
            if not same:
                report.wrong("unrepaired", f"{a.path} is not what a full build makes of it")
        if one.terms.vocabulary != two.terms.vocabulary or one.manifest.fingerprint != two.manifest.fingerprint:
            report.wrong("unrepaired", "the terms are not those of a full build")
    except ValueError:
        paths = [entry.path for entry in two.articles], [entry.path for entry in one.articles]
        report.wrong("articles", f"expected {paths[0]}, found {paths[1]}")
    finally:
        one.close()
        two.close()


def check_files(index: Path, report: Report) -> None:
    """No file is below the index but those that its one generation names."""
    opened = Index.open(index)
    opened.close()
    folder = Path("generations", opened.manifest.generation)
    wanted = {Path("CURRENT"), Path("build.lock"), folder / "manifest.json"}
    for segment in opened.manifest.segments:
        wanted |= {Path("segments", segment.name, name) for name in (*segment.files, "seen")}
    wanted |= {Path("records", entry.record[:2], entry.record) for entry in opened.articles}
    wanted |= {path.relative_to(index) for path in sorted(index.glob("models/*.zip"))[:1]}
    there = {path.relative_to(index) for path in index.rglob("*") if not path.is_dir()}
    if there != wanted:
        report.wrong("leftovers", f"too many: {sorted(there - wanted)}, missing: {sorted(wanted - there)}")


def check_mended(shop: Workshop, corpus: Path, index: Path, whole: Path, report: Report) -> None:
    """The next build succeeds, and its index is that of a full one, with nothing beside it."""
    status, output = printed(shop.command("build", "--corpus", corpus, "--index", index), report)
    if status != 0:
        report.wrong("unrepaired", f"the next build ends with {status}: {output}")
        return
    faults = verify(index)
    if faults:
        report.wrong("unrepaired", "; ".join(faults))
        return
    if shop.told(index) != shop.told_before(whole):
        report.wrong("answers", "after the next build")
    check_equal(index, whole, report)
    check_files(index, report)


def copy(source: Path, target: Path) -> None:
    """Make `target` a copy of `source`; where it is none, nothing is there."""
    shutil.rmtree(target, ignore_errors=True)
    if source.exists():
        shutil.copytree(source, target)
    for parent, _, names in os.walk(target):
        for name in names:
            os.utime(Path(parent, name))
