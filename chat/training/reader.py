"""Train `weights/reader.safetensors`: `python -m chat.training.reader --data ../shared/data --indexes DIR`.

Fitted on what `split` says of squad2, clapnq and chroma_chunking (but for every tenth of it, which
`calibrate` fits on), on what `evidence` makes of them, on made-up announcements (`synthetic`) and on questions cut out
of real sentences (`clozes`). Then `--written` goes on from those weights, mostly with the articles that were written
for it (`written`). A checkpoint every hundred steps makes it go on where it was stopped.
"""

import argparse
import random
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file

from chat.context import needs_context
from chat.decision import load_weights, rank_scores
from chat.reader import WEIGHTS, Packed, Packer, Piece
from chat.reading import alone, leading
from chat.training.clozes import clozes
from chat.training.evidence import MADE, SETS, WRITTEN, Example, load_examples
from chat.training.reader_model import ReaderModel, trained_model
from chat.training.split import SQUAD_TEST
from chat.training.synthetic import articles
from chat.training.written import told_nowhere_else
from indexer import Index, terms

SEED, BATCH, BODY_RATE, HEAD_RATE, DECAY = 0, 16, 5e-5, 5e-4, 0.01
FROZEN_LAYERS = 2
EPOCHS, STEPS, MADE_ARTICLES, CLOZES = 4, 2000, 360, 2200
# With `--written`: steps, how many lessons of each kind an epoch takes, and the share of questions that are misspelt.
WRITTEN_STEPS, OF_EACH = 3200, {"written": 1500, "real": 550, "made": 250, "clozes": 200, "alone": 2500}
MISSPELT = 0.08
# How often an example of a kind is taken in an epoch.
TAKEN = {"answerable": 1.0, "unanswerable": 0.6, "removed": 0.35, "swapped": 0.35, "attribute": 0.25}
# Of the examples that the sets make twice (asked of the whole corpus, and of a few passages), how many of each.
TAKEN_OF = {False: 1.0, True: 0.6}
CLOZED = ("squad2", "chroma_chunking")
NOT_CLOZED = {("squad2", path) for path in SQUAD_TEST}
REMOVED, MISSED, AMONG_OTHERS = 0.4, 0.1, 0.5


@dataclass(frozen=True)
class Lesson:
    """A packed example; `right` are the numbers of the packed sentences that answer (empty: none does)."""

    packed: Packed
    right: tuple[int, ...]


@dataclass(frozen=True)
class Told:
    """A sentence of an article that is read for a lesson: its stems, and how it is read."""

    article: int
    number: int
    stems: frozenset[str]
    piece: Piece


def lesson_of(packer: Packer, example: Example, scores: np.ndarray) -> Lesson:
    """The example as the reader will meet it: the sentences that rank best, in the order of the text."""
    numbers, packed = leading(packer, example.question, example.pieces.__getitem__, example.candidates, scores)
    return Lesson(packed, tuple(n for n, i in enumerate(numbers) if example.right[i]))


def alone_lessons(packer: Packer, example: Example, scores: np.ndarray, rng: random.Random) -> Iterator[Lesson]:
    """Single sentences, as they are read once more: the leading one that answers, and one of three that do not."""
    order = np.argsort(-scores, kind="stable")
    right, wrong = ([int(i) for i in order if example.right[i] == answers] for answers in (True, False))
    if right:
        yield Lesson(alone(packer, example.question, example.pieces[right[0]]), (0,))
    if wrong:
        yield Lesson(alone(packer, example.question, example.pieces[rng.choice(wrong[:3])]), ())


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


def told_lesson(
    packer: Packer, question: str, right: frozenset[tuple[int, int]], among: Sequence[Told], rng: random.Random
) -> Lesson:
    """A question with up to eight sentences: those that answer (mostly), and those nearest to it by their words."""
    asked = set(terms(question))
    drop = right and rng.random() < MISSED
    pool = [one for one in among if not (drop and (one.article, one.number) in right)]
    nearness = {
        id(one): (
            (one.article, one.number) in right,
            len(asked & one.stems) / (1 + len(one.stems)) ** 0.3 + rng.random(),
        )
        for one in pool
    }
    best = sorted(pool, key=lambda one: nearness[id(one)], reverse=True)[: rng.choice((4, 5, 6, 6, 6, 7))]
    articles = list(dict.fromkeys(one.article for one in best))
    rng.shuffle(articles)
    chosen = sorted(best, key=lambda one: (articles.index(one.article), one.number))
    pieces = [
        replace(
            one.piece, follows=n > 0 and (one.article, one.number) == (chosen[n - 1].article, chosen[n - 1].number + 1)
        )
        for n, one in enumerate(chosen)
    ]
    packed = packer.pack(question, pieces)
    kept = enumerate(chosen[: len(packed.sentences)])
    return Lesson(packed, tuple(n for n, one in kept if (one.article, one.number) in right))


