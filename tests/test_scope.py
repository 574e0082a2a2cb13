"""A question asked of some articles alone: by path, by date; and the filter of the page that chooses them."""

import numpy as np
import pytest

from chat.assistant import NOTHING_WITHIN, Assistant
from chat.retriever import retrieve, within
from chat.types import Kind, Scope
from indexer import Index, QuotewireError, build, terms
from tests.browser import ask, wait_for

QUESTION = "Who attended the signing ceremony?"


@pytest.fixture(scope="module")
def assistant(corpus_index):
    return Assistant(corpus_index)


def test_the_nearest_rows_of_some_articles_are_those_of_an_exact_search(corpus_index, embedder):
    index = Index.open(corpus_index)
    vector = embedder.embed_question("Who signed the agreement?")
    random = np.random.default_rng(7)
    for count in (1, 3, len(index.articles)):
        articles = sorted(random.choice(len(index.articles), count, replace=False).tolist())
        rows = index.rows(articles)
        assert {index.locate(int(row))[0] for row in rows} == {a for a in articles if index.articles[a].passages}
        exact = rows[np.argsort(-index.products(vector, rows), kind="stable")]
        for k in (1, 5, 1000):
            found, products = index.nearest(vector, k, articles)
            assert found.tolist() == exact[:k].tolist()
            assert np.allclose(products, index.products(vector, found), atol=1e-5)
    assert index.nearest(vector, 5, ())[0].tolist() == []
    index.close()


def test_a_scope_of_all_articles_changes_nothing(corpus_index, embedder):
    index = Index.open(corpus_index)
    vector = embedder.embed_question(QUESTION)
    everything = tuple(range(len(index.articles)))
    assert retrieve(index, QUESTION, vector) == retrieve(index, QUESTION, vector, articles=everything)
    assert within(index, None) is None and within(index, Scope()) is None
    index.close()


def test_passages_are_found_in_the_scope_alone_by_words_too(corpus_index, embedder):
    index = Index.open(corpus_index)
    best = int(np.argmax(index.terms.scores(terms("desalination plant"))))
    article = index.locate(best)[0]
    others = [number for number in range(len(index.articles)) if number != article]
    vector = embedder.embed_question("desalination plant")
    assert {hit.span.article for hit in retrieve(index, "desalination plant", vector, articles=[article])} == {article}
    assert article not in {hit.span.article for hit in retrieve(index, "desalination plant", vector, articles=others)}
    index.close()


def test_an_answer_comes_from_the_scope_alone(assistant):
    free = assistant.ask(QUESTION)
    paths = {quote.article for quote in free.quotes}
    rest = tuple(entry.path for entry in free.index.articles if entry.path not in paths)
    answer = assistant.ask(QUESTION, scope=Scope(articles=rest))
    used = {free.index.articles[hit.span.article].path for hit in answer.passages}
    assert used and used <= set(rest)
    assert not paths & {quote.article for quote in (*answer.quotes, *answer.nearest)}
    alone = assistant.ask(QUESTION, scope=Scope(articles=(free.quotes[0].article,)))
    assert {alone.index.articles[hit.span.article].path for hit in alone.passages} == {free.quotes[0].article}


def test_an_article_without_a_date_is_within_no_dates(small_corpus, tmp_path, embedder):
    (small_corpus / "2026-03-12-harbour.txt").write_text("Harbour news\n\nThe harbour of Vik was dredged.\n")
    build(small_corpus, tmp_path / "index", embedder=embedder)
    index = Index.open(tmp_path / "index")
    assert [entry.date for entry in index.articles].count("") == len(index.articles) - 1
    for scope in (Scope(until="9999-12-31"), Scope(since="0001-01-01")):
        assert [index.articles[n].date for n in within(index, scope)] == ["2026-03-12"]
    index.close()


