"""Yes and no are said only where the sentence says so."""

import pytest

from chat.evidence import question_terms
from chat.question import asks_for
from chat.support import yes_or_no
from chat.types import Question
from indexer import Embedder, Index, build

SENTENCES = [
    "The yard in Bergen will build two ferries for Nordic Lines.",
    "No jobs will be cut at the yard.",
    "Ann Lee, president of Nordic Lines, and Bo Ek, president of the Bergen yard, signed the contract.",
    "The first ferry will sail in May, but the company did not name a price.",
]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Index:
    folder = tmp_path_factory.mktemp("support")
    (folder / "corpus").mkdir()
    (folder / "corpus" / "a.txt").write_text(
        "Ferries for Nordic Lines\n\n" + " ".join(SENTENCES) + "\n", encoding="utf-8"
    )
    build(folder / "corpus", folder / "index", embedder=embedder)
    return Index.open(folder / "index")


@pytest.mark.parametrize(
    "question, sentence, said",
    [
        ("Will the yard build two ferries?", 0, "Yes."),
        ("Will the yard build three ferries?", 0, ""),
        ("Will the yard build 2 submarines?", 0, ""),
        ("Will jobs be cut at the yard?", 1, "No."),
        ("Will no jobs be cut at the yard?", 1, "Yes."),
        ("Is Ann Lee president of Nordic Lines?", 2, "Yes."),
        ("Is Ann Lee president of the Bergen yard?", 2, ""),
        ("Will the first ferry sail in May?", 3, ""),
        ("What will the yard build?", 0, ""),
    ],
)
def test_yes_or_no(index: Index, question: str, sentence: int, said: str) -> None:
    asked = Question(question, question, asks_for(question))
    terms = question_terms(index, question)
    assert yes_or_no(asked, terms, index.record(0), sentence + 1, index.articles[0].title) == said
