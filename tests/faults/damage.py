"""Each file of an index damaged: named in one line, never a wrong answer, the running server goes on, a build mends it."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from indexer import Index, IndexDamaged, IndexMissing
from indexer.generation import current_name

from .tally import Fault, Report
from .workshop import BASE, DEAR, FERRY, QUESTIONS, Workshop, check_mended, copy, fill, printed

# What a lock holds is of no use once the build has ended; white space may follow the name of the current generation.
_HARMLESS = ("build.lock", "CURRENT")


def damages(shop: Workshop) -> list[Fault]:
    """Every damage to every file, and a generation and its pointer in the place of others."""
    folder = shop.folder / "damage"
    corpus, older, sound = folder / "corpus", folder / "older", folder / "sound"
    fill(corpus, {**BASE, **FERRY})
    shop.build(corpus, older)
    copy(older, sound)
    fill(corpus, {**BASE, **DEAR})
    shop.build(corpus, sound)
    found = []
    for path in sorted(path.relative_to(sound) for path in sound.rglob("*") if path.is_file()):
        for name, damage in _DAMAGES.items():
            found.append(Fault("a file damaged", f"{path}: {name}", _damaged(shop, sound, path, damage)))
        other = _counterpart(older, sound, path)
        if other:
            swap = _swapped(other)
            found.append(
                Fault(
                    "a file of an older generation",
                    f"{path} from {other.relative_to(older)}",
                    _damaged(shop, sound, path, swap),
                )
            )
    generations = Path("generations", str(current_name(sound)))
    segments = sorted(path.relative_to(sound) for path in (sound / "segments").iterdir())
    for path in (generations, *segments, Path("segments"), Path("generations"), Path("records"), Path("models")):
        found.append(Fault("a folder removed", str(path), _damaged(shop, sound, path, shutil.rmtree)))
    swap = _swapped(older / "generations" / str(current_name(older)))
    found.append(Fault("a file of an older generation", "all of them", _damaged(shop, sound, generations, swap)))
    return found


def _flipped(at: Callable[[int], int]) -> Callable[[Path], None]:
    def flip(path: Path) -> None:
        data = bytearray(path.read_bytes())
        if data:
            data[at(len(data))] ^= 1 << (at(len(data)) % 7)
        path.write_bytes(bytes(data))

    return flip


_DAMAGES: dict[str, Callable[[Path], None]] = {
    "truncated": lambda path: path.write_bytes(path.read_bytes()[:-7]) and None,
    "cut in half": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]) and None,
    "emptied": lambda path: path.write_bytes(b"") and None,
    "a bit flipped in its beginning": _flipped(lambda size: min(3, size - 1)),
    "a bit flipped in its middle": _flipped(lambda size: size // 2),
    "a bit flipped in its end": _flipped(lambda size: size - 1),
    "overwritten": lambda path: path.write_bytes(os.urandom(max(1, path.stat().st_size))) and None,
    "zeros": lambda path: path.write_bytes(bytes(max(1, path.stat().st_size))) and None,
    "removed": Path.unlink,
}


def _swapped(other: Path) -> Callable[[Path], None]:
    def swap(path: Path) -> None:
        if path.is_dir():
            shutil.rmtree(path)
            shutil.copytree(other, path)
        else:
            shutil.copy(other, path)

    return swap


def _counterpart(older: Path, sound: Path, path: Path) -> Path | None:
    """The file of the older generation that has the same part in it; another article's record for a record."""
    if path.parts[0] == "generations":
        return older / "generations" / str(current_name(older)) / Path(*path.parts[2:])
    if path.parts[0] == "segments":
        return sorted(older.glob(f"segments/*/{path.name}"))[0]
    if path.parts[0] == "records":
        others = [p for p in sorted(older.glob("records/*/*")) if p.name != path.name]
        return others[0]
    return older / path if path.name == "CURRENT" else None


def _damaged(shop: Workshop, sound: Path, path: Path, damage: Callable[[Path], object]) -> Callable[[Report], None]:
    def run(report: Report) -> None:
        index, corpus = shop.folder / "index", sound.parent / "corpus"
        copy(sound, index)
        expected = shop.told_before(sound)
        running = Index.open(index)
        shop.ask(running, QUESTIONS[0])
        damage(index / path)
        _check_running(shop, running, sound, report)
        _check_named(shop, index, path, expected, report)
        running.close()
        check_mended(shop, corpus, index, sound, report)

    return run


def _check_running(shop: Workshop, running: Index, sound: Path, report: Report) -> None:
    """One that has loaded the generation answers as before, or says in a line what is wrong with an article's record."""
    intact = Index.open(sound)
    for question in QUESTIONS:
        try:
            if shop.ask(running, question) != shop.ask(intact, question):
                report.wrong("answers", f"running: {question}")
        except (IndexDamaged, IndexMissing) as fault:
            if "\n" in str(fault):
                report.wrong("unnamed", str(fault))
            if "records" not in str(fault):
                report.wrong("generations", f"running: {fault}")
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a traceback for a user
            report.wrong("tracebacks", f"running: {type(error).__name__}: {error}")
    intact.close()


def _check_named(shop: Workshop, index: Path, path: Path, expected: tuple[object, ...], report: Report) -> None:
    """Opened anew it answers as before, or says what is wrong; the commands name the damage."""
    said = shop.told_or_fault(index, report)
    if isinstance(said, tuple) and said != expected:
        report.wrong("answers", "opened anew")
    status, output = printed(shop.command("verify", "--index", index), report)
    printed(shop.command("status", "--index", index), report)
    no_model = path.parts[0] == "models" and not (index / path).exists()  # the embedding model does instead
    harmless = path.name in _HARMLESS or no_model
    if status == 0 and not (harmless and said == expected):
        report.wrong("unnamed", f"verify finds nothing; opened anew it says {said}")
    if status and path.name not in output and str(index) not in output:
        report.wrong("unnamed", f"verify does not name it: {output}")
    if status == 2 and output.count("\n") != 1:
        report.wrong("unnamed", output)
