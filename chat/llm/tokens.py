"""A statement or a sentence as tokens that can be compared: amounts, names, words that tell something, the rest."""

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from chat.evidence import load_background
from chat.llm.amounts import Amount, amounts, same
from chat.llm.wording import FUNCTION, alike, critical_groups
from indexer import STOPWORDS, stem, words

_WORD = re.compile(r"\bone-off\b|[^\W_]+(?:['’][^\W_]+)*(?:&[^\W_]+)*")
_NAME = re.compile(
    r"(?:[A-ZÀ-ÖØ-Þ][\w’'&]*(?:[-–]\w+)*)(?:(?:\.?\s(?:&\s)?|\s(?:of|de|van|von|der)\s)?(?:[A-ZÀ-ÖØ-Þ][\w’'&]*(?:[-–]\w+)*))*"
)
_OPENS = re.compile(r"(?:^|[.!?:;]\s|[“\"„(*•-]\s?|\d\.\s)\W*$")
_OPENING = re.compile(r"(?:^|(?<=[.!?]\s))\W*[A-ZÀ-ÖØ-Þ][\w’'-]*")
_TITLES = frozenset(
    "president vice chairman chairwoman chair ceo cfo cto chief director professor dr doctor mr mrs ms sir lord lady mayor "
    "minister founder executive officer managing head senior spokesperson spokeswoman spokesman secretary general".split()
)
_CONTRACTED = {"won't": "will", "can't": "can", "shan't": "shall"}
_POSSESSIVE = re.compile(r"['’]s?$")


class TokenKind(StrEnum):
    """What a token is; a `STAND_IN` is a pronoun or “the company”, with what it may stand for."""

    AMOUNT = "amount"
    NAME = "name"
    WORD = "word"
    FUNCTION = "function"
    STAND_IN = "stand-in"


@dataclass(frozen=True, slots=True)
class Token:
    """One token: its place, its words in lower case, the stems of those, and its amount if it is one.

    `critical` are the lines of `wording` that it stands on; `phrases` the names that it may stand for.
    """

    kind: TokenKind
    start: int
    end: int
    word: str
    stems: tuple[str, ...]
    amount: Amount | None = None
    critical: frozenset[int] = frozenset()
    phrases: tuple[tuple[str, ...], ...] = ()


@lru_cache(maxsize=20_000)
def tokens(text: str, known_names: frozenset[str] = frozenset()) -> tuple[Token, ...]:
    """The tokens of a text, in order.

    A capital that opens a sentence makes a name only before another capital, or if its stem is in `known_names`.
    """
    return tuple(sorted(_read(text, known_names), key=lambda token: token.start))


def _read(text: str, known_names: Collection[str]) -> Iterator[Token]:
    taken = bytearray(len(text))
    for amount in amounts(text):
        taken[amount.start : amount.end] = b"\1" * (amount.end - amount.start)
        said = text[amount.start : amount.end]
        yield Token(TokenKind.AMOUNT, amount.start, amount.end, said.lower(), tuple(map(stem, words(said))), amount)
    for start, end in _names(text, known_names):
        if not any(taken[start:end]):
            taken[start:end] = b"\1" * (end - start)
            said = text[start:end]
            yield Token(TokenKind.NAME, start, end, said.lower(), tuple(map(stem, words(said))))
    for match in _WORD.finditer(text):
        if not any(taken[match.start() : match.end()]):
            compound = "-" in text[max(0, match.start() - 1) : match.start()] + text[match.end() : match.end() + 1]
            yield _word(match[0], match.start(), match.end(), compound=compound)


