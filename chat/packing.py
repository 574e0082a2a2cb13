"""What the reader reads: a question and sentences as one row of tokens, and where each of them stands in it."""

from collections.abc import Sequence
from dataclasses import dataclass

# At most so many of the leading sentences are read at once: as many as fit beside the question.
SENTENCES, MOST_TOKENS = 12, 416
QUESTION_TOKENS, TITLE_TOKENS, BEFORE_TOKENS, SENTENCE_TOKENS = 40, 12, 24, 64
# A sentence that is read alone, and what belongs to it, may be so many times as long.
ALONE_ROOM = 2
START, END = 101, 102  # [CLS] and [SEP] of BERT's vocabulary


@dataclass(frozen=True)
class Tokens:
    """The token ids of a sentence, of its article's title, and of what was said before it.

    `follows` tells that the sentence before it in the reading is the one before it in the article.
    """

    text: Sequence[int]
    title: Sequence[int]
    before: Sequence[int]
    follows: bool


@dataclass(frozen=True)
class Packed:
    """A question with sentences as the reader takes them: token ids, their segments, and where each part stands."""

    ids: list[int]
    segments: list[int]
    question: tuple[int, int]
    sentences: tuple[tuple[int, int], ...]


def packed(question: Sequence[int], pieces: Sequence[Tokens], room: int = 1) -> Packed:
    """The question, then as many of the pieces as fit, each article's title and what was said before in its place.

    At least one piece is read. Titles, what was said before, and pieces are cut at `room` times their usual tokens.
    """
    asked = list(question[:QUESTION_TOKENS])
    ids = [START, *asked, END]
    head = len(ids)
    spans: list[tuple[int, int]] = []
    title: list[int] | None = None
    for piece in pieces:
        own = list(piece.text[: room * SENTENCE_TOKENS]) or [END]
        ahead: list[int] = []
        if list(piece.title) != title:
            ahead += [*piece.title[: room * TITLE_TOKENS], END]
        if not piece.follows:
            ahead += [*piece.before[: room * BEFORE_TOKENS], END] if piece.before else []
            ahead = [END, *ahead] if spans else ahead
        if spans and len(ids) + len(ahead) + len(own) + 1 > MOST_TOKENS:
            break
        title = list(piece.title)
        ids += ahead
        spans.append((len(ids), len(ids) + len(own)))
        ids += own
    ids.append(END)
    return Packed(ids, [0] * head + [1] * (len(ids) - head), (1, 1 + max(1, len(asked))), tuple(spans))
