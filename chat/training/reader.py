"""Train `weights/reader.safetensors`: `python -m chat.training.reader --data ../shared/data --indexes DIR`.

Fitted on the odd lines of squad2, clapnq and chroma_chunking (but for every tenth of them, which `evidence` calibrates
on), on what `evidence` makes of them, and on made-up announcements (`synthetic`). A checkpoint a few hundred steps
makes it go on where it was stopped.
"""

import argparse
import random
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file

from chat.decision import load_weights, rank_scores
from chat.reader import WEIGHTS, Packed, Packer, ReaderModel
from chat.reading import arranged
from chat.training.evidence import SETS, Example, load_examples
from chat.training.synthetic import articles
from indexer import terms

SEED, BATCH, BODY_RATE, HEAD_RATE, DECAY = 0, 16, 5e-5, 5e-4, 0.01
FROZEN_LAYERS = 2
# How often an example of a kind is taken in an epoch.
EPOCHS, STEPS, MADE_ARTICLES = 3, 1000, 330
TAKEN = {"answerable": 1.0, "unanswerable": 0.6, "removed": 0.4, "swapped": 0.4, "attribute": 0.3}


@dataclass(frozen=True)
class Lesson:
    """A packed example; `right` are the numbers of the packed sentences that answer (empty: none does)."""

    packed: Packed
    right: tuple[int, ...]


def lesson_of(packer: Packer, example: Example, scores: np.ndarray) -> Lesson:
    """The example as the reader will meet it: the sentences that rank best, in the order of the text."""
    chosen, breaks = arranged(example.candidates, [int(i) for i in np.argsort(-scores, kind="stable")])
    packed = packer.pack(example.question, example.title, [example.texts[i] for i in chosen], breaks)
    right = tuple(n for n, i in enumerate(chosen[: len(packed.sentences)]) if example.right[i])
    return Lesson(packed, right)


def made_lessons(packer: Packer, count: int, seed: int) -> Iterator[Lesson]:
    """Lessons of made-up announcements: up to eight sentences, those nearest to the question by their words first."""
    rng = random.Random(seed)
    for article in articles(count, seed):
        stems = [set(terms(sentence)) for sentence in article.sentences]
        for made in article.questions:
            asked = set(terms(made.question))
            nearness = [len(asked & own) / (1 + len(own)) ** 0.3 + rng.random() for own in stems]
            order = sorted(range(len(stems)), key=lambda i: (-(i in made.right), -nearness[i]))
            if made.right and rng.random() < 0.1:  # sometimes retrieval misses
                order = [i for i in order if i not in made.right]
            chosen = sorted(order[: rng.choice((4, 5, 6, 6, 7))])
            breaks = [n == 0 or i != chosen[n - 1] + 1 for n, i in enumerate(chosen)]
            title = article.title if rng.random() < 0.8 else ""
            packed = packer.pack(made.question, title, [article.sentences[i] for i in chosen], breaks)
            yield Lesson(packed, tuple(n for n, i in enumerate(chosen[: len(packed.sentences)]) if i in made.right))


def loss_of(scores: torch.Tensor, lesson: Lesson) -> torch.Tensor:
    """Negative log chance of what is right: any of the right sentences, or “none”."""
    right = list(lesson.right) or [len(scores) - 1]
    return torch.logsumexp(scores, 0) - torch.logsumexp(scores[right], 0)


def real_lessons(packer: Packer, examples: Sequence[Example], epoch: int) -> Iterator[Lesson]:
    """One epoch's lessons from the sets: each kind as often as `TAKEN` says, clapnq (the smallest) twice that."""
    rng, weights = random.Random(100 + epoch), load_weights()
    for example in examples:
        times = TAKEN[example.kind] * (2 if example.set == "clapnq" else 1)
        while times > 0:
            if rng.random() < times:
                yield lesson_of(packer, example, rank_scores(example.candidates.signals, weights))
            times -= 1


def epochs(packer: Packer, examples: Sequence[Example]) -> Iterator[list[Lesson]]:
    """The lessons of each epoch; made-up announcements join from the second on."""
    for epoch in range(EPOCHS):
        lessons = list(real_lessons(packer, examples, epoch))
        yield lessons + (list(made_lessons(packer, MADE_ARTICLES, 1000 + epoch)) if epoch else [])


def main() -> None:
    """Train, and write the weights as half-precision numbers, with the model card beside them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--indexes", type=Path, default=Path(".indexes"))
    parser.add_argument("--checkpoint", type=Path, default=Path(".indexes/reader.checkpoint"))
    options = parser.parse_args()
    torch.manual_seed(SEED)
    examples = load_examples(options.data, options.indexes, WEIGHTS.parent / "background.json")
    usable = [e for e in examples if e.candidates.spans]
    packer, weights, rng = Packer(), load_weights(), random.Random(1)
    tests: dict[str, Sequence[Lesson]] = {"made": list(made_lessons(packer, 20, 99))[:250]}
    for name in SETS:
        own = [e for e in usable if not e.odd and e.set == name and e.kind in ("answerable", "unanswerable", "removed")]
        sample = rng.sample(own, min(200, len(own)))
        tests[name] = [lesson_of(packer, e, rank_scores(e.candidates.signals, weights)) for e in sample]
    lessons = epochs(packer, [e for e in usable if e.odd and not e.calibrates])
    train(ReaderModel().train(), lessons, STEPS, tests, options.checkpoint)


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
        order = np.random.default_rng(SEED + number).permutation(len(lessons))
        for begin in range(0, len(order), BATCH):
            step += 1
            if step > steps:
                return curve
            if step <= done:
                continue
            torch.manual_seed(SEED + step)
            batch = [lessons[i] for i in order[begin : begin + BATCH]]
            for group in optimiser.param_groups:
                group["lr"] = group["rate"] * min(1.0, step / (0.06 * steps)) * max(0.03, 1 - step / steps)
            scored = model([lesson.packed for lesson in batch])
            loss = torch.stack([loss_of(s, lesson) for s, lesson in zip(scored, batch, strict=True)]).mean()
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            if step % 100 == 0 or step == steps:
                figures = (
                    {name: evaluate(model, own) for name, own in tests.items()}
                    if step % 200 == 0 or step == steps
                    else {}
                )
                shown = " ".join(f"{name} {hit:.3f}/{auroc:.3f}" for name, (hit, auroc) in figures.items())
                curve.append(f"step {step}/{steps} loss {loss.item():.3f} {shown}")
                print(f"{curve[-1]} {time.monotonic() - began:.0f} s", flush=True)
                state = {"model": model.state_dict(), "optimiser": optimiser.state_dict(), "step": step, "curve": curve}
                torch.save(state, checkpoint)
                save_file({k: v.half().contiguous() for k, v in model.trained().items()}, str(WEIGHTS))
    return curve


if __name__ == "__main__":
    main()
