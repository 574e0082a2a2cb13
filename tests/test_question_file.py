"""Question files: what is read, and that each thing that is wrong is named with its line."""

import json
from pathlib import Path

import pytest

from chat.evaluation.question_file import GoldSpan, article_text, read_questions
from chat.types import Turn
from indexer import Index, QuestionFileError

ROOT = Path(__file__).resolve().parent.parent
TEXTS = {"a.txt": "Ampereth buys a ferry.\r\nIt costs 3 m. It costs 3 m.", "b.pdf": "Extracted words."}
GOOD = {"id": "1", "question": "What does Ampereth buy?", "answerable": True}


def write(path: Path, *lines: object) -> Path:
    path.write_text("".join((x if isinstance(x, str) else json.dumps(x)) + "\n" for x in lines), encoding="utf-8")
    return path


def test_a_whole_line_is_read(tmp_path: Path) -> None:
    last = TEXTS["a.txt"].rindex("3 m")
    line = GOOD | {
        "answers": ["a ferry"],
        "evidence": [
            {"article": "a.txt", "quote": "buys a ferry"},
            {"article": "a.txt", "quote": "3 m", "start": last},
        ],
        "history": [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": ""}],
        "must_show": [["ferry", "boat"], ["3 m"]],
        "kind": "unknown keys are kept",
    }
    (question,) = read_questions([write(tmp_path / "q.jsonl", line)], TEXTS.get)
    assert question.evidence == (GoldSpan("a.txt", "buys a ferry", 9), GoldSpan("a.txt", "3 m", last))
    assert question.evidence[0].end == 21
    assert question.history == (Turn("user", "Hello"), Turn("assistant", ""))
    assert question.must_show == (("ferry", "boat"), ("3 m",))
    assert question.sentence_contains is None and question.articles is None
    assert question.raw == line


def test_bom_crlf_and_blank_lines_are_nothing_to_complain_of(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    lines = "\r\n\r\n".join(json.dumps(GOOD | {"id": str(n)}) for n in range(3))
    path.write_bytes(b"\xef\xbb\xbf\r\n" + lines.encode() + b"\r\n \t\r\n")
    assert [question.id for question in read_questions([path], TEXTS.get)] == ["0", "1", "2"]


def test_a_line_separator_within_a_question_ends_no_line(tmp_path: Path) -> None:
    line = json.dumps(GOOD | {"question": "one\u2028two\x85three"}, ensure_ascii=False)
    assert read_questions([write(tmp_path / "q.jsonl", line)], TEXTS.get)[0].question == "one\u2028two\x85three"


WRONG = [
    ("{", "is not JSON"),
    ("[" * 100_000, "is not JSON"),
    ('{"id": NaN}', "NaN is no JSON number"),
    ("[1]", "must be a JSON object"),
    ({"question": "?", "answerable": True}, '"id" is missing'),
    ({"id": "2", "answerable": True}, '"question" is missing'),
    ({"id": "2", "question": "?"}, '"answerable" is missing'),
    (GOOD | {"id": 2}, '"id" must be text'),
    (GOOD | {"id": "2", "question": " "}, '"question" must be text that is not blank'),
    (GOOD | {"id": "2", "answerable": "yes"}, '"answerable" must be true or false, not "yes"'),
    (GOOD | {"id": "2", "answers": "ferry"}, '"answers" must be a list of texts'),
    (GOOD | {"id": "2", "evidence": ["a ferry"]}, '"evidence" must be a list of objects'),
    (GOOD | {"id": "2", "evidence": [{"article": "a.txt"}]}, '"quote" is missing'),
    (GOOD | {"id": "2", "evidence": [{"article": "a.txt", "quote": "a Ferry"}]}, "is not in a.txt"),
    (GOOD | {"id": "2", "evidence": [{"article": "z.txt", "quote": "x"}]}, 'no article "z.txt"'),
    (GOOD | {"id": "2", "evidence": [{"article": "a.txt", "quote": "ferry", "start": 1}]}, "does not stand at 1"),
    (GOOD | {"id": "2", "evidence": [{"article": "a.txt", "quote": "ferry", "start": -4}]}, '"start" must be'),
    (GOOD | {"id": "2", "evidence": [{"article": "a.txt", "quote": "ferry", "start": True}]}, '"start" must be'),
    (GOOD | {"id": "2", "history": [{"role": "system", "content": "x"}]}, '"role" must be "user" or "assistant"'),
    (GOOD | {"id": "2", "history": [{"role": "user"}]}, '"content" of a turn must be text'),
    (GOOD | {"id": "2", "must_show": ["x"]}, '"must_show" must be a list of texts'),
    (GOOD | {"id": "2", "must_show": "x"}, '"must_show" must be a list of lists'),
    (GOOD | {"id": "2", "sentence_contains": None}, '"sentence_contains" must be a list'),
    (GOOD | {"id": "2", "articles": ["z.txt"]}, 'no article "z.txt"'),
    (GOOD, 'id "1" stands already in'),
]


@pytest.mark.parametrize(("line", "message"), WRONG)
def test_what_is_wrong_is_named_with_file_and_line(tmp_path: Path, line: object, message: str) -> None:
    path = write(tmp_path / "q.jsonl", GOOD, "", line)
    with pytest.raises(QuestionFileError) as caught:
        read_questions([path], TEXTS.get)
    assert str(caught.value).startswith(f"{path}, line 3: ")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_line_that_is_wrong_is_told_and_the_rest_is_read(tmp_path: Path) -> None:
    skipped: list[str] = []
    wrong = [line for line, _ in WRONG]
    path = write(tmp_path / "q.jsonl", *wrong, GOOD | {"id": "last"})
    assert [question.id for question in read_questions([path], TEXTS.get, skipped)] == ["1", "last"]
    assert len(skipped) == len(WRONG) - 1  # the first that has its id is no fault here
    for number, (fault, (_, message)) in enumerate(zip(skipped, WRONG, strict=False), start=1):
        assert fault.startswith(f"{path}, line {number}: ") and message in fault and "\n" not in fault
    with pytest.raises(QuestionFileError, match="stale.jsonl, line 1: is not JSON"):
        read_questions([path, write(tmp_path / "stale.jsonl", "{", "[")], TEXTS.get, skipped)
    with pytest.raises(QuestionFileError, match="none.jsonl: cannot be read"):
        read_questions([path, tmp_path / "none.jsonl"], TEXTS.get, skipped)


def test_not_utf8_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_bytes(json.dumps(GOOD).encode() + b'\n{"id": "\xff"}\n')
    with pytest.raises(QuestionFileError, match="line 2: is not UTF-8"):
        read_questions([path], TEXTS.get)


def test_ids_are_unique_over_all_files(tmp_path: Path) -> None:
    one, two = write(tmp_path / "one.jsonl", GOOD), write(tmp_path / "two.jsonl", GOOD)
    with pytest.raises(QuestionFileError, match=r'two.jsonl, line 1: id "1" stands already in .*one.jsonl, line 1'):
        read_questions([one, two], TEXTS.get)


def test_a_missing_file_and_an_empty_one_say_so(tmp_path: Path) -> None:
    with pytest.raises(QuestionFileError, match="none.jsonl: cannot be read: No such file"):
        read_questions([tmp_path / "none.jsonl"], TEXTS.get)
    with pytest.raises(QuestionFileError, match="holds no question"):
        read_questions([write(tmp_path / "empty.jsonl", "")], TEXTS.get)


def test_the_shipped_questions_quote_their_articles(announcement_index: Path) -> None:
    texts = article_text(Index.open(announcement_index))
    questions = read_questions([ROOT / "tests" / "questions" / "announcement.jsonl"], texts)
    assert len(questions) >= 60
    assert sum(not question.answerable for question in questions) * 3 >= len(questions)
    assert sum(bool(question.history) for question in questions) >= 10


def test_the_test_corpus_questions_quote_extracted_texts_too(corpus_index: Path) -> None:
    files = [ROOT / "tests" / "questions" / name for name in ("corpus.jsonl", "formats.jsonl")]
    questions = read_questions(files, article_text(Index.open(corpus_index)))
    quoted = {span.article.rpartition(".")[2] for question in questions for span in question.evidence}
    assert {"txt", "md", "html", "pdf", "docx"} <= quoted
