"""The figures: cases worked out by hand, and agreement with the independent scorer where it is at hand."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chat.evaluation.bootstrap import difference_intervals, intervals
from chat.evaluation.metrics import Outcome, aurc, auroc, figures, fold, risk_coverage, score, span_scores
from chat.evaluation.question_file import TestQuestion, read_questions

SCORER = Path(__file__).resolve().parent.parent.parent / "shared" / "tools" / "score.py"
TEXTS = {
    "a.txt": "Ampereth buys a ferry. It costs 3 million kroner, says Ampereth’s chief.",
    "b.md": "No ferry was sold.\r\nThe İzmir yard sells boats for 3 million.\r\n",
}
OUTCOME = Outcome("x", True, False, 0.5, None, True, True, True, True, 1.0, 0, None, None, 1, 1, 0, 0)


def question(**keys: Any) -> TestQuestion:
    return replace(TestQuestion("1", "?", True), **keys)


def gold(article: str, quote: str) -> dict[str, Any]:
    return {"id": "1", "question": "?", "answerable": True, "evidence": [{"article": article, "quote": quote}]}


def span(article: str, text: str) -> dict[str, Any]:
    start = TEXTS[article].index(text)
    return {"article": article, "start": start, "end": start + len(text), "text": text}


def result(**keys: Any) -> dict[str, Any]:
    return {"id": "1", "question": "?", "answer": "", "abstained": False, "confidence": 0.5} | keys


def read(tmp_path: Path, line: dict[str, Any]) -> TestQuestion:
    path = tmp_path / "q.jsonl"
    path.write_text(json.dumps(line), encoding="utf-8")
    return read_questions([path], TEXTS.get)[0]


def test_fold_keeps_numbers_and_currency() -> None:
    assert fold("  The €3.5-m\n“Deal”, 5 % ") == "the €3.5-m deal 5 %"


def test_span_scores_by_hand() -> None:
    spans = [{"article": "a", "start": 5, "end": 15}, {"article": "b", "start": 0, "end": 10}]
    found = span_scores({"a": [(0, 10), (8, 12)]}, spans)
    assert (found.recall, found.precision, found.iou) == (7 / 12, 7 / 20, 7 / 25)
    nothing = span_scores({"a": [(0, 10)]}, [])
    assert (nothing.recall, nothing.precision, nothing.iou) == (0.0, 0.0, 0.0)


def test_a_quote_answers_by_overlap_or_by_answer(tmp_path: Path) -> None:
    asked = read(tmp_path, gold("a.txt", "Ampereth buys a ferry."))
    half, less = span("a.txt", "ferry. It c"), span("a.txt", "y. It costs")
    assert score(asked, result(quotes=[half]), TEXTS.get).right
    assert not score(asked, result(quotes=[less]), TEXTS.get).right
    assert score(replace(asked, answers=("It COSTS",)), result(quotes=[less]), TEXTS.get).right
    assert not score(replace(asked, answers=("t costs",)), result(quotes=[less]), TEXTS.get).right
    elsewhere = span("b.md", "ferry was sold")
    assert not score(replace(asked, answers=("ferry",)), result(quotes=[elsewhere]), TEXTS.get).right


def test_outcome_by_hand(tmp_path: Path) -> None:
    asked = replace(read(tmp_path, gold("a.txt", "It costs 3 million kroner")), must_show=(("kroner", "crowns"),))
    quotes = [span("b.md", "No ferry was sold."), span("a.txt", "It costs 3 million kroner")]
    found = score(asked, result(quotes=quotes, passages=quotes, context=quotes[1:]), TEXTS.get)
    assert found.judged and found.right and not found.right_at_1 and found.precision == 0.5 and found.rank == 1
    assert found.context and found.context.iou == 1.0
    assert found.quotes == found.verbatim == 2
    assert not score(replace(asked, must_show=(("euros",),)), result(quotes=quotes), TEXTS.get).right
    abstained = score(asked, result(abstained=True, nearest=quotes), TEXTS.get)
    assert not abstained.right and abstained.would_be_right and abstained.precision is None
    assert abstained.nearest == abstained.nearest_verbatim == 2


def test_a_sentence_that_must_be_contained() -> None:
    asked = question(sentence_contains=("sold. The",), articles=("b.md",))
    answered = result(quotes=[span("b.md", "sold.\r\nThe")])
    assert score(asked, answered, TEXTS.get).right
    assert not score(replace(asked, articles=("a.txt",)), answered, TEXTS.get).right
    assert score(replace(asked, articles=None), answered, TEXTS.get).right


@pytest.mark.parametrize(
    "quote", [{"text": "Ampereth Buys"}, {"end": 3}, {"article": "gone.txt"}, {"end": 0, "text": ""}]
)
def test_a_quote_that_is_not_verbatim_is_seen(quote: dict[str, Any]) -> None:
    found = score(question(answerable=False), result(quotes=[span("a.txt", "Ampereth buys") | quote]), TEXTS.get)
    assert (found.quotes, found.verbatim) == (1, 0)
    assert figures([found])["verbatim"] == 0.0


def test_figures_by_hand() -> None:
    unanswerable = replace(OUTCOME, answerable=False, judged=False, right=False, would_be_right=False, precision=None)
    wrong = replace(OUTCOME, right=False, right_at_1=False)
    found = figures(
        [
            replace(OUTCOME, confidence=0.9, seconds=0.1),
            replace(wrong, confidence=0.4, seconds=0.3, precision=0.0, rank=4),
            replace(wrong, confidence=0.2, seconds=0.2, abstained=True, precision=None, rank=None),
            replace(unanswerable, confidence=0.4, seconds=0.4),
            replace(unanswerable, confidence=0.1, abstained=True),
        ]
    )
    expected = {
        "answered_right": 0.3333, "evidence_at_1": 0.3333, "quote_precision": 0.5, "abstained_right": 0.5,
        "abstained_wrong": 0.3333, "balanced": 0.4166, "auroc": 0.75, "false_answers": 0.6667, "passage_hit@1": 0.3333,
        "passage_hit@5": 0.6667, "mrr@10": 0.4, "seconds_p50": 0.25, "seconds_p95": 0.4, "span_recall@5": None,
    }  # fmt: skip
    assert {name: found[name] for name in expected} == expected


def test_nothing_to_score_is_no_figure_and_no_error() -> None:
    assert set(figures([]).values()) == {None}
    assert intervals([]) == {}
    assert risk_coverage([]) == []


def test_risk_coverage_by_hand() -> None:
    wrong = replace(OUTCOME, would_be_right=False)
    run = [replace(OUTCOME, confidence=0.9), replace(wrong, confidence=0.5), replace(OUTCOME, confidence=0.5), wrong]
    run[3] = replace(wrong, confidence=0.1)
    assert risk_coverage(run) == [(0.25, 0.0), (0.5, 0.25), (0.75, 1 / 3), (1.0, 0.5)]
    assert aurc(run) == round((0.25 + 1 / 3 + 0.5) / 4, 4)
    assert risk_coverage(run) == risk_coverage(run[::-1])


scores = st.lists(st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.9, 1.0]), max_size=12)


@settings(deadline=None)
@given(scores, scores)
def test_auroc_agrees_with_counting_pairs(positive: list[float], negative: list[float]) -> None:
    if not positive or not negative:
        assert auroc(positive, negative) is None
        return
    wins = sum((p > n) + (p == n) / 2 for p in positive for n in negative)
    assert auroc(positive, negative) == round(wins / (len(positive) * len(negative)), 4)


def test_intervals_hold_the_figure_and_are_the_same_each_time() -> None:
    run = [replace(OUTCOME, id=str(n), right=n % 4 > 0, confidence=n / 80) for n in range(40)]
    run += [
        replace(OUTCOME, id=f"u{n}", answerable=False, judged=False, abstained=n % 5 > 0, confidence=n / 160)
        for n in range(40)
    ]
    found, point = intervals(run), figures(run)
    for name in ("answered_right", "abstained_right", "balanced", "auroc", "false_answers"):
        low, high = found[name]
        assert low < (point[name] or 0) < high and high - low < 0.4
    assert abs(found["answered_right"][0] - 0.616) < 0.03 and abs(found["answered_right"][1] - 0.884) < 0.03
    assert intervals(run) == found


def test_a_paired_difference_is_of_the_same_draws() -> None:
    run = [replace(OUTCOME, id=str(n), right=n % 4 > 0) for n in range(40)]
    assert difference_intervals(run, run)["answered_right"] == (0.0, 0.0)
    worse = [replace(o, right=False) for o in run]
    low, high = difference_intervals(worse, run)["answered_right"]
    assert low < -0.75 < high < 0
    with pytest.raises(ValueError, match="same questions"):
        difference_intervals(run, run[::-1])


PIECES = ["Ampereth ", "ferry", "costs 3 million", ". ", "\r\n", "İzmir ", "’s", "€5", "\u2028", "no "]
texts = st.lists(st.sampled_from(PIECES), min_size=3, max_size=20).map(lambda parts: "x" + "".join(parts))


@st.composite
def spans(draw: st.DrawFn, corpus: dict[str, str]) -> dict[str, Any]:
    article = draw(st.sampled_from(sorted(corpus)))
    start = draw(st.integers(0, len(corpus[article]) - 1))
    end = draw(st.integers(start + 1, len(corpus[article])))
    text = corpus[article][start:end] if draw(st.integers(0, 9)) else "not verbatim"
    return {"article": article, "start": start, "end": end, "text": text}


@st.composite
def cases(draw: st.DrawFn) -> tuple[dict[str, str], list[dict[str, Any]], list[dict[str, Any]]]:
    corpus = {"a.txt": draw(texts), "b.md": draw(texts)}
    questions, results = [], []
    words = st.lists(st.sampled_from(["ferry", "3 million", "İZMIR", "!", "€5"]), min_size=1, max_size=2)
    for number in range(draw(st.integers(1, 8))):
        line: dict[str, Any] = {"id": str(number), "question": "?", "answerable": draw(st.booleans())}
        found = draw(st.lists(spans(corpus), max_size=3))
        evidence = [(s["article"], corpus[s["article"]][s["start"] : s["end"]], s["start"]) for s in found]
        line["evidence"] = [
            {"article": article, "quote": quote} | ({"start": start} if draw(st.booleans()) else {})
            for article, quote, start in evidence
            if quote.strip()
        ]
        if draw(st.booleans()):
            line["answers"] = draw(words)
        if draw(st.booleans()):
            line["must_show"] = [draw(words)]
        if not draw(st.integers(0, 3)):
            line["sentence_contains"] = draw(words)
            line |= {"articles": ["b.md"]} if draw(st.booleans()) else {}
        questions.append(line)
        answer = result(id=str(number), answer=draw(texts), abstained=draw(st.booleans()))
        del answer["confidence"]
        for key, most in (("quotes", 3), ("passages", 12), ("context", 4)):
            if draw(st.integers(0, 5)):
                answer[key] = draw(st.lists(spans(corpus), max_size=most))
        answer |= draw(st.fixed_dictionaries({}, optional={"confidence": st.floats(0, 1), "seconds": st.floats(0, 9)}))
        results.append(answer)
    return corpus, questions, results


@pytest.mark.skipif(not SCORER.is_file(), reason="the independent scorer is not part of the repository")
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(cases())
def test_every_figure_agrees_with_the_independent_scorer(
    tmp_path: Path, case: tuple[dict[str, str], list[dict[str, Any]], list[dict[str, Any]]]
) -> None:
    corpus, lines, results = case
    for name, text in corpus.items():
        (tmp_path / name).write_bytes(text.encode())
    for name, rows in (("q.jsonl", lines), ("r.jsonl", results)):
        (tmp_path / name).write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    command = [sys.executable, SCORER, "--corpus", tmp_path, "--questions", tmp_path / "q.jsonl"]
    done = subprocess.run([*command, "--results", tmp_path / "r.jsonl"], capture_output=True, check=True)
    theirs = json.loads(done.stdout)
    questions = read_questions([tmp_path / "q.jsonl"], corpus.get)
    outcomes = [score(q, r, corpus.get) for q, r in zip(questions, results, strict=True)]
    ours = figures(outcomes)
    shared = set(ours) - {"false_answers", "aurc", "nearest_verbatim"}
    assert shared <= set(theirs)
    assert {name: ours[name] for name in shared} == {name: theirs[name] for name in shared}
    assert [o.id for o in outcomes if o.verdict is False] == theirs["wrong"]
