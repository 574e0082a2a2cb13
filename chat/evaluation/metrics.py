"""Results against test questions: how each did, and the figures over all.

The definitions are those of the project's independent scorer, figure for figure and name for name: macro averages over
questions, rounded to four decimals. Spans are characters, and their recall, precision and IoU are those of Chroma's
“Evaluating Chunking Strategies for Retrieval” (2024).
"""

import re
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chat.evaluation.question_file import ArticleText, TestQuestion

Result = Mapping[str, Any]
"""One line of a results file: an answer object with `id` and, where it was timed, `seconds`."""

Figures = dict[str, float | None]
_Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class SpanScores:
    """Recall, precision and intersection over union of characters."""

    recall: float
    precision: float
    iou: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one question was answered.

    `judged` says whether it is answerable and its gold is known, so that `right` (a quote answers, and all of
    `must_show` is shown), `right_at_1` (the first quote answers) and `rank` (from 0, of the first passage that
    answers; None if none does) mean something. `would_be_right` is `right` had it not abstained: what stands nearest
    is then taken as the answer. `precision` is the share of the quotes that answer, None without quotes. `verbatim` of
    the `quotes` quotes, and `nearest_verbatim` of the `nearest` ones, are exactly what stands in the article.
    """

    id: str
    answerable: bool
    abstained: bool
    confidence: float
    seconds: float | None
    judged: bool
    right: bool
    would_be_right: bool
    right_at_1: bool
    precision: float | None
    rank: int | None
    passages: SpanScores | None
    context: SpanScores | None
    quotes: int
    verbatim: int
    nearest: int
    nearest_verbatim: int

    @property
    def verdict(self) -> bool | None:
        """Whether it did what it should: answer rightly, or abstain; None where that is not known."""
        if self.answerable:
            return self.right if self.judged else None
        return self.abstained


def fold(text: str) -> str:
    """Case-folded words with single spaces: what answers are compared by."""
    return " ".join(re.sub(r"[^\w%$€£.-]+", " ", text.casefold()).split())


def span_scores(gold: Mapping[str, Sequence[_Pair]], spans: Sequence[Result]) -> SpanScores:
    """Characters of `spans` against those of the gold spans (article → start, end); overlapping spans count twice."""
    got = 0
    for article, wanted in gold.items():
        held = [(s["start"], s["end"]) for s in spans if s["article"] == article]
        got += _length((max(w[0], h[0]), min(w[1], h[1])) for w in wanted for h in held if _overlap(w, h))
    want = sum(_length(wanted) for wanted in gold.values())
    length = sum(s["end"] - s["start"] for s in spans)
    return SpanScores(got / want, got / length if length else 0.0, got / (length + want - got))


def score(question: TestQuestion, result: Result, text_of: ArticleText) -> Outcome:
    """How a result answers a question, on the articles' texts; an article that is gone holds nothing."""
    gold: dict[str, list[_Pair]] = {}
    for span in question.evidence:
        gold.setdefault(span.article, []).append((span.start, span.end))
    answers = _answers_it(question, gold, text_of)
    quotes, nearest = result.get("quotes", []), result.get("nearest", [])
    passages, context = result.get("passages", []), result.get("context", [])
    judged = question.answerable and bool(gold or question.sentence_contains is not None)
    shows = bool(gold) and question.answerable
    hits = [answers(quote) for quote in quotes] if judged else []
    near_hits = hits or [answers(quote) for quote in nearest] if judged else []
    abstained = bool(result["abstained"])
    return Outcome(
        id=question.id,
        answerable=question.answerable,
        abstained=abstained,
        confidence=result.get("confidence", 0.0),
        seconds=result.get("seconds"),
        judged=judged,
        right=not abstained and any(hits) and _says(question, result, quotes),
        would_be_right=any(near_hits) and _says(question, result, quotes or nearest),
        right_at_1=not abstained and bool(hits) and hits[0],
        precision=sum(hits) / len(hits) if hits else None,
        rank=next((i for i, passage in enumerate(passages) if answers(passage)), None) if judged else None,
        passages=span_scores(gold, passages[:5]) if shows else None,
        context=span_scores(gold, context) if shows else None,
        quotes=len(quotes),
        verbatim=sum(_is_verbatim(quote, text_of) for quote in quotes),
        nearest=len(nearest),
        nearest_verbatim=sum(_is_verbatim(quote, text_of) for quote in nearest),
    )


PER_QUESTION: dict[str, Callable[[Outcome], float | None]] = {
    "answered_right": lambda o: o.right if o.judged else None,
    "evidence_at_1": lambda o: o.right_at_1 if o.judged else None,
    "quote_precision": lambda o: o.precision,
    "abstained_right": lambda o: None if o.answerable else o.abstained,
    "abstained_wrong": lambda o: o.abstained if o.answerable else None,
    "false_answers": lambda o: None if o.abstained or o.verdict is None else not o.verdict,
    "passage_hit@1": lambda o: _hit(o, 1),
    "passage_hit@5": lambda o: _hit(o, 5),
    "passage_hit@10": lambda o: _hit(o, 10),
    "mrr@10": lambda o: (1 / (o.rank + 1) if o.rank is not None and o.rank < 10 else 0.0) if o.judged else None,
    "span_recall@5": lambda o: o.passages.recall if o.passages else None,
    "span_precision@5": lambda o: o.passages.precision if o.passages else None,
    "span_iou@5": lambda o: o.passages.iou if o.passages else None,
    "context_recall": lambda o: o.context.recall if o.context else None,
    "context_precision": lambda o: o.context.precision if o.context else None,
    "context_iou": lambda o: o.context.iou if o.context else None,
}
"""The figures that are means over questions: what each question adds, None where it does not count.

`false_answers` is the share of the answers shown that are wrong, or should not have been given; the lower the better.
"""


