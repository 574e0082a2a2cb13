"""Which passages of a segment hold a term, and how often: arrays in one file, which may be memory-mapped."""

import json
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from safetensors.numpy import save

_TYPES = {"U8": np.uint8, "I32": np.int32, "I64": np.int64}
_MOST_BYTE = 255


@dataclass(frozen=True, eq=False)
class DocumentTerms:
    """The terms of an article's passages, numbered in `vocabulary`.

    `numbers` (int32) holds the terms of all passages one after another, `lengths` (int32) how many each has.
    """

    vocabulary: tuple[str, ...]
    numbers: np.ndarray
    lengths: np.ndarray

    @classmethod
    def of(cls, passages: Sequence[Sequence[str]]) -> "DocumentTerms":
        """Number the terms of passages."""
        vocabulary: dict[str, int] = {}
        numbers = [vocabulary.setdefault(term, len(vocabulary)) for passage in passages for term in passage]
        lengths = [len(passage) for passage in passages]
        return cls(tuple(vocabulary), np.array(numbers, dtype=np.int32), np.array(lengths, dtype=np.int32))


@dataclass(frozen=True, eq=False)
class Postings:
    """The postings of a segment's passages; a passage's row is its number within the segment.

    `text` (uint8) holds the terms in UTF-8, sorted, a line each; term n ends at `ends[n]` (int64). It stands in the
    rows `rows[p[n] : p[n + 1]]` (int32, ascending), `counts[p[n] : p[n + 1]]` times in each (uint8 or int32), with p
    for `pointers` (int64). `lengths` (int32) tells how many terms each row has.
    """

    text: np.ndarray
    ends: np.ndarray
    pointers: np.ndarray
    rows: np.ndarray
    counts: np.ndarray
    lengths: np.ndarray

    @classmethod
    def of(cls, documents: Iterable[DocumentTerms]) -> "Postings":
        """Those of the passages of all documents, in their order."""
        vocabulary: dict[str, int] = {}
        numbers, lengths = [np.zeros(0, np.int64)], [np.zeros(0, np.int32)]
        for document in documents:
            shared = np.array([vocabulary.setdefault(t, len(vocabulary)) for t in document.vocabulary], dtype=np.int64)
            numbers.append(shared[document.numbers] if len(shared) else shared)
            lengths.append(document.lengths)
        held = sorted((term.encode(), number) for term, number in vocabulary.items())
        place = np.zeros(len(held), dtype=np.int64)
        place[[number for _, number in held]] = np.arange(len(held))
        length = np.concatenate(lengths)
        keys = place[np.concatenate(numbers)] if len(held) else np.zeros(0, np.int64)
        keys *= max(1, len(length))
        keys += np.repeat(np.arange(len(length)), length)
        keys, counts = np.unique(keys, return_counts=True)
        terms, rows = np.divmod(keys, max(1, len(length)))
        holding = np.bincount(terms, minlength=len(held))
        text = np.frombuffer(b"".join(term + b"\n" for term, _ in held), dtype=np.uint8)
        ends = np.cumsum([len(term) + 1 for term, _ in held], dtype=np.int64) - 1
        pointers = np.concatenate([[0], np.cumsum(holding)]).astype(np.int64)
        most = np.uint8 if not len(counts) or counts.max() <= _MOST_BYTE else np.int32
        return cls(text, ends, pointers, rows.astype(np.int32), counts.astype(most), length.astype(np.int32))

    def to_bytes(self) -> bytes:
        """The postings as the content of their file."""
        return save({name: getattr(self, name) for name in self.__dataclass_fields__})

    @classmethod
    def from_bytes(cls, data: np.ndarray) -> "Postings":
        """Those in a file's content, uint8, which is not copied. Raises `ValueError` or `KeyError` if it is no such."""
        begin = 8 + int.from_bytes(data[:8].tobytes(), "little")
        head = json.loads(data[8:begin].tobytes())
        arrays = {}
        for name in cls.__dataclass_fields__:
            first, last = head[name]["data_offsets"]
            arrays[name] = data[begin + first : begin + last].view(_TYPES[head[name]["dtype"]])
        return cls(**arrays)

    def held(self, term: str) -> slice:
        """Where the postings of a term stand in `rows` and `counts`."""
        wanted = term.encode()
        number = bisect_left(range(len(self.ends)), wanted, key=self._term)
        if number == len(self.ends) or self._term(number) != wanted:
            return slice(0, 0)
        return slice(int(self.pointers[number]), int(self.pointers[number + 1]))

    def _term(self, number: int) -> bytes:
        start = int(self.ends[number - 1]) + 1 if number else 0
        return self.text[start : int(self.ends[number])].tobytes()

    def vocabulary(self, alive: np.ndarray | None = None) -> list[str]:
        """The terms, sorted as UTF-8; with `alive`, shape (rows,), bool, those that a living row holds."""
        every = self.text.tobytes().decode().split("\n")[:-1]
        if alive is None or not every:
            return every
        holding = np.add.reduceat(alive[self.rows], self.pointers[:-1], dtype=np.int64)
        return [every[number] for number in np.flatnonzero(holding)]

    def only(self, alive: np.ndarray) -> "Postings":
        """Those of the rows for which `alive`, bool (rows,), holds, counted anew."""
        if alive.all():
            return self
        kept, lengths = alive[self.rows], self.lengths[alive]
        vocabulary = self.vocabulary(alive)
        ends = np.cumsum([len(term.encode()) + 1 for term in vocabulary], dtype=np.int64) - 1
        text = np.frombuffer("".join(term + "\n" for term in vocabulary).encode(), dtype=np.uint8)
        before = np.concatenate([[0], np.cumsum(kept)])[self.pointers]
        pointers = np.concatenate([before[:1], before[1:][np.diff(before) > 0]])
        rows = (np.cumsum(alive) - 1)[self.rows[kept]].astype(np.int32)
        return Postings(text, ends, pointers, rows, self.counts[kept], lengths)

    def equals(self, other: "Postings") -> bool:
        """Whether they are the same in every array."""
        return all(np.array_equal(getattr(self, name), getattr(other, name)) for name in self.__dataclass_fields__)