def _word(said: str, start: int, end: int, *, compound: bool) -> Token:
    """A word; what is part of a compound (“start-up”) tells something even where alone it would not."""
    lower = said.lower().replace("’", "'")
    if lower.endswith("n't"):
        return Token(TokenKind.FUNCTION, start, end, f"{_CONTRACTED.get(lower, lower[:-3])} not", ())
    lower = _POSSESSIVE.sub("", lower) or lower
    lower = "single" if lower == "one-off" else lower
    groups = frozenset[int]() if compound else critical_groups(lower)
    stems = tuple(stem(word) for word in words(lower))
    kind = TokenKind.FUNCTION if lower in FUNCTION or groups or not stems else TokenKind.WORD
    return Token(kind, start, end, lower, stems, None, groups)


def _names(text: str, known_names: Collection[str]) -> Iterator[tuple[int, int]]:
    """Runs of capitalised words, without the titles and the opening word that are none."""
    for match in _NAME.finditer(text):
        start, end = match.span()
        opening = bool(_OPENS.search(text[max(0, start - 12) : start]))
        parts = [(start + part.start(), part[0]) for part in re.finditer(r"\S+", match[0])]
        while parts and (
            _is_no_name(parts[0][1]) or (opening and len(parts) == 1 and not _is_known(parts[0][1], known_names))
        ):
            parts, opening = parts[1:], False
        while parts and _is_no_name(parts[-1][1]):
            parts = parts[:-1]
        if parts:
            last = _POSSESSIVE.sub("", parts[-1][1])
            yield parts[0][0], parts[-1][0] + len(last.rstrip("’'"))


def _is_no_name(word: str) -> bool:
    lower = word.lower().strip(".&")
    return lower in _TITLES or lower in STOPWORDS or lower in FUNCTION or bool(critical_groups(lower)) or not lower


def _is_known(word: str, known_names: Collection[str]) -> bool:
    return any(stem(part) in known_names for part in words(word))


def is_title(word: str) -> bool:
    """Whether a word is a title or an office (“President”), which names no one."""
    return word.lower() in _TITLES


def names_within(text: str) -> frozenset[str]:
    """Stems of the names in a text; a sentence's first word, or one in a line of capitals, is one if it is uncommon."""
    found = {s for token in tokens(text) if token.kind is TokenKind.NAME for s in token.stems}
    if text.isupper():
        return frozenset(s for s in found if s not in load_background().holding)
    opening = {stem(word) for match in _OPENING.finditer(text) for word in words(match[0]) if not _is_no_name(word)}
    return frozenset(found | {s for s in opening if s not in load_background().holding})


def says(said: Token, stands: Token) -> bool:
    """Whether a token of a statement is what stands there, as far as the two tokens tell."""
    if said.amount:
        return stands.amount is not None and same(said.amount, stands.amount)
    if said.kind is TokenKind.NAME or stands.kind is TokenKind.NAME:
        if said.kind is TokenKind.NAME and stands.kind is TokenKind.NAME:
            return _same_name(said.stems, stands.stems)
        if any(_same_name(said.stems, phrase) for phrase in stands.phrases):
            return True
        if len(said.stems) == 1 and stands.kind is TokenKind.WORD:  # a word that has a capital only here
            return any(alike(said.stems[0], other) for other in stands.stems)
        return bool(said.stems) and set(said.stems) <= set(stands.stems)
    if stands.start == stands.end:  # the title names who is meant, and that it is “the fund”, and tells nothing
        return any(phrase[-1] in said.stems for phrase in stands.phrases)
    return any(alike(one, other) for one in said.stems for other in stands.stems) and stands.amount is None


def _same_name(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether one is the other, or a part of it (“Wrzosek”, “Tomasz Wrzosek”)."""
    return bool(one and other) and (set(one) <= set(other) or set(other) <= set(one))


def is_odd_number(text: str) -> bool:
    """Whether a text has digits that no amount and no word of `tokens` covers, or numbers in other scripts."""
    covered = bytearray(len(text))
    for token in tokens(text):
        covered[token.start : token.end] = b"\1" * (token.end - token.start)
    return any(
        unicodedata.numeric(char, None) is not None and not (char.isascii() and covered[place])
        for place, char in enumerate(text)
        if char.isnumeric()
    )
