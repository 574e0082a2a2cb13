"""`python -m chat ask` as people script against it."""

import json
import subprocess
import sys
from pathlib import Path

from .conftest import ROOT


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "chat", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, cwd=ROOT)


def test_ask_prints_the_answer_object(announcement_index: Path) -> None:
    done = run("ask", "Who is the president of Baidu?", "--json", "--index", str(announcement_index))
    assert done.returncode == 0 and "Traceback" not in done.stderr
    answer = json.loads(done.stdout)
    text = (ROOT / "corpus" / "saic-bmw-and-baidu-strategic-partnership.txt").read_bytes().decode()
    assert answer["quotes"] and all(text[q["start"] : q["end"]] == q["text"] for q in answer["quotes"])


def test_ask_builds_a_missing_index_and_answers_in_words(small_corpus: Path, tmp_path: Path) -> None:
    index = tmp_path / "index"
    done = run("ask", "What does the lamp cost?", "--corpus", str(small_corpus), "--index", str(index))
    assert done.returncode == 0 and "40 euros" in done.stdout and "lamp.txt" in done.stdout


def test_errors_are_one_line(tmp_path: Path) -> None:
    done = run("ask", "x?", "--corpus", str(tmp_path / "none"), "--index", str(tmp_path / "index"))
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.startswith("error: no folder") and done.stderr.count("\n") == 1


def test_an_index_that_cannot_be_written_is_one_line(small_corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")
    done = run("ask", "x?", "--corpus", str(small_corpus), "--index", str(tmp_path / "file" / "index"))
    assert done.returncode == 2 and done.stderr.startswith("error: ") and "Traceback" not in done.stderr
