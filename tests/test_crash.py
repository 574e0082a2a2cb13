"""Killed at any change of the file system, a build leaves the last good generation, and the next build mends the rest."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from indexer import Embedder, Index, build
from indexer.verify import verify

from .conftest import ROOT


def texts(index: Path) -> dict[str, str]:
    opened = Index.open(index)
    found = {entry.path: opened.record(number).text for number, entry in enumerate(opened.articles)}
    opened.close()
    return found


@pytest.mark.parametrize("embeds, step", [(False, 1), (True, 4)])
def test_killed_at_every_change_of_the_file_system(
    small_corpus: Path, tmp_path: Path, embedder: Embedder, embeds: bool, step: int
) -> None:
    pristine, index = tmp_path / "pristine", tmp_path / "index"
    build(small_corpus, pristine, embedder=embedder)
    old = texts(pristine)
    (small_corpus / "boat.md").rename(small_corpus / "ship.md")
    (small_corpus / "sub" / "pact.txt").unlink()
    if embeds:
        (small_corpus / "lamp.txt").write_text("Lamp news\n\nThe lamp costs 50 euros now.\n", encoding="utf-8")
    whole = tmp_path / "whole"
    build(small_corpus, whole, embedder=embedder)
    new = texts(whole)
    assert old != new
    killed, seen_old, seen_new = 0, 0, 0
    with subprocess.Popen(
        [sys.executable, str(ROOT / "tests" / "crash_build.py")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT,
    ) as builder:  # fmt: skip
        assert builder.stdin is not None and builder.stdout is not None
        for number in range(1, 400, step):
            shutil.rmtree(index, ignore_errors=True)
            shutil.copytree(pristine, index)
            builder.stdin.write(f"{number}\t{small_corpus}\t{index}\n")
            builder.stdin.flush()
            outcome = builder.stdout.readline().strip()
            assert outcome in ("killed", "done"), outcome
            assert verify(index) == [], number
            left = texts(index)
            assert left in (old, new), number
            seen_old, seen_new = seen_old + (left == old), seen_new + (left == new)
            if outcome == "done":
                break
            killed += 1
            if number % 5 == 0:
                build(small_corpus, index, embedder=embedder)
                assert texts(index) == new and verify(index) == []
                assert len(list((index / "generations").iterdir())) == 1
        builder.stdin.close()
    assert left == new and killed >= (20 if step == 1 else 6)
    assert seen_old and seen_new  # the kills fell on both sides of the switch
