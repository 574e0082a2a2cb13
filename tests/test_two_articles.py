"""Questions that one sentence cannot answer: two things side by side, one that another article tells of, one in short.

And the risk that is taken.
"""

from pathlib import Path

import pytest

from chat.assistant import Assistant
from chat.bridge import described, named
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
        ("How did the price of coal change between 2024 and 2025?",
         ["What was the price of coal in 2024?", "What was the price of coal in 2025?"]),
        ("Between March and June, by how much did its price rise?", ["What was its price in March?", "What was its price in June?"]),
        ("By how much did the price rise in Leeds between March and June?",
         ["What was the price in Leeds in March?", "What was the price in Leeds in June?"]),
        ("What changed in the fare between the first and the second quarter of 2025?",
         ["What was the fare in the first quarter of 2025?", "What was the fare in the second quarter of 2025?"]),
        ("How did Acme's fare change from the first quarter to the second quarter of 2025?",
         ["What was Acme's fare in the first quarter of 2025?", "What was Acme's fare in the second quarter of 2025?"]),
        ("How did the fare change between 2024 and the first quarter of 2025?",
         ["What was the fare in 2024?", "What was the fare in the first quarter of 2025?"]),
        ("How many mills were built between 1990 and 1995?", []),
        ("How much did Acme grow between 2024 and 2025?", []),
        ("How did the company assess risk between 2024 and 2025?", []),
        ("What did Acme and Borealis say about prices from March to June?",
         ["What did Acme say about prices from March to June?", "What did Borealis say about prices from March to June?"]),
        ("Who signed for Baidu?", []),
        ("What did Ada Lund say about Corvane?", []),
        ("Who leads Johnson and Johnson?", []),
    ],
)  # fmt: skip
def test_two_names_that_are_joined_are_asked_about_each(question, asked):
    assert [part for _, part in parts(question)] == asked


@pytest.mark.parametrize(
    ("question", "which", "itself"),
    [
        ("Who leads the company that bought Corvane Mills?", "Which company bought Corvane Mills?", "Who leads Arden?"),
        ("Who is the head of the company that bought Corvane Mills?", "Which company bought Corvane Mills?",
         "Who is the head of Arden?"),
        ("What does the firm which bought Corvane Mills make?", "Which firm bought Corvane Mills make?",
         "What does Arden make?"),
        ("When will the firm that bought Corvane Mills pay its dividend?",
         "Which firm bought Corvane Mills pay its dividend?", "When will Arden pay its dividend?"),
        ("Where is the firm that owns a quarry based?", "Which firm owns a quarry based?", ""),
        ("When did the firm that bought Corvane Mills on Monday?", "Which firm bought Corvane Mills on Monday?", ""),
    ],
)  # fmt: skip
def test_a_description_is_asked_for_its_name_and_gives_place_to_it(question, which, itself):
    thing = described(question)
    assert thing and thing.asks_which == which
    assert thing.with_name("Arden", "Arden bought Corvane Mills on Monday.") == itself


@pytest.mark.parametrize(
    "question",
    [
        "Who leads Corvane Mills?",
        "What was said on the day that the mill closed?",
        "Is the head of the company that bought Corvane Mills married?",
        "When did the head of the company that bought Corvane Mills resign?",
        "What did the founder of the company that bought Corvane Mills say about bread?",
        "What is the name of the company that bought Corvane Mills?",
        "Does the announcement say who signed the memorandum?",
        "Who said on the radio that the mill would close?",
        "Who are the executives who attended the ceremony?",
        "Was Ada Lund the woman who founded Arden Group?",
        "Who works for the company that owns it?",
        "Name everybody from the two sides who is mentioned.",
    ],
)
def test_what_names_what_it_asks_about_or_may_do_so_describes_nothing(question):
    assert described(question) is None


@pytest.mark.parametrize(
    ("sentence", "name"),
    [
        ("In March Arden Group bought Corvane Mills from Tolland Glass.", "Arden Group"),
        ("Arden Group, a miller in Leeds, has bought Corvane Mills from Tolland Glass.", "Arden Group"),
        ("Revenue grew after Arden bought Corvane Mills in June.", "Arden"),
        ("Corvane Group bought Corvane Mills from Tolland Glass.", "Corvane Group"),
        ("Corvane Mills was acquired by Arden Group.", "Arden Group"),
        ("Corvane Mills was acquired by Arden Group from Tolland Glass.", ""),
        ("Marta Velling said the firm bought Corvane Mills.", ""),
    ],
)
def test_a_described_thing_bears_the_name_that_does_what_is_told(sentence, name):
    question = "Who leads the company that bought Corvane Mills?"
    thing = described(question)
    assert thing and named(thing, question, sentence) == name


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
        "The furnace was repaired in June. The logo of Tolland Glass was designed by Tom Hall.\n",
        encoding="utf-8",
    )
    (corpus / "arden.txt").write_text(
        "Arden Group grows in the north\n\nLeeds, 5 January 2026\n\nArden Group bought Corvane Mills from Tolland Glass. "
        "In January, 310 euros were the price of a ton of flour.\n",
        encoding="utf-8",
    )
    (corpus / "people.txt").write_text(
        "A new head at Arden Group\n\nLeeds, 9 January 2026\n\nMarta Velling is the chief executive of Arden Group. "
        "She had run a bakery before.\n\nMarta Velling said that the group would buy no more mills. She added that bread had "
        "a future. The shares rose on Friday.\n\nThe price of a ton of flour was 345 euros in June.\n",
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


def test_a_thing_that_another_article_names_is_found_and_both_are_quoted(two: Path):
    answer = Assistant(two).ask("Who is the chief executive of the company that bought Corvane Mills?")
    assert [quote.article for quote in answer.quotes] == ["people.txt", "arden.txt"]
    assert "Marta Velling" in answer.quotes[0].text and "bought Corvane Mills" in answer.quotes[1].text
    assert answer.question.understood == "Who is the chief executive of Arden Group?"


def test_what_nobody_tells_of_a_thing_that_is_found_is_not_answered(two: Path):
    answer = Assistant(two).ask("Who designed the logo of the company that bought Corvane Mills?")
    assert answer.abstained and answer.question.understood == answer.question.asked


def test_what_changed_is_told_by_a_quote_of_each_time(two: Path):
    answer = Assistant(two).ask("How did the price of a ton of flour change between January and June?")
    quoted = " ".join(quote.text for quote in answer.quotes)
    assert not answer.abstained and "310 euros" in quoted and "345 euros" in quoted
    assert {quote.article for quote in answer.quotes} == {"arden.txt", "people.txt"}


def test_of_a_time_that_nobody_tells_of_no_change_is_told(two: Path):
    answer = Assistant(two).ask("How did the price of a ton of flour change between 2021 and 2022?")
    assert len(answer.quotes) < 2


def test_what_somebody_said_is_quoted_as_far_as_it_goes_on(two: Path):
    said = Assistant(two).ask("What did Marta Velling say about buying mills?").quotes[0].text
    assert said.startswith("Marta Velling said") and said.endswith("She added that bread had a future.")
    asked_otherwise = Assistant(two).ask("Who said that the group would buy no more mills?").quotes[0].text
    assert asked_otherwise == "Marta Velling said that the group would buy no more mills."


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
