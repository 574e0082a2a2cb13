"""Which sentences are read together, and in which order."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.decision import load_weights
from chat.evidence import SIGNALS, Candidates
from chat.packing import MOST_TOKENS
from chat.reader import Packer, Piece, Reader
from chat.reading import ALONE, SENTENCES, Alone, Reading, alone, judge, leading, read_alone, weighed
from chat.types import Span


def candidates(count: int) -> Candidates:
    """As many sentences of one article, one after the other."""
    spans = tuple(Span(0, 100 * n, 100 * n + 99) for n in range(count))
    return Candidates(spans, tuple(range(count)), np.zeros(count, dtype=np.int64), np.zeros((count, len(SIGNALS))))


def read(texts: list[str], scores: list[float]) -> tuple[int, ...]:
    """The numbers of the texts that are read."""
    numbers, packed = leading(
        Packer(), "Who won?", lambda i: Piece(texts[i], "A title"), candidates(len(texts)), np.array(scores)
    )
    assert len(packed.sentences) == len(numbers) and len(packed.ids) <= MOST_TOKENS
    return numbers


def test_short_sentences_are_read_in_the_order_of_the_text() -> None:
    texts = [f"Number {n} won." for n in range(12)]
    assert read(texts, list(range(12))) == tuple(range(12 - SENTENCES, 12))


def test_where_not_all_fit_the_last_in_rank_stay_out() -> None:
    long = "Anna and Bertil and Cecilia won " + "again and " * 30 + "again."
    scores = [8.0, 1.0, 2.0, 7.0, 6.0, 5.0, 3.0, 4.0]
    numbers = read([long] * 8, scores)
    assert 0 < len(numbers) < 8
    assert set(numbers) == set(np.argsort(scores)[::-1][: len(numbers)].tolist())
    assert numbers == tuple(sorted(numbers))


def test_one_sentence_is_read_however_long_it_is() -> None:
    assert read(["again and " * 400], [0.0]) == (0,)


def test_what_leads_of_what_was_read_is_read_alone() -> None:
    texts = ["Anna won the race.", "The race was run on Friday.", "Anna was born in Lund.", "Bertil was second."]
    reading = Reading((0, 1, 3), np.zeros(3), 0.0)
    scores = np.array([2.0, 0.0, 9.0, 1.0])
    found = read_alone(Reader(), "Who won the race?", lambda i: Piece(texts[i], "A race"), reading, scores)
    assert found.numbers == (0, 3, 1)
    assert found.odds[0] == max(found.odds) > min(found.odds)


def test_what_lies_far_behind_is_not_read_again() -> None:
    texts = ["Anna won the race.", "The race was run on Friday.", "Bertil was second."]
    reading = Reading((0, 1, 2), np.zeros(3), 0.0)
    found = read_alone(Reader(), "Who won?", lambda i: Piece(texts[i], "A race"), reading, np.array([2.0, -0.1, 1.0]))
    assert found.numbers == (0, 2)


def test_more_of_a_long_sentence_is_read_when_it_is_alone() -> None:
    long = "It was said again " + "and again " * 40 + "that Anna won."
    piece = Piece(long, "A title", "It was said before " + "and before " * 20)
    together, by_itself = Packer().pack("Who won?", [piece]), alone(Packer(), "Who won?", piece)
    (start, end), (first, last) = together.sentences[0], by_itself.sentences[0]
    assert first > start and len(by_itself.ids) <= MOST_TOKENS
    assert last - first > end - start and by_itself.ids[first:][: end - start] == together.ids[start:end]


@given(
    st.lists(st.sampled_from([0.0, 1.0, 2.0]) | st.floats(-20, 20), min_size=1, max_size=9),
    st.lists(st.floats(-20, 20), min_size=ALONE, max_size=ALONE),
    st.floats(0, 5),
)
def test_one_of_those_that_were_read_alone_comes_first(scores: list[float], odds: list[float], weight: float) -> None:
    ranks = np.array(scores)
    numbers = tuple(int(i) for i in np.argsort(-ranks, kind="stable")[:ALONE])
    mixed = weighed(ranks, Alone(numbers, np.array(odds[: len(numbers)])), weight)
    assert mixed.shape == ranks.shape and int(np.argmax(mixed)) in numbers
    assert np.sort(mixed)[::-1][: len(numbers)] == pytest.approx(np.sort(mixed[list(numbers)])[::-1])


@pytest.mark.parametrize("count", [1, 2, 5])
def test_few_sentences_are_judged_too(count: int) -> None:
    long = "Anna won " + "again and " * 200
    judged = judge(Reader(), "Who won?", lambda i: Piece(long, f"Title {i}"), candidates(count), load_weights())
    assert judged.scores.shape == (count,) and 0 < judged.chance < 1
