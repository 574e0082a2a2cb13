"""Question → answer on the real announcement: what is shown is verbatim, supported, and as wide as a reader needs."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chat.assistant import ASK_SOMETHING, NOT_SAID, TOO_LONG, Assistant
from chat.evidence import gather
from chat.quotes import choose
from chat.render import answer_object, link
from chat.retriever import retrieve
from chat.types import Answer, Asks, Kind, Question, Turn
from indexer import Embedder, Index, build
from indexer.generation import current_name
from indexer.manifest import from_json, to_json


@pytest.fixture(scope="module")
def announcement(announcement_index: Path) -> Assistant:
    return Assistant(announcement_index)


@pytest.fixture(scope="module")
def corpus(corpus_index: Path) -> Assistant:
    return Assistant(corpus_index)


def shown(answer: Answer) -> str:
    return " ".join(quote.text for quote in answer.quotes)


def test_a_quote_is_a_slice_of_its_article(announcement: Assistant) -> None:
    answer = announcement.ask("Who is the president of Baidu?")
    entry = answer.index.articles[0]
    text = answer.index.record(0).text
    assert answer.quotes
    for quote in answer.quotes:
        assert quote.text == text[quote.span.start : quote.span.end] and quote.content_hash == entry.content_hash
    assert "Xu Zhijun, President of Baidu" in shown(answer)


def test_who_attended_gets_the_whole_list(announcement: Assistant) -> None:
    quoted = shown(announcement.ask("Who attended the signing ceremony?"))
    assert all(name in quoted for name in ("Yu Qinghai", "Gao Xuefeng", "Xu Zhijun"))


def test_a_list_of_lines_is_quoted_whole(corpus: Assistant) -> None:
    quoted = shown(corpus.ask("Who attended the ceremony for the shore power plant?"))
    assert all(name in quoted for name in ("Beatriz Fontoura", "Ingrid Solheim-Aas", "Eskil Rønning", "Agnete Vollan"))


def test_a_quote_widens_until_the_speaker_is_named(announcement: Assistant) -> None:
    answer = announcement.ask("Who believes in a new intelligent automotive experience for users?")
    quote = next(q for q in answer.quotes + answer.nearest if "experience for users" in q.text)
    assert "Gao Xuefeng" in quote.text


@pytest.mark.parametrize(
    "question",
    ["How much did Baidu pay SAIC-BMW?", "What is the phone number of Baidu?", "What is the share price of SAIC Motor?",
     "What did Elon Musk say about the partnership?", "How many stars did the article get?"],
)  # fmt: skip
def test_what_the_article_does_not_say_is_not_answered(announcement: Assistant, question: str) -> None:
    answer = announcement.ask(question)
    assert answer.kind is Kind.ABSTENTION and not answer.quotes and answer.lead.startswith(NOT_SAID)
    assert answer_object(answer)["abstained"] is True


def test_furniture_is_never_quoted(announcement: Assistant) -> None:
    always = Assistant(announcement.index.root, never_abstain=True)
    for question in ("How many views?", "recent posts", "rated stars ratings", "top of page", "see all comments"):
        said = always.ask(question)
        for quote in said.quotes + said.nearest:
            assert not any(word in quote.text for word in ("of page", "0comments", "Recent Posts", "stars", "See All"))


def test_follow_ups_are_resolved_and_shown(announcement: Assistant) -> None:
    first = announcement.ask("Who is the president of Baidu?")
    history = [Turn("user", "Who is the president of Baidu?"), Turn("assistant", answer_object(first)["answer"])]
    assert announcement.ask("and of SAIC Motor?", history).question.understood == "Who is the president of SAIC Motor?"
    assert "Xu Zhijun" in announcement.ask("What did he say?", history).question.understood
    alone = announcement.ask("What will the parties share?", history)
    assert not alone.question.was_changed


def test_misspelt_words_are_mended_and_shown(announcement: Assistant) -> None:
    answer = announcement.ask("who atended the signing ceremoney")
    assert answer.question.understood == "who attended the signing ceremony"
    assert "Gao Xuefeng" in shown(answer)


@pytest.mark.parametrize(
    "question", ["Wer hat für Baidu unterschrieben?", "¿Quién firmó por Baidu?", "百度的总裁是谁？"]
)
def test_another_language_gets_an_honest_answer(announcement: Assistant, question: str) -> None:
    answer = announcement.ask(question)
    assert answer.abstained and "seems to be in" in answer.lead


@pytest.mark.parametrize("message", ["hello", "Hi there!", "thanks a lot", "Thank you", "help", "what can you do?"])
def test_small_talk_is_friendly(announcement: Assistant, message: str) -> None:
    answer = announcement.ask(message)
    assert answer.kind is Kind.SMALL_TALK and answer.lead and not answer.quotes


def test_what_cannot_be_asked(announcement: Assistant, tmp_path: Path, embedder: Embedder) -> None:
    assert announcement.ask("  ").lead == ASK_SOMETHING
    assert announcement.ask("who " * 400).lead == TOO_LONG
    (tmp_path / "corpus").mkdir()
    build(tmp_path / "corpus", tmp_path / "index", embedder=embedder)
    assert "no articles yet" in Assistant(tmp_path / "index").ask("who signed?").lead


def test_differing_articles_are_quoted_side_by_side_newest_first(corpus: Assistant) -> None:
    answer = corpus.ask("How much is the contract for the Skarvik ferry batteries worth?")
    assert answer.by_date and "34.8" in answer.quotes[0].text and any("38.4" in q.text for q in answer.quotes[1:])
    assert [q.date for q in answer.quotes] == sorted((q.date for q in answer.quotes), reverse=True)


def test_the_best_sentence_is_quoted_however_many_newer_ones_differ(tmp_path: Path, embedder: Embedder) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for year, price in ((2020, 40), (2021, 50), (2022, 60), (2023, 70), (2024, 80)):
        text = f"---\ndate: {year}-05-01\n---\n# The price of the Orvane lamp\n\nThe Orvane lamp costs {price} euros in Oslo.\n"
        (corpus / f"{year}.md").write_text(text, encoding="utf-8")
    build(corpus, tmp_path / "index", embedder=embedder)
    index = Index.open(tmp_path / "index")
    question = Question("What does the Orvane lamp cost?", "What does the Orvane lamp cost?", Asks.HOW_MUCH)
    vector = embedder.embed_question(question.understood)
    candidates = gather(index, question, vector, retrieve(index, question.understood, vector))
    oldest = ["costs 40" in index.record(s.article).text[s.start : s.end] for s in candidates.spans]
    quotes, differ = choose(index, question, candidates, np.array(oldest, dtype=float))
    assert differ and len(quotes) == 3 and "40 euros" in quotes[-1].text
    assert [q.date for q in quotes] == sorted((q.date for q in quotes), reverse=True)
    index.close()


def test_an_index_that_another_model_made_is_not_asked_and_said_so(small_corpus: Path, tmp_path: Path) -> None:
    index = tmp_path / "index"
    build(small_corpus, index)
    assistant = Assistant(index)
    (small_corpus / "late.txt").write_text("A late quay\n\nIt opens in Oslo.\n", encoding="utf-8")
    build(small_corpus, index)
    name = str(current_name(index))
    path = index / "generations" / name / "manifest.json"
    manifest = from_json(path.read_bytes(), "m")
    path.write_bytes(to_json(replace(manifest, model=replace(manifest.model, weights="sha256:0123456789abcdef"))))
    before = assistant.index
    assert assistant.fault.endswith("start the server again") and assistant.index is before
    assert len(before.articles) == 3 and assistant.ask("What does the lamp cost?").quotes
    (index / "CURRENT").write_text(before.manifest.generation + "\n", encoding="utf-8")
    assert assistant.index is before and assistant.fault == ""


def test_yes_and_no_only_where_the_quote_says_so(corpus: Assistant) -> None:
    assert corpus.ask("Does the Hereford plant work on Sundays?").lead == "No."
    assert corpus.ask("On which days does the Hereford plant not work?").lead == ""


def test_the_same_question_gets_the_same_bytes(corpus: Assistant) -> None:
    again = Assistant(corpus.index.root)
    for question in ("Who leads Ampereth?", "What did the prize cost?", "ferry batteries"):
        assert answer_object(corpus.ask(question)) == answer_object(again.ask(question))


def test_the_answer_object_is_the_contracts(corpus: Assistant) -> None:
    made = answer_object(corpus.ask("Who makes the batteries for the Skarvik ferries?"))
    assert {"question", "answer", "abstained", "confidence", "quotes", "nearest", "passages", "context"} <= set(made)
    assert len(made["passages"]) >= 10
    assert [p["score"] for p in made["passages"]] == sorted((p["score"] for p in made["passages"]), reverse=True)
    quote = made["quotes"][0]
    assert set(quote) == {"n", "article", "title", "date", "start", "end", "text", "content_hash", "link"}
    assert quote["link"].startswith("/articles/") and made["answer"].endswith(f"[{len(made['quotes'])}]")


def test_a_links_path_is_quoted(corpus: Assistant) -> None:
    quote = corpus.ask("Who makes the batteries for the Skarvik ferries?").quotes[0]
    assert f"start={quote.span.start}&end={quote.span.end}&hash=" in link(quote)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(question=st.text(max_size=120), before=st.text(max_size=60), said=st.text(max_size=120))
def test_whatever_is_typed_is_answered_with_slices(corpus: Assistant, question: str, before: str, said: str) -> None:
    answer = corpus.ask(question, [Turn("user", before), Turn("assistant", said)])
    for quote in answer.quotes + answer.nearest:
        text = answer.index.record(quote.span.article).text
        assert 0 <= quote.span.start < quote.span.end <= len(text) and quote.text.strip()
