"""Questions that one sentence cannot answer: two things side by side, an article in short; and the risk that is taken."""

from pathlib import Path

import pytest

from chat.assistant import Assistant
from chat.comparison import are_told_together, parts
from chat.decision import load_weights
from chat.reader import WEIGHTS, opened_reader
from chat.summary import NEWEST
from chat.types import Risk
from indexer import Embedder, build


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("What did Acme and Borealis say about prices?",
         ["What did Acme say about prices?", "What did Borealis say about prices?"]),
        ("Was Acme's revenue higher than Borealis's?", ["Was Acme's revenue higher?", "Was Borealis's revenue higher?"]),
        ("Which is larger, Skarvik Ferries or Harrowmere Foods?",
         ["Which is larger, Skarvik Ferries?", "Which is larger, Harrowmere Foods?"]),
        ("Who signed for Baidu?", []),
        ("What did Ada Lund say about Corvane?", []),
        ("Who leads Johnson and Johnson?", []),
    ],
)  # fmt: skip
def test_two_names_that_are_joined_are_asked_about_each(question, asked):
    assert [part for _, part in parts(question)] == asked


def test_what_one_passage_tells_of_both_is_told_together():
    assert not are_told_together(["Acme", "Borealis"], ["Acme opened.", "Borealis closed."])
    assert are_told_together(["Acme", "Borealis"], ["Acme and Borealis signed on Monday."])


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Path:
    folder = tmp_path_factory.mktemp("two")
    corpus = folder / "corpus"
    corpus.mkdir()
    (corpus / "corvane.txt").write_text(
        "Corvane Mills reports on 2025\n\nDerby, 3 March 2026\n\nRevenue of Corvane Mills was 41 million euros in 2025. "
        "It is more than the company had expected.\n\nThe mill in Derby was rebuilt.\n",
        encoding="utf-8",
    )
    (corpus / "tolland.txt").write_text(
        "Tolland Glass reports on 2025\n\nHull, 9 February 2026\n\nRevenue of Tolland Glass was 38 million euros in 2025. "
        "The furnace was repaired in June.\n",
        encoding="utf-8",
    )
    build(corpus, folder / "index", embedder=embedder)
    return folder / "index"


def test_a_comparison_is_answered_with_a_quote_of_each_article(two: Path):
    answer = Assistant(two).ask("Was the revenue of Corvane Mills higher than that of Tolland Glass in 2025?")
    quoted = " ".join(quote.text for quote in answer.quotes)
    assert not answer.abstained and "41 million" in quoted and "38 million" in quoted
    assert {quote.article for quote in answer.quotes} == {"corvane.txt", "tolland.txt"}


def test_a_comparison_with_what_no_article_tells_of_is_not_half_answered_as_one(two: Path):
    answer = Assistant(two).ask("Was the revenue of Corvane Mills higher than that of Wexmoor Timber in 2025?")
    assert all("Tolland" not in quote.text for quote in answer.quotes)


def test_an_article_in_short_is_its_own_opening(two: Path):
    assistant = Assistant(two)
    named = assistant.ask("Summarise the report of Tolland Glass")
    assert "38 million" in named.quotes[0].text and {quote.article for quote in named.quotes} == {"tolland.txt"}
    newest = assistant.ask("What is the announcement about?")
    assert newest.lead == NEWEST and {quote.article for quote in newest.quotes} == {"corvane.txt"}
    assert assistant.ask("Summarise the lawsuit of Wexmoor Timber against Ketterby").abstained


def test_risks_are_thresholds_in_their_order(two: Path):
    weights = load_weights()
    for read in (True, False):
        careful, balanced, bold = (weights.threshold(risk, read=read) for risk in Risk)
        assert careful > balanced > bold
    asked = "How many people does Corvane Mills employ?"
    kinds = [Assistant(two, risk=risk).ask(asked).abstained for risk in Risk]
    assert kinds == sorted(kinds, reverse=True)  # what a bolder one leaves unsaid, no more careful one says


def test_without_its_weights_the_reader_is_left_out_with_a_word(tmp_path, caplog, two, monkeypatch):
    assert opened_reader(load_weights().reader) is not None and not caplog.records
    assert opened_reader(load_weights().reader, tmp_path / "gone.safetensors") is None
    assert "are missing" in caplog.text
    (tmp_path / "other.safetensors").write_bytes(WEIGHTS.read_bytes()[:-1] + b"\0")
    assert opened_reader(load_weights().reader, tmp_path / "other.safetensors") is None
    assert "install Quotewire again" in caplog.text
    with monkeypatch.context() as without:
        without.setattr("chat.reader.GRAPH", tmp_path / "gone.onnx")
        assert opened_reader(load_weights().reader) is None and "their graph" in caplog.text
    monkeypatch.setattr("chat.assistant.opened_reader", lambda digest: None)
    answer = Assistant(two).ask("What was the revenue of Corvane Mills in 2025?")
    assert "41 million" in answer.quotes[0].text
