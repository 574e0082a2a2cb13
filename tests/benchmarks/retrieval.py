"""How often the answer stands in the first 1, 5 and 10 passages, beside the same passages in plain FAISS and bm25s.

`python -m tests.benchmarks.retrieval [--data ../shared/data] [--indexes .indexes]`

All answerable questions of squad2, 1,299, are asked of its 100 articles. A passage counts if one of the answers stands
in it, whatever its case, and if it is of the article that was asked about. Retrieval has nothing fitted but the weight
of the cosine, .4, for which these questions were looked at among others. The last line is the order in which an answer
shows them: by what is read in them. The networks that read were fitted on six of the eight articles, so that it is told
of the other two alone, beside retrieval.
"""

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import bm25s
import faiss
import numpy as np

from chat.decision import load_weights
from chat.evidence import gather
from chat.question import asks_for, asks_for_list
from chat.quotes import reordered
from chat.reader import opened_reader
from chat.reading import judge, piece_of
from chat.retriever import DENSE_WEIGHT, retrieve
from chat.training.split import is_fitted
from chat.types import Question
from indexer import Embedder, Index, QuestionEmbedder, build

AT, _POOL = (1, 5, 10), 100
Ranked = Callable[[str, np.ndarray], Sequence[int]]


def main() -> None:
    """Print a line for each way of searching."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--indexes", type=Path, default=Path(".indexes"))
    options = parser.parse_args()
    embedder = Embedder()
    build(options.data / "squad2" / "corpus", options.indexes / "squad2", embedder=embedder)
    index = Index.open(options.indexes / "squad2")
    lines = (options.data / "squad2" / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    asked = [question for line in lines if (question := json.loads(line))["answerable"]]
    told = Answers(index, asked)
    unseen = np.array([not is_fitted("squad2", 0, question) for question in asked])
    ours = QuestionEmbedder(options.indexes / "squad2", index.manifest.model)
    vectors = np.stack([ours.embed_question(question["question"]) for question in asked])
    for name, ranked in (bare(told.texts, embedder) | own(index)).items():
        hits = told.hits([ranked(q["question"], vector) for q, vector in zip(asked, vectors, strict=True)])
        print(f"{name:44} {shown(hits)}   unseen articles ({unseen.sum()}) {shown(hits[unseen])}", flush=True)
    some = [number for number in range(len(asked)) if unseen[number]]
    read = read_first(index)
    hits = told.hits([read(asked[n]["question"], vectors[n]) for n in some], some)
    print(f"{'Quotewire, passages as an answer shows them':44} {'':14}   unseen articles ({len(some)}) {shown(hits)}")


def shown(hits: np.ndarray) -> str:
    """Percent of questions with a hit at each of `AT`; `hits` is bool (questions, 10)."""
    return " / ".join(f"{100 * hits[:, :k].any(axis=1).mean():.1f}" for k in AT)


class Answers:
    """Which passages hold the answers to the questions."""

    def __init__(self, index: Index, asked: Sequence[dict[str, object]]) -> None:
        """Read all passages, in the order of their rows."""
        self._asked, self.texts, self._paths = asked, list[str](), list[str]()
        for number, entry in enumerate(index.articles):
            record = index.record(number)
            self.texts += [record.text[p.start : p.end] for p in record.passages]
            self._paths += [entry.path] * len(record.passages)
        self._folded = [text.casefold() for text in self.texts]

    def hits(self, found: Sequence[Sequence[int]], numbers: Sequence[int] | None = None) -> np.ndarray:
        """Whether each of the first ten rows `found` answers its question, bool (questions, 10)."""
        asked = self._asked if numbers is None else [self._asked[number] for number in numbers]
        hits = np.zeros((len(asked), max(AT)), dtype=bool)
        for number, (question, rows) in enumerate(zip(asked, found, strict=True)):
            for rank, row in enumerate(rows[: max(AT)]):
                hits[number, rank] = self._answers(question, int(row))
        return hits

    def _answers(self, question: dict[str, object], row: int) -> bool:
        where, answers = question["paragraph"], question["answers"]
        assert isinstance(where, dict) and isinstance(answers, list)
        if self._paths[row] != where["article"]:
            return False
        return any(str(answer).casefold() in self._folded[row] for answer in answers)


def bare(texts: list[str], embedder: Embedder) -> dict[str, Ranked]:
    """`SentenceTransformer.encode`, `faiss.IndexFlatIP` and `bm25s`, and the convex sum of both, as they come."""
    flat = faiss.IndexFlatIP(embedder.info.dimension)
    flat.add(embedder.model.encode(texts, normalize_embeddings=True, show_progress_bar=False))
    words = bm25s.BM25()
    words.index(bm25s.tokenize(texts, stopwords="en", show_progress=False), show_progress=False)
    every = flat.reconstruct_n(0, flat.ntotal)

    def cosine(question: str, vector: np.ndarray) -> Sequence[int]:
        return np.asarray(flat.search(vector[None], max(AT))[1][0]).tolist()

    def bm25(question: str) -> np.ndarray:
        tokens = bm25s.tokenize(question, stopwords="en", show_progress=False, return_ids=False)[0]
        return np.asarray(words.get_scores(tokens)) if tokens else np.zeros(len(texts))

    def hybrid(question: str, vector: np.ndarray) -> Sequence[int]:
        scores = bm25(question)
        near = np.maximum(every @ vector, 0)
        both = DENSE_WEIGHT * near / near.max() + (1 - DENSE_WEIGHT) * scores / (scores.max() or 1)
        return np.argsort(-both, kind="stable")[: max(AT)].tolist()

    return {
        "bare: cosine": cosine,
        "bare: bm25s": lambda question, vector: np.argsort(-bm25(question), kind="stable")[: max(AT)].tolist(),
        f"bare: {DENSE_WEIGHT} cosine/max + {1 - DENSE_WEIGHT:.1f} bm25/max": hybrid,
    }


def own(index: Index) -> dict[str, Ranked]:
    """This index by cosine alone, and as it is searched."""
    return {
        "Quotewire: cosine": lambda question, vector: index.nearest(vector, max(AT))[0].tolist(),
        "Quotewire": lambda question, vector: [hit.row for hit in retrieve(index, question, vector, max(AT))],
    }


def read_first(index: Index) -> Ranked:
    """The passages in the order in which an answer shows them."""
    weights = load_weights()
    reader = opened_reader(weights.reader)

    def ranked(question: str, vector: np.ndarray) -> Sequence[int]:
        hits = retrieve(index, question, vector, 24)
        asked = Question(question, question, asks_for(question), asks_for_list(question))
        found = gather(index, asked, vector, hits)
        judged = judge(reader, question, lambda i: piece_of(index, found, i), found, weights)
        return [hit.row for hit in reordered(hits, found, judged.scores)]

    return ranked


if __name__ == "__main__":
    main()
