"""Where the words of a statement stand in the sentences that it cites."""

import bisect
import re
from collections.abc import Sequence
from typing import Protocol

from chat.llm.tokens import Token, TokenKind, says

_NAMED_BY_POINTING = 3
_PRONOUNS = frozenset("it its they them their this these those".split())
STRONG = re.compile(
    r"[;:.]\s|,\s(?:and|but|while|whereas|which|who|when|where|(?:[a-z]+\s){0,3}(?:of|in|for|from|with|by) (?:which|whom))\b"
)
Place = tuple[int, int]


class Sentence(Protocol):
    """What is needed of a sentence here."""

    @property
    def text(self) -> str:
        """Its words."""

    @property
    def place(self) -> tuple[int, int]:
        """The numbers of its article and of the sentence in it."""

    @property
    def introduced(self) -> bool:
        """Whether they begin with the line or heading above them."""

    @property
    def names(self) -> frozenset[str]:
        """Stems of the names in it and in what stands before it."""

    @property
    def full_names(self) -> frozenset[tuple[str, ...]]:
        """The names of its article, as stems."""

    @property
    def tokens(self) -> tuple[Token, ...]:
        """Their tokens."""


def known_names(cited: Sequence[Sentence]) -> frozenset[str]:
    """Stems of all names that the cited sentences, or what stands before them, hold."""
    return frozenset().union(*(sentence.names for sentence in cited))


class Matches:
    """Where the tokens of a statement stand in the sentences that it cites.

    `of[i]` lists (sentence, token) for token i; `windows` holds for each sentence that is needed the first and last
    token of the shortest stretch that says what the statement takes from it.
    """

    def __init__(self, said: Sequence[Token], cited: Sequence[Sentence], text: str = "") -> None:
        self.said, self.cited = tuple(said), tuple(cited)
        self.text = text
        self.pointed_at: set[int] = set()
        self.of: list[list[Place]] = [
            [(s, p) for s, c in enumerate(cited) for p, stands in enumerate(c.tokens) if _matches(token, stands, c)]
            for token in said
        ]
        for place, token in enumerate(said):
            self.of[place] = self.of[place] or [
                (s, p) for s, c in enumerate(cited) for p in _spelt_out(text[token.start : token.end], c.tokens)
            ]
        self._point_back()
        self.telling = tuple(i for i, token in enumerate(self.said) if token.kind is not TokenKind.FUNCTION)
        self.windows = self._windows()

    def _point_back(self) -> None:
        """A word of a sentence may be what the pronoun of the next one stands for, if both are cited."""
        places = {sentence.place: s for s, sentence in enumerate(self.cited)}
        for s, sentence in enumerate(self.cited):
            before = places.get((sentence.place[0], sentence.place[1] - 1))
            pronoun = next((p for p, token in enumerate(sentence.tokens) if token.word in _PRONOUNS), None)
            if before is None or pronoun is None:
                continue
            self.pointed_at.add(before)
            for token, found in zip(self.said, self.of, strict=True):
                if (
                    token.kind is TokenKind.WORD
                    and found
                    and all(t != s for t, _ in found)
                    and any(t == before for t, _ in found)
                ):
                    found.append((s, pronoun))

    def takes_from_clause(self, place: int, token: int) -> bool:
        """Whether the statement takes more than one word from the clause that a token of a sentence stands in."""
        clauses = clauses_of(self.cited[place])
        taken = {i for i in self.telling for s, p in self.of[i] if s == place and clauses[p] == clauses[token]}
        return len(taken) > 1

    def is_minor(self, place: int) -> bool:
        """Whether a sentence only names what the next one speaks of."""
        low, high = self.windows[place]
        taken = [i for i in self.telling if any(s == place and low <= p <= high for s, p in self.of[i])]
        return place in self.pointed_at and len(taken) <= _NAMED_BY_POINTING

    def between(self, one: int, other: int) -> str:
        """The words of the statement between two of its tokens, whichever comes first."""
        low, high = sorted((one, other))
        return self.text[self.said[low].end : self.said[high].start]

    def _windows(self) -> dict[int, tuple[int, int]]:
        """Sentences are taken in order of how much they say, until all that is said is found."""
        open_ = {
            place
            for place, found in enumerate(self.of)
            if found and (self.said[place].critical or place in self.telling)
        }
        windows: dict[int, tuple[int, int]] = {}
        while open_:
            held = [{i for i in open_ if any(s == place for s, _ in self.of[i])} for place in range(len(self.cited))]
            best = max(range(len(held)), key=lambda place: (len(held[place]), -place))
            windows[best] = _shortest([{p for s, p in self.of[i] if s == best} for i in held[best]])
            if self.cited[best].introduced:  # what is said in a list is said of all of it
                windows[best] = (windows[best][0], len(self.cited[best].tokens) - 1)
            open_ -= held[best]
        return windows


def _matches(said: Token, stands: Token, sentence: Sentence) -> bool:
    """Whether a token stands there; of a name that stands there in part, the article must name the whole elsewhere."""
    if said.kind is TokenKind.FUNCTION:
        return said.word == stands.word and bool(said.critical)
    if stands.kind is TokenKind.FUNCTION:
        return said.kind is TokenKind.WORD and bool(stands.critical) and says(said, stands)
    if said.kind is TokenKind.NAME and not set(said.stems) <= set(stands.stems):
        return says(said, stands) and any(set(said.stems) <= set(name) for name in sentence.full_names)
    return says(said, stands)


def _spelt_out(said: str, found: Sequence[Token]) -> list[int]:
    """Where the words stand that a short form is made of: “AI” for “artificial intelligence”."""
    if not (2 <= len(said) <= 6 and said.isalpha() and said.isupper()):
        return []
    telling = [p for p, token in enumerate(found) if token.kind in (TokenKind.WORD, TokenKind.NAME)]
    initials = "".join(found[p].word[0] for p in telling)
    return [telling[m.start()] for m in re.finditer(f"(?={said.lower()})", initials)]


def _shortest(wanted: Sequence[set[int]]) -> tuple[int, int]:
    """The shortest stretch that holds one place of each set."""
    ends = sorted({place for places in wanted for place in places})
    best = (ends[0], ends[-1])
    for first in ends:
        reach = [min((p for p in places if p >= first), default=None) for places in wanted]
        known = [p for p in reach if p is not None]
        if len(known) == len(reach) and max(known) - first < best[1] - best[0]:
            best = (first, max(known))
    return best


def clauses_of(source: Sentence) -> list[int]:
    """The number of the clause that each token of a sentence stands in."""
    edges = [match.start() for match in STRONG.finditer(source.text)]
    return [bisect.bisect(edges, token.start) for token in source.tokens]
