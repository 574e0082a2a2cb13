"""What the reader is trained on: read as it is when somebody asks, drawn as it says, and learnt from."""

import random
from collections import Counter
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from chat.decision import load_weights, rank_scores
from chat.packing import END, SENTENCES, START
from chat.reader import Packer, Piece
from chat.reading import leading
from chat.training import reader as training
from chat.training.evidence import Example, made_examples
from chat.training.lessons import pool_of, rows_of
from chat.training.pool import Lesson, Pool
from chat.training.reader import Lessons, answers_of, drawn, held_of, loss_of, mean_of, train
from chat.training.reader_model import ReaderModel, batch_of, trained_model
from chat.training.synthetic import typo
from indexer import Embedder


@pytest.fixture(scope="module")
def examples(embedder: Embedder) -> list[Example]:
    parts = ((3, 77, True, False), (1, 78, False, True), (1, 79, True, True))  # fitted, reported, calibrating
    return [example for part in parts for example in made_examples(*part, embedder)]


@pytest.fixture(scope="module")
def pool(examples: list[Example], tmp_path_factory: pytest.TempPathFactory) -> Pool:
    path = tmp_path_factory.mktemp("pool") / "lessons.npz"
    made = pool_of(rows_of(examples, load_weights()))
    made.save(path)
    read = Pool.load(path)
    assert all(np.array_equal(getattr(read, f.name), getattr(made, f.name)) for f in fields(Pool))
    return read


def test_a_lesson_is_read_as_the_answer_will_be(examples: list[Example], pool: Pool) -> None:
    packer, weights = Packer(), load_weights()
    assert len(pool.kind) == len(examples) > 40
    for row, e in enumerate(examples):
        scores = rank_scores(e.candidates.signals, weights)
        numbers, packed = leading(packer, e.question, e.pieces.__getitem__, e.candidates, scores)
        lesson = pool.lesson(row, list(range(min(SENTENCES, len(e.pieces)))))
        assert lesson == Lesson(packed, tuple(n for n, i in enumerate(numbers) if e.right[i]))


def test_what_is_drawn(pool: Pool) -> None:
    rng, seen, kinds = np.random.default_rng(0), Counter[str](), pool.kinds()
    answered = np.flatnonzero(kinds == "answerable")
    for _ in range(40):
        for row in answered[:10]:
            lesson = drawn(pool, int(row), "written", "answerable", rng)
            seen["answered" if lesson.right else "not"] += 1
            seen["alone"] += len(lesson.packed.sentences) == 1
    # Half of what is written is shown without what answers; of single sentences more than half of the rest answer.
    assert 0.3 < seen["answered"] / 400 < 0.55 and 0.25 < seen["alone"] / 400 < 0.45
    for row in np.flatnonzero(kinds == "unanswerable")[:20]:
        assert drawn(pool, int(row), "made", "unanswerable", rng).right == ()


def test_what_is_kept_for_the_report_is_not_drawn(pool: Pool) -> None:
    fitted = {tuple(pool.ids(int(q))) for q in pool.question[pool.part == 0]}
    reported, calibrating = ({tuple(pool.ids(int(q))) for q in pool.question[pool.part == n]} - fitted for n in (2, 1))
    stream = iter(Lessons(pool, 8, (0,), ["attribute"]))
    asked = set()
    for _ in range(30):
        batch, _ = next(stream)
        for ids, place in zip(batch.ids, batch.place, strict=True):
            asked.add(tuple(ids[place == -1].tolist()))
    assert reported and calibrating and not asked & (reported | calibrating) and len(asked & fitted) > 10


def test_the_marks_around_a_question_are_the_tokenizers() -> None:
    tokenizer = Packer()._tokenizer
    assert [tokenizer.token_to_id(mark) for mark in ("[CLS]", "[SEP]")] == [START, END]