def made_lessons(packer: Packer, count: int, seed: int) -> Iterator[Lesson]:
    """Lessons of made-up announcements.

    A question that names what no other article names is asked, half of the time, among the sentences of two others.
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
            if here & asked and rng.random() < AMONG_OTHERS:
                others = sorted(
                    rng.sample(range(len(written)), min(8, len(written))), key=lambda n: -len(asked & stems[n])
                )
                among += [one for other in others[:2] if other != number for one in read[other]]
            right = frozenset((number, i) for i in made.right)
            yield told_lesson(packer, made.question, right, among, rng)


def cloze_lessons(packer: Packer, indexes: Path, count: int, seed: int) -> Iterator[Lesson]:
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
        right = frozenset({(0, cloze.right - first)})
        if rng.random() < REMOVED:
            near, right = [one for one in near if one.number != cloze.right - first], frozenset()
        if near:
            yield told_lesson(packer, cloze.question, right, near, rng)


def loss_of(scores: torch.Tensor, lesson: Lesson) -> torch.Tensor:
    """Negative log chance of what is right: any of the right sentences, or “none”."""
    right = list(lesson.right) or [len(scores) - 1]
    return torch.logsumexp(scores, 0) - torch.logsumexp(scores[right], 0)


def real_lessons(packer: Packer, examples: Sequence[Example], epoch: int) -> Iterator[Lesson]:
    """One epoch's lessons from the sets: each kind as often as `TAKEN` says, clapnq (the smallest) twice that."""
    rng, weights = random.Random(100 + epoch), load_weights()
    for example in examples:
        times = TAKEN[example.kind] * TAKEN_OF[example.small] * (2 if example.set == "clapnq" else 1)
        while times > 0:
            if rng.random() < times:
                yield lesson_of(packer, example, rank_scores(example.candidates.signals, weights))
            times -= 1


def epochs(packer: Packer, examples: Callable[[], Sequence[Example]], indexes: Path) -> Iterator[list[Lesson]]:
    """The lessons of each epoch: made-up announcements alone, then with all the others."""
    yield list(made_lessons(packer, MADE_ARTICLES, 1000))
    fitted = [e for e in examples() if e.candidates.spans and e.fits and not e.calibrates]
    for epoch in range(1, EPOCHS):
        lessons = list(real_lessons(packer, fitted, epoch))
        lessons += made_lessons(packer, MADE_ARTICLES, 1000 + epoch)
        lessons += cloze_lessons(packer, indexes, CLOZES, 3000 + epoch)
        yield lessons


