"""Make `weights/evidence.json`: `python -m chat.training.evidence --data ../shared/data --indexes DIR`.

Fitted on squad2's questions about six of its eight articles, on the odd lines of the question files of clapnq and
chroma_chunking, on made-up announcements, on articles written for it and on questions written about real texts. Beside
their own unanswerable questions, three kinds are made of the answerable ones: the sentences that answer are taken away;
a name is swapped for another of the same article; an attribute is asked that the article has no word for.
"""

import argparse
import hashlib
import json
import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression

from chat.decision import Weights, decision_signals, parse_weights, rank_scores
from chat.evidence import SIGNALS, Candidates, gather
from chat.question import asks_for
from chat.reader import Piece
from chat.reading import piece_of
from chat.retriever import retrieve
from chat.training import synthetic
from chat.training.asked import read_asked
from chat.training.split import is_fitted
from chat.training.written import (
    TENTHS_TO_CALIBRATE,
    TENTHS_TO_REPORT,
    Asked,
    asked_of,
    indexed,
    read_written,
    told_nowhere_else,
)
from chat.types import Asks, Hit, Question, Span
from indexer import Candidates as Passages
from indexer import Embedder, Index, Record, TermIndex, build, terms

SETS = ("squad2", "clapnq", "chroma_chunking")
MADE = "made"  # made-up announcements; (how many, seed) for the fit, the calibration and the report
MADE_TO_FIT, MADE_TO_CALIBRATE, MADE_TO_REPORT = (150, 2001), (60, 2002), (30, 2003)
# The first three have 2,828, 300 and 472 questions, and so count about alike.
# Articles that were written for training, and questions that were written about real texts: see written.py, asked.py.
WRITTEN, ASKED = "written", "asked"
SET_WEIGHT = {"squad2": 1.0, "clapnq": 6.0, "chroma_chunking": 1.5, MADE: 1.5, WRITTEN: 1.0, ASKED: 1.0}
KIND_WEIGHT = {"answerable": 1.0, "unanswerable": 1.0, "removed": 0.5, "swapped": 0.5, "attribute": 0.5}
HIDDEN, EPOCHS, RATE, DECAY, SEED = 16, 25, 3e-3, 0.3, 0
UNDECIDED = {"decision_mean": [], "decision_scale": [], "decision": [], "decision_bias": 0.0}
UNREAD: dict[str, Any] = {
    "blend": 1.0, "again": 0.0, "final_mean": [], "final_scale": [], "final": [], "final_bias": 0.0,
    "thresholds": {}, "unread_thresholds": {}, "reader": "",
}  # fmt: skip
STRENGTH = 0.03  # inverse of the logistic model's L2 penalty
_NAME = re.compile(r"\b[A-Z][\w’'-]+(?:\s+(?:of\s+)?[A-Z][\w’'-]+){0,3}")
_ATTRIBUTES = (
    ("When did {} sign the contract?", "contract sign"), ("What is the phone number of {}?", "phone"),
    ("How much does {} cost?", "cost price"), ("What is the share price of {}?", "share price"),
    ("Who is the chief financial officer of {}?", "financi officer"), ("What is the email address of {}?", "email"),
    ("In which hotel did {} meet?", "hotel"), ("How many employees does {} have?", "employe worker staff"),
    ("What salary does {} receive?", "salari paid"), ("What did {} say about the weather?", "weather"),
    ("When will {} open the new factory?", "factori plant"), ("What discount does {} offer?", "discount"),
    ("Which bank advised {}?", "bank"), ("How old is {}?", "age born old"), ("Why did {} resign?", "resign"),
    ("Where is the headquarters of {}?", "headquart"), ("Who wrote the press release of {}?", "press releas"),
    ("How long will the warranty of {} last?", "warranti"), ("What colour is the logo of {}?", "logo colour color"),
    ("Did {} apologise to its customers?", "apologis apolog custom"),
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Example:
    """A question with its candidates; `right[i]` says whether candidate i answers, `pieces[i]` is it as it is read."""

    set: str
    kind: str
    fits: bool
    small: bool
    asks: Asks
    candidates: Candidates
    right: np.ndarray
    question: str
    pieces: tuple[Piece, ...]
    holds_back: bool = False

    @property
    def calibrates(self) -> bool:
        """Whether this is one of the tenth of examples that the reader is not trained on."""
        if self.set == MADE or self.is_written:
            return self.holds_back
        where = repr(self.candidates.spans[:1]) + "".join(piece.title for piece in self.pieces[:1])
        return int(hashlib.sha256(where.encode()).hexdigest(), 16) % 10 == 0

    @property
    def is_written(self) -> bool:
        """Whether its question was written for training."""
        return self.set in (WRITTEN, ASKED)

    @property
    def answerable(self) -> bool:
        """Whether some candidate should answer."""
        return self.kind == "answerable"


def main() -> None:
    """Fit, report and write the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument(
        "--indexes", type=Path, default=Path(".indexes"), help="where the sets' indexes are or are made"
    )
    parser.add_argument("--output", type=Path, default=Path(__file__).parents[1] / "weights" / "evidence.json")
    options = parser.parse_args()
    torch.set_num_threads(1)  # sums in one order: the same weights every time
    examples = load_examples(options.data, options.indexes, options.output.parent / "background.json")
    raw = fit_signals(examples)
    options.output.write_text(to_json(raw), encoding="utf-8")
    print(f"fitted on {raw['examples']}; now run lessons, reader and calibrate of chat.training")


def fit_signals(examples: Sequence[Example]) -> dict[str, Any]:
    """The weights of `weights/evidence.json` but for what `calibrate` adds, fitted on what `split` says."""
    fitted = [e for e in examples if e.fits]
    raw = fit_ranking(fitted) | UNDECIDED | UNREAD
    # Without the written articles: their questions mislead a decision by words alone (see weights/README.md).
    raw |= fit_decision([e for e in fitted if not e.is_written], parse_weights(raw))
    counts = Counter(f"{e.set} {e.kind}" for e in fitted)
    return raw | {"examples": dict(sorted(counts.items()))}


def load_examples(data: Path, indexes: Path, background: Path) -> list[Example]:
    """All examples of all sets; makes the indexes and the background where they are missing."""
    random.seed(SEED)
    torch.manual_seed(SEED)
    embedder = Embedder()
    for name in SETS:
        build(data / name / "corpus", indexes / name, embedder=embedder)
    if not background.exists():
        counted = make_background([indexes / name for name in SETS])
        background.write_text(json.dumps(counted) + "\n", encoding="utf-8")
    made = [example for part in made_parts(embedder) for example in part]
    made += written_examples(data, embedder)
    return made + [e for name in SETS for e in make_examples(name, data / name, indexes / name, embedder)]


def made_parts(embedder: Embedder) -> Iterator[Iterator[Example]]:
    """The made-up announcements: to fit on, to calibrate on, to report on."""
    for (count, seed), fits, held in (
        (MADE_TO_FIT, True, False),
        (MADE_TO_CALIBRATE, True, True),
        (MADE_TO_REPORT, False, True),
    ):
        yield made_examples(count, seed, fits, held, embedder)


def made_examples(count: int, seed: int, fits: bool, held: bool, embedder: Embedder) -> Iterator[Example]:
    """Questions of made-up announcements, each asked of its own article.

    One that names what no other article names is asked of all of them, too: no other can answer it.
    """
    made = list(synthetic.articles(count, seed))
    with indexed([_as_text(article) for article in made], ".txt", embedder) as index:
        texts = [index.record(number).text for number in range(count)]
        of_itself = told_nowhere_else([set(terms(text)) for text in texts])
        for number, (article, text, here) in enumerate(zip(made, texts, of_itself, strict=True)):
            alone = a_few_passages(index, Span(number, 0, 1), most=len(index.record(number).passage_rows))
            for question in article.questions:
                starts = [text.find(article.sentences[i]) for i in question.right]
                spans = [(s, s + len(article.sentences[i])) for s, i in zip(starts, question.right, strict=True)]
                kind, gold = ("answerable", {number: spans}) if question.right else ("unanswerable", {})
                vector = embedder.embed_question(question.question)
                for source in (alone, index) if here & set(terms(question.question)) else (alone,):
                    hits = retrieve(source, question.question, vector)
                    small = source is alone
                    example = _example(source, MADE, kind, fits, small, question.question, vector, hits, gold)
                    yield replace(example, holds_back=held)


def written_examples(data: Path, embedder: Embedder) -> Iterator[Example]:
    """Questions of the written articles, and those written about real texts, as they are and with the sentences put in.

    What is answered is asked, too, with the sentences taken away that answer.
    """
    for name, plain_ones in ((WRITTEN, read_written()), (ASKED, read_asked(data))):
        tenths = [article.tenth for article in plain_ones]
        for articles in (plain_ones, [article.told() for article in plain_ones]):
            with indexed([article.text for article in articles], ".md", embedder) as index:
                for asked in asked_of(articles):
                    example = _written_example(index, name, asked, tenths[asked.number], embedder)
                    yield example
                    if example.answerable:
                        yield _kept(example, ~example.right)


def _written_example(index: Index, name: str, asked: Asked, tenth: int, embedder: Embedder) -> Example:
    """The question, asked of its article alone or of all."""
    text = asked.question.question
    whole = len(index.record(asked.number).passage_rows)
    source = a_few_passages(index, Span(asked.number, 0, 1), most=whole) if asked.alone else index
    vector = embedder.embed_question(text)
    gold = {asked.number: asked.article.gold(asked.question)} if asked.question.answers else {}
    kind, fits = "answerable" if gold else "unanswerable", tenth not in TENTHS_TO_REPORT
    hits = retrieve(source, text, vector)
    example = _example(source, name, kind, fits, asked.alone, text, vector, hits, gold)
    return replace(example, holds_back=tenth in TENTHS_TO_CALIBRATE)


def _as_text(article: synthetic.MadeArticle) -> str:
    """A made-up announcement as a text file: the title, then paragraphs of three sentences."""
    paragraphs = [" ".join(article.sentences[n : n + 3]) for n in range(0, len(article.sentences), 3)]
    return article.title + "\n\n" + "\n\n".join(paragraphs) + "\n"


def make_examples(name: str, data: Path, where: Path, embedder: Embedder) -> Iterator[Example]:
    """The questions of a set, and those that are made of its answerable ones.

    Each is asked twice: of the whole corpus, and of a few neighbouring passages of one article, which is how it is
    with a first announcement.
    """
    index = Index.open(where)
    for number, line in enumerate((data / "questions.jsonl").read_text(encoding="utf-8").splitlines(), start=1):
        question = json.loads(line)
        if question["answerable"] and "evidence" not in question:
            continue
        gold = gold_spans(index, question)
        kind = "answerable" if question["answerable"] else "unanswerable"
        asked = [(kind, question["question"])]
        if question["answerable"]:
            asked += list(_made_of(index, question, gold))
        few = None
        for made, text in asked:
            vector = embedder.embed_question(text)
            hits = retrieve(index, text, vector)
            few = few or a_few_passages(index, _asked_of(index, question, gold, hits[0].span))
            for small, source in ((False, index), (True, few)):
                found = hits if source is index else retrieve(source, text, vector)
                fits = is_fitted(name, number, question)
                example = _example(source, name, made, fits, small, text, vector, found, gold if made == kind else {})
                yield example
                if example.answerable:
                    yield _without(example, source, question, gold)


def _asked_of(index: Index, question: dict[str, Any], gold: dict[int, list[tuple[int, int]]], best: Span) -> Span:
    """Where a question was asked of: its evidence, its paragraph, else the best passage."""
    if gold:
        article, spans = next(iter(gold.items()))
        return Span(article, *spans[0])
    if "paragraph" in question:
        asked = index.article_number(question["paragraph"]["article"])
        assert asked is not None
        return Span(asked, question["paragraph"]["start"], question["paragraph"]["end"])
    return best


class a_few_passages(Index):  # noqa: N801 - reads as what it is
    """An index of three to twelve neighbouring passages of one article, the one that holds `span` among them.

    Articles keep their numbers, so that spans mean the same in it as in the whole index.
    """

    def __init__(self, index: Index, span: Span, most: int = 12) -> None:
        """Take the passages from `index`."""
        whole = index.record(span.article)
        rows = whole.passage_rows
        at = int(np.argmax(rows[:, 1] > span.start))
        size = random.randint(min(3, most), most)
        first = max(0, min(at - random.randrange(size), len(rows) - size))
        part = slice(first, first + size)
        ends = np.cumsum(whole.terms.lengths)
        begin = int(ends[first - 1]) if first else 0
        lengths = whole.terms.lengths[part]
        few = replace(
            whole,
            passage_rows=rows[part],
            passage_vectors=whole.passage_vectors[part],
            terms=replace(
                whole.terms, numbers=whole.terms.numbers[begin : begin + int(lengths.sum())], lengths=lengths
            ),
        )
        vars(few)["sentence_vectors"] = whole.sentence_vectors  # packed beside all of the passages' vectors
        self._article, self._few = span.article, few
        self.terms = TermIndex.build([few.terms])
        self.articles = index.articles

    def candidates(
        self, asked: Sequence[str], vector: np.ndarray, k: int, articles: Sequence[int] | None = None
    ) -> Passages:
        """All of the passages."""
        vectors = self._few.passage_vectors
        return Passages(np.arange(len(vectors)), vectors.astype(np.float32) @ vector, self.terms.scores(asked))

    def record(self, article: int) -> Record:
        """The article's record, with the few passages alone."""
        return self._few

    def locate(self, row: int) -> tuple[int, int]:
        """(article, passage) of a row."""
        return self._article, row


def make_background(indexes: Sequence[Path]) -> dict[str, Any]:
    """Of the articles' passages (no questions): how many there are, and how many hold each stem, if three or more."""
    opened = [Index.open(path) for path in indexes]
    holding: dict[str, int] = {}
    for index in opened:
        for stem in index.terms.vocabulary:
            holding[stem] = holding.get(stem, 0) + index.terms.holding(stem)
    common = {stem: count for stem, count in sorted(holding.items()) if count >= 3}
    return {"rows": sum(index.manifest.passages for index in opened), "holding": common}


def gold_spans(index: Index, question: dict[str, Any]) -> dict[int, list[tuple[int, int]]]:
    """Article number → spans of the evidence."""
    gold: dict[int, list[tuple[int, int]]] = {}
    for evidence in question.get("evidence", ()):
        article = index.article_number(evidence["article"])
        assert article is not None, evidence["article"]
        start = evidence.get("start", index.record(article).text.find(evidence["quote"]))
        gold.setdefault(article, []).append((start, start + len(evidence["quote"])))
    return gold


def _example(
    index: Index,
    name: str,
    kind: str,
    fits: bool,
    small: bool,
    text: str,
    vector: np.ndarray,
    hits: tuple[Hit, ...],
    gold: dict[int, list[tuple[int, int]]],
) -> Example:
    question = Question(text, text, asks_for(text))
    candidates = gather(index, question, vector, hits)
    right = np.array([_overlaps(span, gold) for span in candidates.spans], dtype=bool)
    pieces = tuple(piece_of(index, candidates, i) for i in range(len(candidates.spans)))
    return Example(name, kind, fits, small, question.asks, candidates, right, text, pieces)


def _overlaps(span: Span, gold: dict[int, list[tuple[int, int]]]) -> bool:
    """Whether a span shares half of the shorter one of itself and a gold span."""
    return any(
        2 * (min(span.end, end) - max(span.start, start)) >= min(end - start, span.end - span.start)
        for start, end in gold.get(span.article, ())
    )


def _without(
    example: Example, index: Index, question: dict[str, Any], gold: dict[int, list[tuple[int, int]]]
) -> Example:
    """The same question where nothing that answers it is left; sentences that hold an answer's words go too."""
    answers = [answer.casefold() for answer in question.get("answers", ()) if answer.strip()]

    def stays(span: Span) -> bool:
        text = index.record(span.article).text[span.start : span.end].casefold()
        return not (span.article in gold and any(answer in text for answer in answers))

    keep = np.array([stays(span) for span in example.candidates.spans], dtype=bool) & ~example.right
    return _kept(example, keep)


def _kept(example: Example, keep: np.ndarray) -> Example:
    """The same question with some of the sentences, none of which answers."""
    old = example.candidates
    kept = Candidates(
        tuple(span for span, k in zip(old.spans, keep, strict=True) if k),
        tuple(number for number, k in zip(old.sentences, keep, strict=True) if k),
        old.hits[keep],
        old.signals[keep].copy(),
    )
    pieces = tuple(piece for piece, k in zip(example.pieces, keep, strict=True) if k)
    return replace(example, kind="removed", candidates=kept, right=example.right[keep], pieces=pieces)


def _made_of(
    index: Index, question: dict[str, Any], gold: dict[int, list[tuple[int, int]]]
) -> Iterator[tuple[str, str]]:
    """Unanswerable questions: one with a name of the article swapped in, one for an attribute without a word in it."""
    article, spans = next(iter(gold.items()))
    text = index.record(article).text
    asked = question["question"]
    near = text[max(0, spans[0][0] - 400) : spans[0][1] + 400]
    inside = [match for match in _NAME.finditer(asked) if match.start() > 0]
    others = [n for n in dict.fromkeys(_NAME.findall(text)) if len(n) > 4 and n not in near and n not in asked]
    if inside and others:
        match = random.choice(inside)
        yield "swapped", asked[: match.start()] + random.choice(others) + asked[match.end() :]
    names = [n for n in dict.fromkeys(_NAME.findall(near)) if " " in n and not n.startswith(("The ", "In ", "A "))]
    held = set(terms(text))
    lacking = [template for template, stems in _ATTRIBUTES if not held & set(stems.split())]
    if names and lacking:
        yield "attribute", random.choice(lacking).format(random.choice(names))


def fit_ranking(examples: Sequence[Example]) -> dict[str, Any]:
    """Fit the ranking network listwise: the chance of the right sentences among all, by softmax."""
    usable = [e for e in examples if e.answerable and e.right.any()]
    stacked = np.concatenate([e.candidates.signals for e in usable])
    mean, scale = stacked.mean(axis=0), spread(stacked)
    network = torch.nn.Sequential(
        torch.nn.Linear(len(SIGNALS), HIDDEN), torch.nn.GELU("tanh"), torch.nn.Linear(HIDDEN, 1, bias=False)
    )
    optimiser = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=DECAY)
    data = [(torch.tensor((e.candidates.signals - mean) / scale), torch.tensor(e.right)) for e in usable]
    for epoch in range(EPOCHS):
        for group in optimiser.param_groups:
            group["lr"] = RATE * (1 - epoch / EPOCHS)
        order = np.random.default_rng(SEED + epoch).permutation(len(data))
        for begin in range(0, len(order), 32):
            loss = torch.zeros(())
            for i in order[begin : begin + 32]:
                scores = network(data[i][0])[:, 0]
                chance = torch.logsumexp(scores[data[i][1]], 0) - torch.logsumexp(scores, 0)
                loss = loss - SET_WEIGHT[usable[i].set] * chance
            optimiser.zero_grad()
            (loss / 32).backward()  # type: ignore[no-untyped-call]
            optimiser.step()
    state = {key: value.detach().numpy().astype(np.float64) for key, value in network.state_dict().items()}
    return {
        "signals": list(SIGNALS),
        "mean": plain(mean),
        "scale": plain(scale),
        "hidden": plain(state["0.weight"].T),
        "hidden_bias": plain(state["0.bias"]),
        "output": plain(state["2.weight"][0]),
    }