def test_each_article_has_its_title_even_where_they_begin_alike() -> None:
    long = "The company announces its results for the third quarter of the year"
    pieces = [
        Piece("Sales rose.", f"{long} 2023"),
        Piece("Sales fell.", f"{long} 2024"),
        Piece("Costs fell.", f"{long} 2024"),
    ]
    packer = Packer()
    ids = packer.pack("Did sales fall?", pieces).ids
    words = packer.tokens("the company announces")
    assert sum(ids[n : n + 3] == words for n in range(len(ids))) == 2


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    save_file({"body.other": torch.zeros(2)}, str(tmp_path / "other.safetensors"))
    with pytest.raises(ValueError, match="other.safetensors holds the weights of another network"):
        trained_model(tmp_path / "other.safetensors")


def test_misspelling_changes_one_word() -> None:
    rng = random.Random(1)
    question = "Which companies signed the agreement in Rotterdam?"
    for n in range(20):
        changed = [(a, b) for a, b in zip(question.split(), typo(rng, question).split(), strict=True) if a != b]
        assert len(changed) == 1 or (n and changed == [])  # two like letters may have changed places
        assert all(len(a) >= 5 and abs(len(a) - len(b)) <= 1 for a, b in changed)


def test_the_loss_is_the_chance_of_what_is_right() -> None:
    scores = torch.tensor([[1.0, 2.0, 0.5], [0.0, float("-inf"), 1.0]])
    right = torch.tensor([[True, True, False], [False, False, True]])
    chances = torch.softmax(scores, 1)
    expected = -(torch.log(chances[0, :2].sum()) + torch.log(chances[1, 2])) / 2
    assert torch.isclose(loss_of(scores, right), expected)


def test_padding_changes_no_score(pool: Pool) -> None:
    lessons = [pool.lesson(0, [0, 1, 2, 3]), pool.lesson(1, [0])]
    model = trained_model()
    with torch.inference_mode():
        together = model(batch_of([one.packed for one in lessons]))
        for n, one in enumerate(lessons):
            alone = model(batch_of([one.packed]))[0]
            count = len(one.packed.sentences)
            assert torch.allclose(together[n, :count], alone[:-1], atol=1e-3)
            assert torch.isneginf(together[n, count:-1]).all() and torch.isclose(together[n, -1], alone[-1], atol=1e-3)
    assert answers_of(lessons).shape == together.shape


def test_it_learns_and_goes_on_where_it_was_stopped(
    pool: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "reader.safetensors"
    monkeypatch.setattr(training, "MEAN_OVER", 3)
    monkeypatch.setattr(training, "held_of", lambda pool: held_of(pool, 6))
    steps = list[float]()

    def stopped(scores: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
        if len(steps) == 4:
            raise KeyboardInterrupt
        steps.append(0.0)
        return loss_of(scores, right)

    monkeypatch.setattr(training, "loss_of", stopped)
    with pytest.raises(KeyboardInterrupt):
        train(pool, output, steps=8, batch=4, every=4)
    assert output.exists() and output.with_suffix(".checkpoint").exists()
    with pytest.raises(ValueError, match=r"reader\.checkpoint is of a training with other settings"):
        train(pool, output, steps=9, batch=4, every=4)
    steps = []
    monkeypatch.setattr(training, "loss_of", lambda *a: (steps.append(0.0), loss_of(*a))[1])
    curve = train(pool, output, steps=8, batch=4, every=4)
    assert len(steps) == 4
    assert [line.split()[1] for line in curve] == ["4/8", "8/8"] and not output.with_suffix(".checkpoint").exists()
    learnt, base = trained_model(output).state_dict(), ReaderModel().state_dict()
    moved = {name for name in base if not torch.equal(learnt[name].half(), base[name].half())}
    assert {f"body.encoder.layer.{n}.output.dense.weight" for n in range(6)} <= moved
    assert not any(name.startswith("body.embeddings.") for name in moved)

    further = tmp_path / "further.safetensors"
    train(pool, further, steps=2, batch=4, every=2, start=output)
    gone_on = load_file(str(further))
    moved = {name for name in gone_on if not torch.equal(gone_on[name], learnt[name].half())}
    still = tuple(f"body.encoder.layer.{n}." for n in (0, 1))
    assert moved and not any(name.startswith(still) for name in moved)
    mean = mean_of([output, further])
    assert all(torch.allclose(mean[n].float(), (learnt[n] + gone_on[n].float()) / 2, atol=1e-3) for n in mean)
