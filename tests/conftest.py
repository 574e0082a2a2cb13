"""Shared by the tests: the real model, loaded once, and indexes that are built once."""

import shutil
from pathlib import Path

import pytest

from indexer import Embedder, build

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    """The default model, loaded."""
    loaded = Embedder()
    loaded.warm_up()
    return loaded


@pytest.fixture(scope="session")
def announcement_index(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Path:
    """An index of the shipped corpus."""
    index = tmp_path_factory.mktemp("announcement") / "index"
    build(ROOT / "corpus", index, embedder=embedder)
    return index


@pytest.fixture(scope="session")
def corpus_index(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Path:
    """An index of `tests/corpus`."""
    index = tmp_path_factory.mktemp("corpus") / "index"
    build(ROOT / "tests" / "corpus", index, embedder=embedder)
    return index


@pytest.fixture
def small_corpus(tmp_path: Path) -> Path:
    """A folder with three short articles of its own, to change at will."""
    corpus = tmp_path / "corpus"
    (corpus / "sub").mkdir(parents=True)
    (corpus / "lamp.txt").write_text(
        "Lamp news\n\nOrtho Lights sells a new lamp. It costs 40 euros.\n", encoding="utf-8"
    )
    (corpus / "boat.md").write_text("# Boat news\n\nThe yard built a boat in 2024. It is red.\n", encoding="utf-8")
    shutil.copy(ROOT / "corpus" / "saic-bmw-and-baidu-strategic-partnership.txt", corpus / "sub" / "pact.txt")
    return corpus