def fit_decision(examples: Sequence[Example], weights: Weights) -> dict[str, Any]:
    """Fit the logistic model over the signals.

    An answerable question whose two best sentences are wrong teaches nothing about either and is left out.
    """
    rows, answers, counts = _decisions(examples, weights)
    mean, scale = rows.mean(axis=0), spread(rows)
    model = LogisticRegression(C=STRENGTH, max_iter=5000).fit((rows - mean) / scale, answers, counts)
    return {
        "decision_mean": plain(mean),
        "decision_scale": plain(scale),
        "decision": plain(model.coef_[0]),
        "decision_bias": round(float(model.intercept_[0]), 5),
    }


def _decisions(examples: Sequence[Example], weights: Weights) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The decision's signals, whether it should answer, and how much each example counts."""
    rows, answers, counts = [], [], []
    for example in examples:
        if not len(example.candidates.spans):
            continue
        scores = rank_scores(example.candidates.signals, weights)
        best = np.argsort(-scores, kind="stable")[:2]
        if example.answerable and not example.right[best].any():
            continue
        rows.append(decision_signals(example.candidates, scores))
        answers.append(example.answerable)
        counts.append(SET_WEIGHT[example.set] * KIND_WEIGHT[example.kind])
    return np.array(rows), np.array(answers), np.array(counts)


def to_json(raw: dict[str, Any]) -> str:
    """JSON with one key a line."""
    return "{\n" + ",\n".join(f" {json.dumps(key)}: {json.dumps(value)}" for key, value in raw.items()) + "\n}\n"


def spread(rows: np.ndarray) -> np.ndarray:
    """Standard deviation of each column; 1 for one that is constant."""
    deviation = rows.std(axis=0)
    return np.where(deviation < 1e-3, 1.0, deviation)


def plain(array: np.ndarray) -> list[Any]:
    """An array as lists of rounded numbers, for JSON."""
    rounded: list[Any] = np.round(array.astype(np.float64), 5).tolist()
    return rounded


if __name__ == "__main__":
    main()
