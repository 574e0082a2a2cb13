"""Text → terms for BM25, the same for passages and questions."""

import re
import unicodedata
from functools import lru_cache

import Stemmer

_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+")
_POSSESSIVE = re.compile(r"['’]s\b")
STOPWORDS = frozenset(
    """
    a an the of to in on at for from by with and or but is are was were be been being do does did has have had having
    what which who whom whose when where why how that this these those it its as into about than then there their they
    them he she his her him i you we us our your my me not no nor so if can could would should will shall may might must
    also such any some all each both more most other own same very just only over under again s t
    """.split()
)

_stemmer = Stemmer.Stemmer("english")


def words(text: str) -> list[str]:
    """Lower-case words and numbers of `text` without accents; `1,000` is one word, `1000`."""
    folded = unicodedata.normalize("NFKD", _POSSESSIVE.sub("", text)).casefold()
    plain = "".join(char for char in folded if not unicodedata.combining(char)) if not folded.isascii() else folded
    return [token.replace(",", "").rstrip(".") if token[0].isdigit() else token for token in _TOKEN.findall(plain)]


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """Snowball's English stem of a lower-case word."""
    return str(_stemmer.stemWord(word))


def terms(text: str) -> list[str]:
    """Stems of the words of `text` that are not stop words, in order and with repetitions."""
    return [stem(word) for word in words(text) if word not in STOPWORDS]
