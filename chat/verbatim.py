"""Do words stand in a text? Exactly, or but for how they are set; never “nearly”. Pure.

Offsets count in the text itself. No folded copy of it is searched, so there is no map back that could be wrong: words
become a pattern that allows other white space, quotation marks, dashes and Unicode forms, and what it finds counts
only if text and words are the same once those, and nothing else, are evened out.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_QUOTE_MARKS = "\"'`´ʹʼ‘’‚‛“”„‟«»‹›＂＇「」『』"
_DASHES = "-‐‑‒–—―−﹘﹣－"
_UNSEEN = "\u00ad\u200b\u2060\ufeff"  # soft hyphen, zero width space, word joiner, byte order mark
_ANY_UNSEEN = f"[{_UNSEEN}]*"
_MARKS, _DASH, _DOTS = f"[{re.escape(_QUOTE_MARKS)}]", f"[{re.escape(_DASHES)}]+", r"(?:…|\.\.\.)"
_UNIT = re.compile(rf"(?P<space>\s+)|(?P<dash>{_DASH})|(?P<dots>{_DOTS})|(?P<mark>{_MARKS})|(?P<letter>.)", re.DOTALL)
# Scripts that are written without a space between words: there, an end within a word cannot be told.
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_SET_OTHERWISE = {"space": r"\s+", "dash": _DASH, "dots": _DOTS, "mark": _MARKS}
_FOLDS: dict[str, Callable[[str], str]] = {
    "invisible characters": lambda text: re.sub(f"[{_UNSEEN}]", "", text),
    "form of accented letters": lambda text: unicodedata.normalize("NFC", text),
    "white space": lambda text: " ".join(text.split()),
    "quotation marks": lambda text: re.sub(_MARKS, "'", text),
    "dashes": lambda text: re.sub(_DASH, "-", text),
    "dots of an ellipsis": lambda text: text.replace("…", "..."),
}
_AROUND = "quotation marks around it"


@dataclass(frozen=True, slots=True)
class Place:
    """Where words stand in a text: `text[start:end]`; `differences` names what is set otherwise there.

    `whole` is False where it begins or ends within a word or a number: “able to pay” in “unable to pay”.
    """

    start: int
    end: int
    whole: bool
    differences: tuple[str, ...] = ()


def exact_places(text: str, words: str) -> Iterator[Place]:
    """Every place where the text has these words, character by character."""
    start = text.find(words) if words else -1
    while start >= 0:
        yield _place(text, start, start + len(words))
        start = text.find(words, start + 1)


class Typography:
    """Finds words in texts whatever white space, quotation marks, dashes or Unicode form they are set with."""

    def __init__(self, words: str) -> None:
        """Look for `words`, and for what stands within the quotation marks around them, if they have any."""
        inner = words.strip().strip(_QUOTE_MARKS)
        self._searches: list[tuple[str, re.Pattern[str], tuple[str, ...]]] = [
            (words, pattern, ()) for pattern in _patterns(words)
        ]
        if inner != words.strip():
            self._searches += [(inner, pattern, (_AROUND,)) for pattern in _patterns(inner)]

    def places(self, text: str) -> Iterator[Place]:
        """Every place, without overlaps; without the quotation marks around it only where it has none with them."""
        for words, pattern, around in self._searches:
            any_found = False
            for found in pattern.finditer(text):
                differences = () if found[0] == words else _differences(words, found[0])
                if differences is not None and not _splits_a_letter(text, found.end()):
                    any_found = True
                    yield _place(text, *found.span(), differences=(*around, *differences))
            if any_found:
                return


def _place(text: str, start: int, end: int, differences: tuple[str, ...] = ()) -> Place:
    return Place(start, end, not (_within_a_word(text, start) or _within_a_word(text, end)), differences)


def _patterns(words: str) -> Iterator[re.Pattern[str]]:
    """The words with each part free to be set otherwise, white space around them apart; none for no words."""
    units: list[str] = []
    letter = ""  # the last one, to which an accent may belong
    for found in _UNIT.finditer(unicodedata.normalize("NFD", _FOLDS["invisible characters"](words.strip()))):
        kind, part = found.lastgroup or "", found[0]
        if kind != "letter":
            letter = ""
            units.append(_SET_OTHERWISE[kind])
        elif letter and _belongs(letter, part):
            letter += part
            units[-1] = _letter(letter)
        else:
            letter = part
            units.append(_letter(letter))
    if units:
        yield re.compile(_ANY_UNSEEN.join(units))


def _letter(letter: str) -> str:
    """A letter with its accents as one pattern: composed, taken apart, and each accent composed alone."""
    forms = {letter, unicodedata.normalize("NFC", letter)}
    for n in range(1, len(letter)):
        forms.add(unicodedata.normalize("NFC", letter[: n + 1]) + letter[n + 1 :])
    return re.escape(letter) if len(forms) == 1 else f"(?:{'|'.join(map(re.escape, sorted(forms, key=len)))})"


def _differences(words: str, found: str) -> tuple[str, ...] | None:
    """Which folds are needed to make both the same; None if all of them together do not."""
    if _folded(words) != _folded(found):
        return None
    return tuple(name for name in _FOLDS if _folded(words, without=name) != _folded(found, without=name))


def _folded(text: str, without: str = "") -> str:
    for name, fold in _FOLDS.items():
        if name != without:
            text = fold(text)
    return text if without == "white space" else text.strip()


def _splits_a_letter(text: str, end: int) -> bool:
    """Whether what follows belongs to the last letter of `text[:end]`."""
    return 0 < end < len(text) and _belongs(text[end - 1], text[end])


def _belongs(letter: str, following: str) -> bool:
    """Whether a character is part of the letter before it: an accent, or a further part of a Korean syllable."""
    composed = unicodedata.normalize("NFC", letter + following)
    return bool(unicodedata.combining(following)) or len(composed) < len(unicodedata.normalize("NFC", letter)) + 1


def _within_a_word(text: str, at: int) -> bool:
    """Whether a word or a number runs across the offset: “un|able”, “can|'t”, “1|.5”, “-|5”, “re-|elected”."""
    if not 0 < at < len(text):
        return False
    before, after = text[at - 1], text[at]
    if _splits_a_letter(text, at):
        return True
    if before in _DASHES and after.isdigit():
        return True
    if _is_joint(text, at):
        return _wordy(before)
    if _is_joint(text, at - 1):
        return _wordy(after)
    return _wordy(before) and _wordy(after)


def _wordy(character: str) -> bool:
    wordy = character.isalnum() or character == "_" or unicodedata.category(character).startswith("M")
    return wordy and not _UNSPACED.match(character)


def _is_joint(text: str, at: int) -> bool:
    """Whether the character joins the two beside it: a hyphen, an apostrophe, the point in a number, a soft hyphen."""
    if not 0 < at < len(text) - 1:
        return False
    before, joint, after = text[at - 1], text[at], text[at + 1]
    if joint in ".,:":
        return before.isdigit() and after.isdigit()
    return joint in "-‐‑'’ʼ" + _UNSEEN and _wordy(before) and _wordy(after)
