"""Sentences → Passages: runs of whole sentences of about `target` tokens, and what of them is embedded."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from indexer.sentence import part, sentences
from indexer.types import Article, BlockKind, Passage, PassageSettings, Sentence

_LINK = re.compile(r"!?\[([^\]\[]*)\](?:\([^()\s]*(?:\s+\"[^\"]*\")?\)|\[[^\]\[]*\])")
_MARKUP = re.compile(r"[*_`]{1,3}(?=\S)|(?<=\S)[*_`]{1,3}|^\s*>\s?", re.MULTILINE)
_HEAD_TOKENS = 40
_SPARE_TOKENS = 10  # special tokens, and the few by which parts tokenised alone may differ from the whole


@dataclass(frozen=True, slots=True)
class EmbeddedText:
    """What the embedder reads of a passage: its head (title and heading), then its sentences as plain words."""

    head: str
    sentences: tuple[str, ...]


def plain_words(text: str) -> str:
    """A sentence as words for an embedder: a Markdown link's text without its address, one space between words."""
    text = _LINK.sub(r"\1", text)
    return " ".join(_MARKUP.sub("", text).split())


@dataclass(frozen=True, slots=True)
class CutArticle:
    """An article's sentences, its passages, and what the embedder reads of each passage."""

    sentences: tuple[Sentence, ...]
    passages: tuple[Passage, ...]
    texts: tuple[EmbeddedText, ...]


def cut(
    article: Article, count_tokens: Callable[[Sequence[str]], list[int]], limit: int, settings: PassageSettings
) -> CutArticle:
    """Cut an article into sentences and passages that an embedder of `limit` tokens reads whole, head included."""
    budget = limit - _HEAD_TOKENS - _SPARE_TOKENS
    fitting, tokens = _fit(article, sentences(article), count_tokens, budget)
    found = passages(fitting, tokens, replace(settings, target=min(settings.target, budget)))
    heads = {_head(article, fitting, passage): "" for passage in found}
    for head, size in zip(heads, count_tokens(list(heads)), strict=True):
        heads[head] = head if size <= _HEAD_TOKENS else _shortened(head, count_tokens)
    texts = tuple(
        EmbeddedText(
            heads[_head(article, fitting, passage)],
            tuple(plain_words(article.text[s.start : s.end]) for s in fitting[passage.first : passage.last + 1]),
        )
        for passage in found
    )
    return CutArticle(fitting, found, texts)


def _fit(
    article: Article, found: Sequence[Sentence], count_tokens: Callable[[Sequence[str]], list[int]], budget: int
) -> tuple[tuple[Sentence, ...], list[int]]:
    """The sentences and their tokens; one that exceeds the budget is halved, at a clause where there is one."""
    tokens = count_tokens([plain_words(article.text[s.start : s.end]) for s in found])
    while any(size > budget and s.end - s.start > 1 for s, size in zip(found, tokens, strict=True)):
        found = [
            replace(sentence, start=start, end=end)
            for sentence, size in zip(found, tokens, strict=True)
            for start, end in (
                part(article.text, sentence.start, sentence.end, max(1, (sentence.end - sentence.start) // 2 + 1))
                if size > budget
                else [(sentence.start, sentence.end)]
            )
        ]
        tokens = count_tokens([plain_words(article.text[s.start : s.end]) for s in found])
    return tuple(found), tokens


def _head(article: Article, found: Sequence[Sentence], passage: Passage) -> str:
    """Title and heading of a passage, as far as they do not stand in it."""
    inside = found[passage.first : passage.last + 1]
    head = [] if any(s.kind is BlockKind.TITLE for s in inside) else [article.title]
    if inside[0].heading and inside[0].kind is not BlockKind.HEADING:
        head.append(inside[0].heading)
    return plain_words(". ".join(head))


def _shortened(head: str, count_tokens: Callable[[Sequence[str]], list[int]]) -> str:
    """As many of the first words as fit; what is left out stands in the article, where it is embedded whole."""
    fitting: list[str] = []
    used = 0
    for word, size in zip(head.split(), count_tokens(head.split()), strict=True):
        used += size
        if used > _HEAD_TOKENS:
            break
        fitting.append(word)
    return " ".join(fitting)


def passages(sentences: Sequence[Sentence], tokens: Sequence[int], settings: PassageSettings) -> tuple[Passage, ...]:
    """Pack sentences into passages, none of them in two.

    `tokens[i]` is the length of sentence i in the embedder's tokens. A passage ends before the sentence that would
    carry it over `settings.target`, at a heading, or at a paragraph's end when the next paragraph does not fit whole
    and half the target is reached.
    """
    found: list[Passage] = []
    first, held = 0, 0
    for number, sentence in enumerate(sentences):
        if number > first and _ends_before(sentences, tokens, number, held, settings.target):
            found.append(Passage(sentences[first].start, sentences[number - 1].end, first, number - 1))
            first, held = number, 0
        held += tokens[number]
        if number == len(sentences) - 1:
            found.append(Passage(sentences[first].start, sentence.end, first, number))
    return tuple(found)


def _ends_before(sentences: Sequence[Sentence], tokens: Sequence[int], number: int, held: int, target: int) -> bool:
    """Whether a passage of `held` tokens ends before sentence `number`."""
    sentence, before = sentences[number], sentences[number - 1]
    if before.kind in (BlockKind.HEADING, BlockKind.TITLE):
        return False  # a heading never stands at a passage's end
    if held + tokens[number] > target or (sentence.kind is BlockKind.HEADING and held >= target // 4):
        return True
    if sentence.block == before.block or held < target // 2:
        return False
    block = 0
    for other in range(number, len(sentences)):
        if sentences[other].block != sentence.block:
            break
        block += tokens[other]
    return held + block > target
