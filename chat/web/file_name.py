"""A file's name as a browser sends it → a plain name that is safe in the corpus folder. Pure."""

import re
import unicodedata
from pathlib import PurePosixPath

from indexer import SUFFIXES, QuotewireError

_MOST_BYTES = 160
_HIDING = re.compile(r"\A(?:[. ]|~\$)+")  # the indexer passes over files that begin so
# They look like a path separator, and Unicode's compatibility forms do not say so.
_LOOK_LIKE_SEPARATORS = frozenset("\u2044\u2215\u2216\u29f5\u29f8\u29f9\u1735\u2571\u2572\u27cb\u27cd")


class UnusableName(QuotewireError):
    """A file's name that no article can have; the message says what to do."""


def safe_name(name: str) -> str:
    """The last part of `name` in NFC, without anything that is not seen, hides the file or could be taken for a path.

    The ending is one that the indexer reads, in the case it was given. A name that is too long loses the end of its
    stem. Raises `UnusableName` where no name is left, or the ending is another.
    """
    last = unicodedata.normalize("NFC", name).replace("\\", "/").split("/")[-1]
    seen = "".join(_shown(character) for character in last)
    plain = _HIDING.sub("", unicodedata.normalize("NFC", " ".join(seen.split())))
    suffix = PurePosixPath(plain).suffix
    if suffix.lower() not in SUFFIXES:
        raise UnusableName(f"“{plain[:80]}” cannot be read: its name must end in one of {', '.join(SUFFIXES)}.")
    stem = plain.removesuffix(suffix).encode()[: _MOST_BYTES - len(suffix)].decode(errors="ignore").rstrip(". ")
    if not stem:
        raise UnusableName("The file's name has no letters: give it one, and add it again.")
    return stem + suffix


def _shown(character: str) -> str:
    """The character; a dash for what looks like a separator, a dot for what looks like dots, nothing for the unseen."""
    kind = unicodedata.category(character)
    if character.isspace():
        return " "
    if kind in ("Cc", "Cf", "Cs", "Co", "Cn"):
        return ""
    plain = unicodedata.normalize("NFKC", character)
    if character in _LOOK_LIKE_SEPARATORS or "/" in plain or "\\" in plain:
        return "-"
    return "." if plain.strip(".") == "" else character
