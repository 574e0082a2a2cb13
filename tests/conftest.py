"""Shared by the tests: the real model, loaded once, and indexes that are built once."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from indexer import Embedder, build
from tests.browser import FLAGS, LANTERN, ROOT, chromium_or_skip, pages, serving


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


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """A server on a copy of the corpus, shared by the tests that leave its articles as they were."""
    folder = tmp_path_factory.mktemp("page")
    corpus = folder / "corpus"
    shutil.copytree(ROOT / "corpus", corpus)
    (corpus / "lantern.txt").write_text(LANTERN, encoding="utf-8")
    with serving(folder, corpus) as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium."""
    path = chromium_or_skip()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield found
        found.close()


@pytest.fixture
def open_page(server: SimpleNamespace, browser: Any) -> Iterator[Callable[..., Any]]:
    """Opens pages of `server`; see `pages`."""
    with pages(browser, server.url) as opened:
        yield opened