def figures(outcomes: Sequence[Outcome]) -> Figures:
    """All figures over the questions, by the scorer's names; None where no question counts."""
    out: Figures = {name: _mean(map(value, outcomes)) for name, value in PER_QUESTION.items()}
    right, abstained = out["answered_right"], out["abstained_right"]
    out["balanced"] = None if right is None or abstained is None else round((right + abstained) / 2, 4)
    out["auroc"] = auroc(
        [o.confidence for o in outcomes if o.answerable], [o.confidence for o in outcomes if not o.answerable]
    )
    out["aurc"] = aurc(outcomes)
    quotes, nearest = sum(o.quotes for o in outcomes), sum(o.nearest for o in outcomes)
    out["verbatim"] = round(sum(o.verbatim for o in outcomes) / quotes, 4) if quotes else None
    out["nearest_verbatim"] = round(sum(o.nearest_verbatim for o in outcomes) / nearest, 4) if nearest else None
    seconds = sorted(o.seconds for o in outcomes if o.seconds is not None)
    out["seconds_p50"] = round(statistics.median(seconds), 4) if seconds else None
    out["seconds_p95"] = round(seconds[int(len(seconds) * 0.95)], 4) if seconds else None
    return out


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float | None:
    """The probability that a positive scores above a negative, ties counting half (Mann–Whitney U / (n · m))."""
    if not positive or not negative:
        return None
    ordered = np.sort(np.array(negative, dtype=np.float64))
    below, upto = np.searchsorted(ordered, positive, "left"), np.searchsorted(ordered, positive, "right")
    return round(float((below + upto).sum()) / 2 / (len(positive) * len(negative)), 4)


def risk_coverage(outcomes: Iterable[Outcome]) -> list[tuple[float, float]]:
    """(coverage, risk) at n = 1, 2, … questions answered, the most confident first (El-Yaniv and Wiener, 2010).

    Risk is the share of the answers that are wrong or to an unanswerable question; an abstention is counted as the
    answer that its nearest quotes would have been. Among equal confidences the order does not matter: the errors are
    spread evenly. Answerable questions whose gold is not known are left out.
    """
    ordered = sorted((-o.confidence, not o.would_be_right) for o in outcomes if o.judged or not o.answerable)
    groups: dict[float, list[bool]] = {}
    for confidence, wrong in ordered:
        groups.setdefault(confidence, []).append(wrong)
    curve: list[tuple[float, float]] = []
    errors = 0
    for group in groups.values():
        share, answered = sum(group) / len(group), len(curve)
        for n in range(1, len(group) + 1):
            curve.append(((answered + n) / len(ordered), (errors + share * n) / (answered + n)))
        errors += sum(group)
    return curve


def aurc(outcomes: Iterable[Outcome]) -> float | None:
    """Area under the risk–coverage curve: the mean risk over all coverages (Geifman and El-Yaniv, 2017)."""
    return _mean(risk for _, risk in risk_coverage(outcomes))


def _answers_it(
    question: TestQuestion, gold: Mapping[str, Sequence[_Pair]], text_of: ArticleText
) -> Callable[[Result], bool]:
    """Whether a span answers: it holds a gold answer in a gold article, or overlaps gold by half of the shorter."""
    folded = [re.escape(fold(answer)) for answer in question.answers if fold(answer)]
    holds = re.compile(rf"(?<!\w)(?:{'|'.join(folded)})(?!\w)") if folded else None

    def answers(span: Result) -> bool:
        text = (text_of(span["article"]) or "")[span["start"] : span["end"]]
        if question.sentence_contains is not None:
            allowed = question.articles is None or span["article"] in question.articles
            return allowed and any(part in " ".join(text.split()) for part in question.sentence_contains)
        if span["article"] not in gold:
            return False
        if holds and holds.search(fold(text)):
            return True
        here = (span["start"], span["end"])
        return any(_overlap(here, g) * 2 >= min(g[1] - g[0], here[1] - here[0]) for g in gold[span["article"]])

    return answers


def _says(question: TestQuestion, result: Result, quotes: Sequence[Result]) -> bool:
    shown = fold(result["answer"] + " " + " ".join(quote["text"] for quote in quotes))
    return all(any(fold(part) in shown for part in group) for group in question.must_show)


def _is_verbatim(quote: Result, text_of: ArticleText) -> bool:
    text = (text_of(quote["article"]) or "")[quote["start"] : quote["end"]]
    return bool(text == quote["text"] and text.strip())


def _hit(outcome: Outcome, k: int) -> bool | None:
    return (outcome.rank is not None and outcome.rank < k) if outcome.judged else None


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return round(sum(known) / len(known), 4) if known else None


def _overlap(a: _Pair, b: _Pair) -> int:
    return max(0, min(a[1], b[1]) - max(a[0], b[0]))


def _length(spans: Iterable[_Pair]) -> int:
    """How many characters lie in at least one of the spans."""
    total, reached = 0, 0
    for start, end in sorted(spans):
        total += max(0, end - max(start, reached))
        reached = max(reached, end)
    return total
