"""The evaluation from question file to results, table, report and exit status, on the real assistant."""

import json
import re
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from chat.assistant import Assistant
from chat.evaluation.comparison import Evaluation, compare, read_results, score_all
from chat.evaluation.evaluate import about, evaluate, judged, results_text, run, write_whole
from chat.evaluation.question_file import TestQuestion, article_text, read_questions
from chat.evaluation.report import CHAT_ADDRESS, report_body, report_page
from chat.evaluation.report_words import comparison_sentence, headline
from chat.types import Answer, Scope, Turn
from indexer import Index, IndexMismatch, QuestionFileError, QuotewireError

ROOT = Path(__file__).resolve().parent.parent
EVERYWHERE = Scope()
UNANSWERABLE = {"id": "no", "question": "What is Xu Zhijun's favourite colour?", "answerable": False}


class Replay:
    """An assistant that asks the real one each question once, and then answers the same again."""

    def __init__(self, index: Path) -> None:
        self._assistant = Assistant(index)
        self.index = self._assistant.index
        self._answers: dict[str, Answer] = {}

    def ask(self, question: str, history: Sequence[Turn] = (), scope: Scope = EVERYWHERE) -> Answer:
        if question not in self._answers:
            self._answers[question] = self._assistant.ask(question, history, scope)
        return self._answers[question]


@pytest.fixture(scope="module")
def replay(announcement_index: Path) -> Replay:
    return Replay(announcement_index)


