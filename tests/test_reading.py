"""Which sentences are read together, and in which order."""

import numpy as np

from chat.evidence import SIGNALS, Candidates
from chat.reader import MOST_TOKENS, Packer, Piece
from chat.reading import SENTENCES, leading
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
