"""What the reader is trained on, as one file of numbers: `python -m chat.training.lessons --data ../shared/data`.

A question with the sentences that lead among those it was asked of. Which of them a lesson shows, and whether those
that answer are among them, is drawn anew each time (`reader`). Fitted on what `split` says of squad2, clapnq and
chroma_chunking, on what `evidence` makes of them, on made-up announcements (`synthetic`), on questions cut out of real
sentences (`clozes`), on written articles (`written`) and on questions written about real texts (`asked`).
"""

import argparse
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from chat.context import needs_context
from chat.decision import Weights, load_weights, rank_scores
from chat.reader import Packer, Piece
from chat.training.clozes import clozes
from chat.training.evidence import MADE, Example, load_examples
from chat.training.pool import CALIBRATES, FITS, REPORTS, Pool, Row, pooled
from chat.training.split import SQUAD_TEST
from chat.training.synthetic import articles, typo
from chat.training.written import told_nowhere_else
from indexer import Index, terms

# So many sentences of a question are kept, of which a lesson shows a part.
CHOICES = 16
MADE_ARTICLES, CLOZES, SEED = 1500, 9000, 3000
CLOZED = ("squad2", "chroma_chunking")
NOT_CLOZED = {("squad2", path) for path in SQUAD_TEST}
_AMONG_OTHERS = 0.5


@dataclass(frozen=True)
class Told:
    """A sentence of an article that is read for a lesson: its stems, and how it is read."""

    article: int
    number: int
    stems: frozenset[str]
    piece: Piece


def rows_of(examples: Iterable[Example], weights: Weights) -> Iterator[Row]:
    """The examples with the sentences that rank best. What answers a written question is taken away by drawing."""
    for e in examples:
        if not len(e.candidates.spans):
            continue
        scores = rank_scores(e.candidates.signals, weights)
        order = [int(i) for i in np.argsort(-scores, kind="stable")[:CHOICES]]
        c = e.candidates
        places = [(int(c.hits[i]), c.spans[i].article, c.sentences[i]) for i in order]
        part = REPORTS if not e.fits else CALIBRATES if e.calibrates else FITS
        pieces = [e.pieces[i] for i in order]
        right = [bool(e.right[i]) for i in order]
        yield Row(e.set, e.kind, part, e.question, pieces, right, places)


def told(article: int, title: str, sentences: Sequence[str]) -> list[Told]:
    """An article's sentences; one that points back is read with the nearest of three before it that does not."""
    found = []
    for number, text in enumerate(sentences):
        before = ""
        if needs_context(text):
            earlier = (sentences[i] for i in range(number - 1, max(-1, number - 4), -1))
            before = next((one for one in earlier if not needs_context(one)), "")
        found.append(Told(article, number, frozenset(terms(text)), Piece(text, title, before)))
    return found


def told_row(
    name: str, question: str, right: frozenset[tuple[int, int]], among: Sequence[Told], rng: random.Random
) -> Row:
    """A question with the sentences that are nearest to it by their words, those that answer among them."""
    asked = set(terms(question))
    near = {id(one): len(asked & one.stems) / (1 + len(one.stems)) ** 0.3 + rng.random() for one in among}
    answers = {id(one): (one.article, one.number) in right for one in among}
    best = sorted(among, key=lambda one: (answers[id(one)], near[id(one)]), reverse=True)[:CHOICES]
    best.sort(key=lambda one: -near[id(one)])
    kind = "answerable" if right else "unanswerable"
    places = [(one.article, one.article, one.number) for one in best]
    return Row(name, kind, FITS, question, [one.piece for one in best], [answers[id(one)] for one in best], places)


def made_rows(count: int, seed: int) -> Iterator[Row]:
    """Questions of made-up announcements.

    One that names what no other article names is asked, half of the time, among the sentences of two others.
    """
    rng = random.Random(seed)
    written = list(articles(count, seed))
    read = [told(number, article.title, article.sentences) for number, article in enumerate(written)]
    stems = [
        frozenset().union(*(one.stems for one in sentences), terms(w.title))
        for sentences, w in zip(read, written, strict=True)
    ]
    of_itself = told_nowhere_else(stems)
    for number, (article, here) in enumerate(zip(written, of_itself, strict=True)):
        for made in article.questions:
            asked = set(terms(made.question))
            among = list(read[number])
            if here & asked and rng.random() < _AMONG_OTHERS:
                others = sorted(
                    rng.sample(range(len(written)), min(8, len(written))), key=lambda n: -len(asked & stems[n])
                )
                among += [one for other in others[:2] if other != number for one in read[other]]
            yield told_row(MADE, made.question, frozenset((number, i) for i in made.right), among, rng)


def cloze_rows(indexes: Path, count: int, seed: int) -> Iterator[Row]:
    """Questions cut out of the sentences of squad2 (but for its test articles) and chroma_chunking."""
    rng, found = random.Random(seed), []
    for name in CLOZED:
        index = Index.open(indexes / name)
        numbers = [n for n, entry in enumerate(index.articles) if (name, entry.path) not in NOT_CLOZED]
        records = {n: index.record(n) for n in numbers}
        known = Counter(word for record in records.values() for word in record.text.split())
        for n, record in records.items():
            sentences = [" ".join(record.text[s.start : s.end].split()) for s in record.sentences]
            found += [(index.articles[n].title, sentences, cloze) for cloze in clozes(sentences, known, rng)]
    for title, sentences, cloze in rng.sample(found, min(count, len(found))):
        first = max(0, cloze.right - rng.randrange(5, 25))
        near = told(0, title, sentences[first : cloze.right + 25])
        yield told_row("clozes", cloze.question, frozenset({(0, cloze.right - first)}), near, rng)


def pool_of(rows: Iterable[Row]) -> Pool:
    """All rows as numbers; of each question there is a misspelt form beside it."""
    rng, packer = random.Random(SEED), Packer()
    return pooled(rows, packer.tokens, lambda question: typo(rng, question))


def all_rows(examples: Iterable[Example], indexes: Path) -> Iterator[Row]:
    """The rows of the examples, of more made-up announcements, and of clozes."""
    # What answers a written question is taken away as lessons are drawn: no need to keep it twice.
    kept = (e for e in examples if not (e.kind == "removed" and e.is_written))
    yield from rows_of(kept, load_weights())
    yield from made_rows(MADE_ARTICLES, SEED)
    yield from cloze_rows(indexes, CLOZES, SEED)


def main() -> None:
    """Make the examples, and write the pool."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--indexes", type=Path, default=Path(".indexes"))
    parser.add_argument("--output", type=Path, default=Path(".indexes/lessons.npz"))
    options = parser.parse_args()
    background = Path(__file__).parents[1] / "weights" / "background.json"
    pool = pool_of(all_rows(load_examples(options.data, options.indexes, background), options.indexes))
    pool.save(options.output)
    print(f"{options.output}: {len(pool.kind)} questions")


if __name__ == "__main__":
    main()
