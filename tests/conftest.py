"""What several test files share."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def announcement_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The index of the shipped corpus."""
    from indexer import build

    place = tmp_path_factory.mktemp("announcement") / "index"
    build(ROOT / "corpus", place)
    return place