def test_dates_include_both_days(assistant):
    entries = assistant.index.articles
    days = sorted(entry.date for entry in entries if entry.date)
    held = within(assistant.index, Scope(since=days[1], until=days[-2]))
    assert {entries[n].date for n in held} == {day for day in days if days[1] <= day <= days[-2]}
    used = assistant.ask(QUESTION, scope=Scope(since=days[-1])).passages
    assert used and {entries[hit.span.article].date for hit in used} == {days[-1]}


@pytest.mark.parametrize("scope", [Scope(since="9998-01-01"), Scope(articles=("gone.txt",)), Scope(until="0001-01-01")])
def test_no_article_within_the_scope_is_said_and_what_to_do(assistant, scope):
    answer = assistant.ask(QUESTION, scope=scope)
    assert answer.kind is Kind.SMALL_TALK and answer.lead == NOTHING_WITHIN and "clear the filter" in answer.lead
    assert not answer.passages and answer.abstained


@pytest.mark.parametrize(
    "since, until, words",
    [("yesterday", "", "is no date"), ("2026-02-30", "", "is no date"), ("", "20260101", "is no date"),
     ("2026-01-02", "2026-01-01", "exchange the two dates")],
)  # fmt: skip
def test_a_scope_of_no_dates_is_an_error_that_says_what_to_write(since, until, words):
    with pytest.raises(QuotewireError, match=words):
        Scope(since=since, until=until)


def test_the_filter_of_the_page_restricts_what_is_asked_and_is_kept(open_page):
    page = open_page()
    page.focus("#filter summary")
    page.keyboard.press("Enter")
    page.wait_for_selector(".choices li >> nth=1")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "title"
    page.keyboard.type("lantern")
    wait_for(lambda: page.locator(".choices li").count() == 1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
    assert page.locator("#filter details[open]").count() == 0
    assert "Only: 1 article" in page.inner_text("#filter .chosen[role=status]")
    turn = ask(page, QUESTION)
    assert "Asked only of lantern.txt" in turn.inner_text()
    assert set(turn.locator(".card .file").all_text_contents()) <= {"lantern.txt"}
    page.reload()
    page.wait_for_selector("#filter .chosen:has-text('Only: 1 article')")
    page.wait_for_selector(".turn .scoped")
    page.click("#filter .chosen button")
    assert page.inner_text("#filter .chosen") == ""
    again = ask(page, QUESTION)
    assert again.locator(".scoped").count() == 0
    assert "saic-bmw-and-baidu-strategic-partnership.txt" in again.locator(".card .file").all_text_contents()


def test_a_filter_that_holds_no_article_says_what_to_do(open_page):
    page = open_page()
    page.click("#filter summary")
    page.fill("#filter [name=since]", "2099-01-01")
    page.click("#filter [type=submit]")
    assert "Only: since 2099-01-01" in page.inner_text("#filter .chosen")
    assert NOTHING_WITHIN in ask(page, QUESTION).inner_text()
    page.click("#filter summary")
    page.fill("#filter [name=until]", "2098-01-01")
    assert page.input_value("#filter [name=since]") == "", "dates that exclude each other are not kept"


def test_many_articles_stay_usable_in_the_filter(open_page):
    page = open_page()
    many = [{"path": f"a/{n}.txt", "title": f"Announcement number {n}", "date": "2026-01-01"} for n in range(747)]
    page.route("**/library*", lambda route: route.fulfill(json={"articles": many, "building": {"running": False}}))
    page.click("#filter summary")
    page.wait_for_selector("#filter .count:has-text('747 found, the first 100 shown')")
    assert page.locator(".choices input[tabindex='0']").count() == 1, "the list is one stop of the Tab key"
    page.fill("#filter [type=search]", "number 746")
    wait_for(lambda: page.locator(".choices li").count() == 1)
    page.check(".choices input")
    page.fill("#filter [type=search]", "number 3")
    assert page.locator(".choices li").first.inner_text().startswith("Announcement number 746"), (
        "the chosen stay in view"
    )
