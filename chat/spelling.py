"""Mend words of a question that neither the articles nor English know, by the nearest word of the articles."""

import re
from functools import lru_cache

from rapidfuzz.distance import DamerauLevenshtein
from spellchecker import SpellChecker

from indexer import STOPWORDS, Index, stem, words

_WORD = re.compile(r"[^\W\d_]{4,}")
_LONG_WORD = 8
_SCANNED_ROWS = 3


def mend(index: Index, question: str) -> str:
    """The question with its misspelt words mended.

    A word is misspelt if no article has it and no English dictionary knows it; it becomes the article's word at one
    edit (two for words of eight letters and more), if exactly one stem is that near with the same first letter, or the
    one that most passages hold. An English word that the articles lack stays: that it is missing is what tells that
    they do not answer.
    """
    return _WORD.sub(lambda match: _mended(index, match[0]), question)


@lru_cache(maxsize=1)
def _english() -> SpellChecker:
    return SpellChecker(language="en", distance=1)


def _mended(index: Index, word: str) -> str:
    folded = words(word)
    if len(folded) != 1 or folded[0] in STOPWORDS or index.terms.holding(stem(folded[0])):
        return word
    if _english().known([folded[0]]):  # last, for the dictionary takes a while to load
        return word
    target, limit = stem(folded[0]), 2 if len(word) >= _LONG_WORD else 1
    near = []
    for known in index.terms.vocabulary:
        if abs(len(known) - len(target)) > limit or known[0] != target[0] or len(known) < 3:
            continue
        distance = DamerauLevenshtein.distance(known, target, score_cutoff=limit)
        if distance <= limit:
            near.append((distance, index.terms.idf(known), known))
    return _surface(index, min(near)[2], word) if near else word


def _surface(index: Index, term: str, word: str) -> str:
    """How the articles write a stem: the first word of a passage that has it; `word` where none is found."""
    for row in index.terms.best_rows(term, _SCANNED_ROWS):
        article, number = index.locate(row)
        record = index.record(article)
        start, end = record.passage_rows[number, :2].tolist()
        for match in re.finditer(r"[^\W\d_]+", f"{record.text[start:end]} {index.articles[article].title}"):
            folded = words(match[0])
            if len(folded) == 1 and stem(folded[0]) == term:
                return match[0]
    return word