@pytest.fixture(scope="module")
def questions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    lines = (ROOT / "tests" / "questions" / "announcement.jsonl").read_text(encoding="utf-8").splitlines()[:10]
    path = tmp_path_factory.mktemp("questions") / "ten.jsonl"
    path.write_text("\n".join([*lines, json.dumps(UNANSWERABLE)]), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def results(replay: Any, questions: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("results") / "results.jsonl"
    assert evaluate(replay, [questions], output, None, None, 0.02) == 0
    return output


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def doctored(results: Path, path: Path, **changes: Any) -> Path:
    """A results file in which every result has been changed."""
    path.write_text("".join(json.dumps(line | changes) + "\n" for line in lines_of(results)), encoding="utf-8")
    return path


def test_results_are_answer_objects_with_id_and_seconds(results: Path, questions: Path) -> None:
    found = lines_of(results)
    assert [line["id"] for line in found] == [line["id"] for line in lines_of(questions)]
    contract = {"question", "answer", "abstained", "confidence", "quotes", "nearest", "passages", "context"}
    for line in found:
        assert contract | {"id", "seconds"} <= set(line)
        assert 0 <= line["seconds"] < 600


def test_the_same_but_for_the_time(announcement_index: Path, questions: Path, results: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.jsonl"
    assert evaluate(Assistant(announcement_index), [questions], again, None, None, 0.02) == 0
    strip = [[line | {"seconds": 0} for line in lines_of(path)] for path in (results, again)]
    assert strip[0] == strip[1]


def test_the_table_names_every_figure(replay: Any, questions: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert evaluate(replay, [questions], None, None, None, 0.02) == 0
    out = capsys.readouterr().out
    assert out.startswith("11 questions: 10 answerable, 1 not\n")
    assert re.search(r"^  verbatim +1\.0000$", out, re.MULTILINE)
    assert re.search(r"^  answered_right +\d\.\d{4}  \d\.\d{3} to \d\.\d{3}$", out, re.MULTILINE)
    assert "regression" not in out


def test_a_stale_line_is_named_and_skipped_and_the_rest_goes_on(
    replay: Any, questions: Path, results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = lines_of(questions)
    stale = lines[0] | {
        "id": "stale",
        "evidence": [{"article": replay.index.articles[0].path, "quote": "\x1b[1mnot so"}],
    }
    path, output, report = tmp_path / "some.jsonl", tmp_path / "r.jsonl", tmp_path / "r.html"
    path.write_text("".join(json.dumps(line) + "\n" for line in (lines[0], stale, *lines[1:])), encoding="utf-8")
    assert evaluate(replay, [path], output, report, results, 0.02) == 1
    said = capsys.readouterr()
    (fault,) = [line for line in said.err.splitlines() if line.startswith("skipped: ")]
    assert fault.startswith(f"skipped: {path}, line 2: the quote ") and "mend it" in fault and "\x1b" not in fault
    assert (
        said.out.startswith("11 questions: 10 answerable, 1 not\n") and "\nSKIPPED: 1 line of the questions" in said.out
    )
    assert "no regression: balanced" in said.out
    assert [line["id"] for line in lines_of(output)] == [line["id"] for line in lines]
    assert f"{path}, line 2: the quote" in report.read_text(encoding="utf-8")
    path.write_text(json.dumps(stale), encoding="utf-8")
    with pytest.raises(QuestionFileError, match="some.jsonl, line 1: the quote"):
        evaluate(replay, [path], None, None, None, 0.02)


def test_against_itself_nothing_has_changed(
    replay: Any, questions: Path, results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert evaluate(replay, [questions], None, None, results, 0.0) == 0
    out = capsys.readouterr().out
    assert "no regression: balanced" in out and "newly" not in out and "+0.0000" in out


def test_a_regression_is_named_and_exits_with_1(
    replay: Any, questions: Path, results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Today's assistant abstains always; the older run answered."""
    asked = {q.question: q for q in read_questions([questions], article_text(replay.index))}
    lines = lines_of(results)
    for line in lines:
        gold = asked[line["question"]].evidence
        line["abstained"] = not gold
        line["quotes"] = [
            {"article": g.article, "start": g.start, "end": g.end, "text": g.quote, "content_hash": "sha256:other"}
            for g in gold
        ]
    better = tmp_path / "better.jsonl"
    better.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")

    class Abstains(Replay):
        def __init__(self) -> None:
            self.index = replay.index

        def ask(self, question: str, history: Sequence[Turn] = (), scope: Scope = EVERYWHERE) -> Answer:
            return replay.ask("Hello!")

    silent: Any = Abstains()
    report = tmp_path / "report.html"
    assert evaluate(silent, [questions], None, report, better, 0.02) == 1
    out = capsys.readouterr().out
    assert "REGRESSION: balanced 1.0000 before, 0.5000 now, over 11 questions in both runs (margin 0.02)" in out
    assert out.count("newly wrong") == 10
    assert "the baseline quotes older versions of: saic-bmw" in out
    assert evaluate(silent, [questions], None, None, better, 0.5) == 0
    page = report.read_text(encoding="utf-8")
    assert "Changes against the baseline" in page and "Newly wrong <b>10</b>" in page


def test_one_kind_of_question_is_compared_by_its_own_figure(
    replay: Any, questions: Path, results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for keep, name in ((slice(10), "answered_right"), (slice(10, 11), "abstained_right")):
        some = tmp_path / "some.jsonl"
        some.write_text("\n".join(json.dumps(line) for line in lines_of(questions)[keep]), encoding="utf-8")
        assert evaluate(replay, [some], None, None, results, 0.02) == 0
        assert f"no regression: {name} " in capsys.readouterr().out


def test_a_reworded_question_is_not_compared(
    replay: Any, questions: Path, results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reworded = doctored(results, tmp_path / "old.jsonl", question="Something else?")
    with pytest.raises(QuestionFileError, match="holds none of these questions"):
        evaluate(replay, [questions], None, None, reworded, 0.02)
    reworded.write_text(reworded.read_text() + json.dumps(lines_of(results)[0] | {"id": "other"}), encoding="utf-8")
    with pytest.raises(QuestionFileError, match="holds none of these questions"):
        evaluate(replay, [questions], None, None, reworded, 0.02)


def test_a_quote_that_is_not_verbatim_fails_the_run(
    replay: Any, questions: Path, results: Path, tmp_path: Path
) -> None:
    quote = {"article": replay.index.articles[0].path, "start": 0, "end": 5, "text": "wrong"}
    text_of = article_text(replay.index)
    asked = read_questions([questions], text_of)
    for key in ("quotes", "nearest"):
        bad = read_results(doctored(results, tmp_path / "bad.jsonl", **{key: [quote]}))
        evaluation = Evaluation.of((), score_all(asked, bad, text_of), None)
        assert evaluation.failed and len(evaluation.not_verbatim) == 11
        assert "Not verbatim" in report_page(evaluation)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"id": 3}, '"id" must be text'),
        ({"abstained": "no"}, '"abstained" must be true or false'),
        ({"answer": None}, '"answer" must be text'),
        ({"confidence": "high"}, '"confidence" must be a number'),
        ({"quotes": [{"article": "a"}]}, 'every one of "quotes" needs'),
        ({"nearest": [{"article": "a", "start": 0, "end": 1}]}, 'every one of "nearest" needs its "text"'),
        ({"passages": [{"article": "a", "start": 5, "end": 4}]}, 'every one of "passages" needs'),
        ({"context": "none"}, '"context" must be a list of objects'),
    ],
)
def test_a_baseline_that_is_none_is_one_line(
    results: Path, tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    path = doctored(results, tmp_path / "old.jsonl", **change)
    with pytest.raises(QuestionFileError) as caught:
        read_results(path)
    assert str(caught.value).startswith(f"{path}, line 1: {message}") and "\n" not in str(caught.value)


def test_what_cannot_be_written_is_said_before_anything_is_asked(questions: Path, replay: Any, tmp_path: Path) -> None:
    class Silent:
        index = replay.index

        def ask(self, question: str, history: Sequence[Turn] = ()) -> Answer:
            raise AssertionError("nothing may be asked")

    silent: Any = Silent()
    with pytest.raises(QuotewireError, match="there is no folder"):
        evaluate(silent, [questions], tmp_path / "none" / "r.jsonl", None, None, 0.02)
    with pytest.raises(QuotewireError, match="is a folder"):
        evaluate(silent, [questions], None, tmp_path, None, 0.02)
    for margin in (-0.1, float("nan")):
        with pytest.raises(QuotewireError, match="--margin must be 0 or more"):
            evaluate(silent, [questions], None, None, None, margin)


def test_a_file_is_replaced_as_a_whole_and_a_device_stays_one(tmp_path: Path) -> None:
    path, link = tmp_path / "r.jsonl", tmp_path / "link.jsonl"
    path.write_text("old")
    link.symlink_to(path)
    write_whole(link, "new \ud800")
    assert link.is_symlink() and path.read_text() == "new \\ud800"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["link.jsonl", "r.jsonl"]
    write_whole(Path("/dev/null"), "gone")
    assert not Path("/dev/null").is_file()


def test_a_result_is_one_line_whatever_it_holds() -> None:
    result = {"id": "1", "answer": "a\u2028b\x85c\nd"}
    text = results_text([result])
    assert text.splitlines() == [text[:-1]] and json.loads(text) == result


def test_an_index_that_changes_meanwhile_ends_the_run(replay: Any, announcement_index: Path) -> None:
    other = Index.open(announcement_index)
    with pytest.raises(IndexMismatch, match="was rebuilt during the evaluation"):
        run([TestQuestion("1", "Hello!", False)], replay.ask, other)


class Page(HTMLParser):
    """Collects what a page would run or fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.fetched: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            if name == "href" and tag == "a":
                self.links.append(value or "")
            elif name in ("src", "href", "srcset", "data", "action", "poster") or name.startswith("on"):
                self.fetched.append(f"{tag} {name}={value}")


def test_the_report_is_self_contained_and_escaped(replay: Any, tmp_path: Path) -> None:
    hostile = "</title><script>alert(1)</script><img src='https://evil.example/x' onerror=alert(2)> \" & '"
    line = {"id": hostile, "question": hostile, "answerable": True, "answers": [hostile], "must_show": [[hostile]]}
    article = replay.index.articles[0].path
    text = replay.index.record(0).text
    line |= {
        "evidence": [{"article": article, "quote": text[10:60]}],
        "history": [{"role": "user", "content": hostile}],
    }
    path = tmp_path / "hostile.jsonl"
    path.write_text(json.dumps(line) + "\n" + json.dumps(UNANSWERABLE), encoding="utf-8")
    output, report = tmp_path / "results.jsonl", tmp_path / "report.html"
    assert evaluate(replay, [path], output, report, None, 0.02) == 0
    quote = {"article": hostile, "start": 0, "end": 5, "text": hostile, "link": "/articles/" + hostile}
    other = {"quotes": [quote, quote | {"link": "javascript:alert(3)"}], "understood": hostile, "answer": hostile}
    doctored(output, output, abstained=False, **other)
    assert evaluate(replay, [path], None, report, output, 1.0) == 0

    source = report.read_text(encoding="utf-8")
    page = Page()
    page.feed(source)
    assert not {"script", "img", "link", "iframe", "object", "base"} & page.tags
    assert page.fetched == []
    assert page.links and all(link.startswith(f"{CHAT_ADDRESS}/articles/") for link in page.links)
    style = source.partition("<style>")[2].partition("</style>")[0]
    assert "url(" not in style and "@import" not in style and "http" not in style
    assert "&lt;script&gt;alert(1)" in source and source.count("<svg") == 4
    assert "light-dark(" in style and "@media print" in style


def test_the_body_for_the_tab_links_within_the_server(replay: Any, questions: Path, results: Path) -> None:
    found = read_results(results)
    asked = read_questions([questions], article_text(replay.index))
    evaluation = judged(replay.index, asked, found.values(), about(replay.index, [questions], None), (), 0.02)
    page, body = report_page(evaluation), Page()
    body.feed(report_body(evaluation, ""))
    assert report_body(evaluation, CHAT_ADDRESS) in page
    assert body.fetched == [] and "style" not in body.tags
    assert all(link.startswith("/articles/") for link in body.links)


def test_better_and_worse_are_said_in_plain_words(replay: Any, questions: Path, results: Path) -> None:
    found = read_results(results)
    asked = read_questions([questions], article_text(replay.index))
    silent = {id_: {**result, "abstained": True, "quotes": []} for id_, result in found.items()}
    runs = [score_all(asked, run, article_text(replay.index)) for run in (found, silent)]
    right = sum(each.outcome.right for each in runs[0])
    assert right >= 2
    hashes = {entry.path: entry.content_hash for entry in replay.index.articles}
    better = comparison_sentence(compare(runs[0], runs[1], 0.02, hashes.get))
    worse = comparison_sentence(compare(runs[1], runs[0], 0.02, hashes.get))
    same = comparison_sentence(compare(runs[0], runs[0], 0.02, hashes.get))
    assert better.startswith("Better than before: right answers and right abstentions, counted alike, 50.0 % before, ")
    assert worse.startswith("Worse than before") and f"{right} newly wrong" in worse and "newly right" not in worse
    assert same.startswith("The same as before") and same.endswith("over 11 questions in both runs.")
    alone = headline(Evaluation.of((), runs[0][-1:], None))
    assert "100 %" in alone and "1 of 1 · all alike" in alone and "there was none" in alone


def test_progress_is_told_and_may_end_the_run(replay: Any, questions: Path) -> None:
    asked, told = read_questions([questions], article_text(replay.index)), []

    def progress(done: int, total: int) -> None:
        told.append((done, total))
        if done == 3:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        run(asked, replay.ask, replay.index, progress)
    assert told == [(0, 11), (1, 11), (2, 11), (3, 11)]