def written_epochs(packer: Packer, examples: Sequence[Example], indexes: Path) -> Iterator[list[Lesson]]:
    """The lessons of each epoch with `--written`: those of written articles once each."""
    fitted = [e for e in examples if e.candidates.spans and e.fits and not e.calibrates]
    weights, others, rng = load_weights(), [e for e in fitted if e.set in (*SETS, MADE)], random.Random(SEED)
    own = [replace(e, question=misspelt(e.question, rng)) for e in fitted if e.set == WRITTEN]
    lessons = [lesson_of(packer, e, rank_scores(e.candidates.signals, weights)) for e in own]
    rng.shuffle(lessons)
    for epoch, begin in enumerate(range(0, len(lessons), OF_EACH["written"])):
        taken = lessons[begin : begin + OF_EACH["written"]]
        taken += rng.sample([*real_lessons(packer, others, epoch)], OF_EACH["real"])
        taken += [*made_lessons(packer, MADE_ARTICLES, 7000 + epoch)][: OF_EACH["made"]]
        taken += cloze_lessons(packer, indexes, OF_EACH["clozes"], 8000 + epoch)
        for e in rng.sample([*own, *others], OF_EACH["alone"] // 2):
            taken += alone_lessons(packer, e, rank_scores(e.candidates.signals, weights), rng)
        yield taken


def misspelt(question: str, rng: random.Random) -> str:
    """Now and then the question with a letter of a word left out, doubled, or put behind the next."""
    words = question.split()
    place = rng.randrange(len(words))
    word = words[place]
    if rng.random() > MISSPELT or len(word) < 5:
        return question
    at = rng.randrange(1, len(word) - 1)
    words[place] = rng.choice(
        (
            word[:at] + word[at + 1 :],
            word[:at] + word[at] + word[at:],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        )
    )
    return " ".join(words)


def main() -> None:
    """Train, and write the weights as half-precision numbers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--indexes", type=Path, default=Path(".indexes"))
    parser.add_argument("--checkpoint", type=Path, default=Path(".indexes/reader.checkpoint"))
    parser.add_argument(
        "--written", action="store_true", help="go on from the weights there are, with written articles"
    )
    options = parser.parse_args()
    torch.manual_seed(SEED)
    examples = load_examples(options.data, options.indexes, WEIGHTS.parent / "background.json")
    usable = [e for e in examples if e.candidates.spans]
    packer, weights, rng = Packer(), load_weights(), random.Random(1)
    tests: dict[str, Sequence[Lesson]] = {"made": list(made_lessons(packer, 20, 99))[:250]}
    for name in (*SETS, WRITTEN):
        own = [
            e for e in usable if not e.fits and e.set == name and e.kind in ("answerable", "unanswerable", "removed")
        ]
        sample = rng.sample(own, min(200, len(own)))
        ranked = [(e, rank_scores(e.candidates.signals, weights)) for e in sample]
        tests[name] = [lesson_of(packer, e, scores) for e, scores in ranked]
        tests[f"{name}, alone"] = [one for e, scores in ranked for one in alone_lessons(packer, e, scores, rng)]
    if options.written:
        lessons = written_epochs(packer, usable, options.indexes)
        train(trained_model().train(), lessons, WRITTEN_STEPS, tests, options.checkpoint)
    else:
        lessons = epochs(packer, lambda: [e for e in usable if e.set != WRITTEN], options.indexes)
        train(ReaderModel().train(), lessons, STEPS, tests, options.checkpoint)


def batches(lessons: Sequence[Lesson], rng: np.random.Generator) -> list[list[Lesson]]:
    """All lessons in batches of about the same length, in random order."""
    order = rng.permutation(len(lessons))
    found = []
    for begin in range(0, len(order), BATCH * 16):
        part = sorted((lessons[i] for i in order[begin : begin + BATCH * 16]), key=lambda one: len(one.packed.ids))
        found += [part[n : n + BATCH] for n in range(0, len(part), BATCH)]
    return [found[i] for i in rng.permutation(len(found))]


def evaluate(model: ReaderModel, lessons: Sequence[Lesson]) -> tuple[float, float]:
    """(Share of answerable lessons whose best sentence is right, AUROC of answerable against not)."""
    model.eval()
    first, chance, truth = [], [], []
    with torch.inference_mode():
        for begin in range(0, len(lessons), 32):
            part = lessons[begin : begin + 32]
            for lesson, scores in zip(part, model([x.packed for x in part]), strict=True):
                chance.append(float(torch.logsumexp(scores[:-1], 0) - scores[-1]))
                truth.append(bool(lesson.right))
                if lesson.right:
                    first.append(int(scores[:-1].argmax()) in lesson.right)
    model.train()
    from sklearn.metrics import roc_auc_score

    return float(np.mean(first)), float(roc_auc_score(truth, chance))


def _learn(model: ReaderModel, optimiser: torch.optim.Optimizer, batch: Sequence[Lesson]) -> float:
    """One step; returns the loss. Products are made in bfloat16: twice as fast where the processor has it."""
    with torch.autocast("cpu", dtype=torch.bfloat16):
        scored = model([lesson.packed for lesson in batch])
    loss = torch.stack([loss_of(s.float(), lesson) for s, lesson in zip(scored, batch, strict=True)]).mean()
    optimiser.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimiser.step()
    return loss.item()


def train(
    model: ReaderModel,
    epochs: Iterable[Sequence[Lesson]],
    steps: int,
    tests: dict[str, Sequence[Lesson]],
    checkpoint: Path,
) -> list[str]:
    """Train over the epochs, resuming from the checkpoint; returns the learning curve, a line a test.

    `steps` is how many the epochs make; the learning rate falls to its end over them. The embeddings and the lowest
    layers stay as they are: that is a quarter faster, and they know words better than our questions could teach them.
    """
    for part in (model.body.embeddings, *model.body.encoder.layer[:FROZEN_LAYERS]):
        for parameter in part.parameters():
            parameter.requires_grad = False
    groups = [
        {"params": [p for p in model.body.encoder.parameters() if p.requires_grad], "rate": BODY_RATE},
        {"params": [p for n, p in model.named_parameters() if not n.startswith("body.")], "rate": HEAD_RATE},
    ]
    optimiser = torch.optim.AdamW([g | {"lr": g["rate"]} for g in groups], weight_decay=DECAY)
    done, curve = 0, []
    if checkpoint.exists():
        saved = torch.load(checkpoint, weights_only=True)
        model.load_state_dict(saved["model"])
        optimiser.load_state_dict(saved["optimiser"])
        done, curve = saved["step"], saved["curve"]
    step, began = 0, time.monotonic()
    for number, lessons in enumerate(epochs):
        for batch in batches(lessons, np.random.default_rng(SEED + number)):
            step += 1
            if step > steps:
                return curve
            if step <= done:
                continue
            torch.manual_seed(SEED + step)
            for group in optimiser.param_groups:
                group["lr"] = group["rate"] * min(1.0, step / (0.06 * steps)) * max(0.03, 1 - step / steps)
            loss = _learn(model, optimiser, batch)
            if step % 100 == 0 or step == steps:
                figures = (
                    {name: evaluate(model, own) for name, own in tests.items()}
                    if step % 200 == 0 or step == steps
                    else {}
                )
                shown = " ".join(f"{name} {hit:.3f}/{auroc:.3f}" for name, (hit, auroc) in figures.items())
                curve.append(f"step {step}/{steps} loss {loss:.3f} {shown}")
                print(f"{curve[-1]} {time.monotonic() - began:.0f} s", flush=True)
                state = {"model": model.state_dict(), "optimiser": optimiser.state_dict(), "step": step, "curve": curve}
                torch.save(state, checkpoint)
                save_file({k: v.half().contiguous() for k, v in model.trained().items()}, str(WEIGHTS))
    return curve


if __name__ == "__main__":
    main()
