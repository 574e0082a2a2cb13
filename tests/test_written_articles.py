"""The articles that were written for training: each can be used, and none came from where we test."""

import hashlib
import json
from collections import Counter
from pathlib import Path

import pytest

from chat.training.asked import FOLDER as ASKED
from chat.training.asked import read_asked
from chat.training.split import SQUAD_TEST, is_fitted
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


DATA = ROOT.parent / "shared" / "data"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason=f"{DATA} is not here: it is no part of the repository")


@needs_data
def test_words_that_answer_stand_once_in_the_real_texts_too() -> None:
    stretches = read_asked(DATA)
    assert len({stretch.text for stretch in stretches}) == len(stretches) > 0
    for stretch in stretches:
        assert {bool(question.answers) for question in stretch.questions} == {True, False}
        for question in stretch.questions:
            for words in question.answers:
                assert words.strip() == words != "" and stretch.text.count(words) == 1, (words, question)


@needs_data
def test_no_real_text_is_one_that_we_test_on() -> None:
    """Not squad2's test articles, nor what the lines rest on that clapnq and chroma_chunking keep for the report."""
    heads = [
        line
        for path in ASKED.glob("*.txt")
        for line in path.read_text(encoding="utf-8").splitlines()
        if line[:1] == "@"
    ]
    about = [(name, path, int(first), int(last)) for name, path, first, last, *_ in (h[2:].split(" | ") for h in heads)]
    asked = {question.question.casefold() for stretch in read_asked(DATA) for question in stretch.questions}
    assert not {("squad2", path) for path in SQUAD_TEST} & {(name, path) for name, path, _, _ in about}
    checked = 0
    for name in ("squad2", "clapnq", "chroma_chunking"):
        lines = (DATA / name / "questions.jsonl").read_text(encoding="utf-8").splitlines()
        for number, question in enumerate(map(json.loads, lines), start=1):
            assert question["question"].casefold() not in asked
            if name == "squad2" or is_fitted(name, number, question):
                continue
            for evidence in question.get("evidence", []):
                text = (DATA / name / "corpus" / evidence["article"]).read_text(encoding="utf-8")
                start = text.index(evidence["quote"])
                end = start + len(evidence["quote"])
                assert not [x for x in about if x[:2] == (name, evidence["article"]) and x[2] < end and start < x[3]]
                checked += 1
    assert checked > 300


def test_a_real_text_that_is_not_what_it_was_is_named(tmp_path: Path) -> None:
    corpus = tmp_path / "data" / "some" / "corpus"
    corpus.mkdir(parents=True)
    (corpus / "mill.txt").write_text("About mills. The mill was built in 1901. It burnt.", encoding="utf-8")
    asked = tmp_path / "asked"
    asked.mkdir()
    block = (
        "@ some | mill.txt | 13 | 50 | {} | Mills\n? When was it built? | 22-26\n! Who built it? | Ada Lund built it.\n"
    )
    (asked / "some.txt").write_text(block.format("0" * 12), encoding="utf-8")
    with pytest.raises(ValueError, match=r"mill\.txt: characters 13 to 50 are not those"):
        read_asked(tmp_path / "data", asked)
    stretch = "The mill was built in 1901. It burnt."
    (asked / "some.txt").write_text(block.format(hashlib.sha256(stretch.encode()).hexdigest()[:12]), encoding="utf-8")
    (article,) = read_asked(tmp_path / "data", asked)
    assert article.text == f"# Mills\n\n{stretch}\n"
    assert [question.answers for question in article.questions] == [("1901",), ()]
