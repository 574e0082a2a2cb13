"""Questions with the sentences that lead, as arrays of numbers; and the lessons that are drawn from them.

Needs NumPy alone, so that it can be read where the rest is not installed.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from chat.packing import ALONE_ROOM, SENTENCE_TOKENS, Packed, Tokens, packed

if TYPE_CHECKING:
    from chat.reader import Piece

FITS, CALIBRATES, REPORTS = 0, 1, 2
_FAR = 1 << 20  # a place in an article lies below this


@dataclass(frozen=True)
class Row:
    """A question of a group (a set, or a kind of text) and its leading sentences, best first.

    `part` is `FITS`, `CALIBRATES` or `REPORTS`. `places` are (which hit, article, sentence of it): by hit and sentence
    they stand in the order in which they are read.
    """

    group: str
    kind: str
    part: int
    question: str
    pieces: Sequence["Piece"]
    right: Sequence[bool]
    places: Sequence[tuple[int, int, int]]


@dataclass(frozen=True)
class Lesson:
    """A question as it is read; `right` are the numbers of the packed sentences that answer (empty: none does)."""

    packed: Packed
    right: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Pool:
    """All rows. Texts are numbered; text n has the tokens from `ends[n - 1]` to `ends[n]`.

    Of a row: the numbers of its question and of that misspelt, of its group, its kind and its part, whether its
    question stands in another row that nothing answers (`twin`), and its sentences from `first[row]` to
    `first[row + 1]`: their texts' numbers, whether they answer, where they stand in the reading (`place`) and in their
    article (`line`).
    """

    tokens: np.ndarray
    ends: np.ndarray
    group_names: np.ndarray
    kind_names: np.ndarray
    question: np.ndarray
    misspelt: np.ndarray
    group: np.ndarray
    kind: np.ndarray
    part: np.ndarray
    twin: np.ndarray
    first: np.ndarray
    text: np.ndarray
    title: np.ndarray
    before: np.ndarray
    right: np.ndarray
    place: np.ndarray
    line: np.ndarray

    def save(self, path: Path) -> None:
        """Write it, compressed."""
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(
            path, allow_pickle=False, **{field.name: getattr(self, field.name) for field in fields(self)}
        )

    @classmethod
    def load(cls, path: Path) -> "Pool":
        """Read it."""
        with np.load(path, allow_pickle=False) as arrays:
            return cls(**{field.name: arrays[field.name] for field in fields(cls)})

    def ids(self, text: int | np.integer[Any]) -> list[int]:
        """The tokens of a text."""
        ids: list[int] = self.tokens[self.ends[text - 1] if text else 0 : self.ends[text]].tolist()
        return ids

    def kinds(self) -> np.ndarray:
        """Each row's kind, by name; “told” where an answered question stands in another row that nothing answers."""
        # Told by its words alone: two articles that are asked the same count, too, which is rare among written ones.
        names = self.kind_names[self.kind].astype("U12")
        return np.where(self.twin & (names == "answerable"), "told", names)

    def lesson(self, row: int, chosen: Sequence[int], *, misspelt: bool = False, alone: bool = False) -> Lesson:
        """The row's question with its sentences `chosen`: as many as fit, in the order of the text.

        They are numbered within the row, at least one, best first.
        """
        begin = int(self.first[row])
        question = self.ids(int((self.misspelt if misspelt else self.question)[row]))
        for most in range(len(chosen), 0, -1):
            order = sorted(chosen[:most], key=lambda j: int(self.place[begin + j]))
            lines = [int(self.line[begin + j]) for j in order]
            follows = [False] + [b == a + 1 for a, b in zip(lines, lines[1:], strict=False)]
            pieces = [
                Tokens(
                    self.ids(self.text[begin + j]), self.ids(self.title[begin + j]), self.ids(self.before[begin + j]), f
                )
                for j, f in zip(order, follows, strict=True)
            ]
            found = packed(question, pieces, ALONE_ROOM if alone else 1)
            if len(found.sentences) == most:
                break
        right = tuple(n for n, j in enumerate(order[: len(found.sentences)]) if self.right[begin + j])
        return Lesson(found, right)


def pooled(rows: Iterable[Row], tokens: Callable[[str], list[int]], misspelt: Callable[[str], str]) -> Pool:
    """The rows as arrays."""
    numbers: dict[str, int] = {}
    every: list[np.ndarray] = []

    def number(text: str) -> int:
        if text not in numbers:
            numbers[text] = len(every)
            every.append(np.array(tokens(text)[: ALONE_ROOM * SENTENCE_TOKENS], dtype=np.uint16))
        return numbers[text]

    groups: dict[str, int] = {}
    kinds: dict[str, int] = {}
    heads, parts, counts = [], [], [0]
    for row in rows:
        own = (groups.setdefault(row.group, len(groups)), kinds.setdefault(row.kind, len(kinds)), row.part)
        heads.append((number(row.question), number(misspelt(row.question)), *own))
        for piece, answers, (hit, article, sentence) in zip(row.pieces, row.right, row.places, strict=True):
            texts = number(piece.text), number(piece.title), number(piece.before)
            parts.append((*texts, int(answers), hit * _FAR + sentence, article * _FAR + sentence))
        counts.append(len(parts))
    question, other, group, kind, part = (np.array(column, dtype=np.int32) for column in zip(*heads, strict=True))
    text, title, before, right, place, line = (np.array(column) for column in zip(*parts, strict=True))
    asked = list(zip(group.tolist(), question.tolist(), strict=True))
    unanswered = {key for key, k in zip(asked, kind, strict=True) if list(kinds)[k] == "unanswerable"}
    twin = np.array([key in unanswered for key in asked])
    return Pool(
        np.concatenate(every), np.cumsum([len(own) for own in every]), np.array(list(groups)), np.array(list(kinds)),
        question, other, group, kind, part, twin, np.array(counts),
        text.astype(np.int32), title.astype(np.int32), before.astype(np.int32), right.astype(bool), place, line,
    )  # fmt: skip
