"""The articles that were written for training: each can be used, and none came from where we test."""

import json
from collections import Counter

import pytest

from chat.training.written import WrittenArticle, read_written

from .conftest import ROOT


@pytest.fixture(scope="module")
def articles() -> list[WrittenArticle]:
    return read_written()


def test_words_that_answer_stand_once_in_their_article(articles: list[WrittenArticle]) -> None:
    """Else a lesson would have the wrong sentence for the right one."""
    for article in articles:
        assert article.text.startswith("# ")
        title, under = article.text.split("\n", 1)
        for question in article.questions:
            assert question.question
            for (start, end), words in zip(article.gold(question), question.answers, strict=True):
                assert (under.count(words) or title.count(words)) == 1, (words, question)
                assert article.text[start:end] == words


def test_every_article_has_questions_of_both_kinds(articles: list[WrittenArticle]) -> None:
    for article in articles:
        assert {bool(question.answers) for question in article.questions} == {True, False}, article.text[:60]


def test_tenths_are_about_alike_and_do_not_depend_on_the_order(articles: list[WrittenArticle]) -> None:
    shares = Counter(article.tenth for article in articles)
    assert set(shares) == set(range(10))
    assert max(shares.values()) < 0.15 * len(articles)
    assert len({article.text for article in articles}) == len(articles)


def test_no_question_is_one_that_we_test_with(articles: list[WrittenArticle]) -> None:
    asked = {question.question.casefold() for article in articles for question in article.questions}
    for path in (ROOT / "tests" / "questions").glob("*.jsonl"):
        ours = {json.loads(line)["question"].casefold() for line in path.read_text(encoding="utf-8").splitlines()}
        assert not asked & {question for question in ours if len(question.split()) > 3}, path.name


def test_people_and_firms_of_the_test_corpora_occur_nowhere(articles: list[WrittenArticle]) -> None:
    """Names of test articles' titles that are no words of English."""
    written = " ".join(article.text for article in articles)
    for name in ("Skarvik", "Grindlewick", "Ampereth", "Harrowmere", "Vestrehavn", "Marrowgate", "Tessarine", "Baidu"):
        assert name not in written
