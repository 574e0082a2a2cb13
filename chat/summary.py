"""“Summarise the announcement”: an article says what it is about in its own first sentences."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from chat.evidence import weight_of
from chat.types import Span
from indexer import BlockKind, Index, terms

NEWEST = "Of the newest article:"
_THING = r"(?:announcement|article|press release|release|news|statement|report|text|document|story|post)s?"
_ASKED = re.compile(
    r"\bsummari[sz]e\b|\bsummary\b|\b(?:key|main)\s+(?:points?|facts?|takeaways?|messages?)\b|\boverview\b|\btl;?dr\b"
    r"|\bin (?:short|brief|a nutshell)\b|\bgist\b"
    rf"|\bwhat(?:['’]s| is| are)\s+(?:the|this|these|that)\s+{_THING}\s+(?:all\s+)?about\b"
    rf"|\bwhat does (?:the|this) {_THING} say\W*$",
    re.I,
)
# Of these words a summary is asked for, not of what.
_EMPTY = frozenset(
    terms(
        "summarise summarize summary key main point points fact facts takeaway takeaways message messages overview tl "
        "dr tldr short brief nutshell announcement article press release news statement report text document story "
        "post about say gist please give me tell us you can could would of in for the this these what is are all line "
        "sentence sentences quick quickly"
    )
)
_ENDS = re.compile(r"[.!?…][\"'”’»)\]*_]*\s*$")
_OPENINGS = 3
_ENOUGH = 0.6  # of the subject's weight must stand in the article


@dataclass(frozen=True)
class Summary:
    """Sentences that tell what an article is about; the chance that it is the one that was meant."""

    lead: str
    spans: tuple[Span, ...]
    chance: float


def summary_of(index: Index, question: str, nearest: int, among: Sequence[int]) -> Summary | None:
    """The summary that a question asks for; None if it asks for none, or for one of what no article tells.

    It is of the article `nearest` to the question; of the newest `among` those asked, where it names no subject.
    """
    if not _ASKED.search(question):
        return None
    subject = [stem for stem in terms(question) if stem not in _EMPTY]
    newest = max(among, key=lambda number: (index.articles[number].date, -number))
    article = nearest if subject else newest
    chance, spans = _share_told(index, article, subject), _openings(index, article)
    if chance < _ENOUGH or not spans:
        return None
    return Summary(NEWEST if not subject and len(among) > 1 else "", spans, chance)


def _share_told(index: Index, article: int, stems: Sequence[str]) -> float:
    """The share of the stems' weight that the article holds; 1 where there are none."""
    held = set(terms(f"{index.articles[article].title} {index.record(article).text}"))
    weights = {stem: weight_of(index, stem) for stem in stems}
    total = sum(weights.values())
    return sum(weight for stem, weight in weights.items() if stem in held) / total if total else 1.0


def _openings(index: Index, article: int) -> tuple[Span, ...]:
    """The first sentences of the article's first three paragraphs; of its other blocks, where it has no paragraph.

    A paragraph that is no sentence (a date line, a name) tells nothing.
    """
    record = index.record(article)
    sentences = record.sentences
    body = [s for s in sentences if s.kind is BlockKind.PARAGRAPH and _ENDS.search(record.text[s.start : s.end])]
    body = body or [s for s in sentences if s.kind not in (BlockKind.TITLE, BlockKind.HEADING)]
    firsts: dict[int, Span] = {}
    for sentence in body:
        firsts.setdefault(sentence.block, Span(article, sentence.start, sentence.end))
    return tuple(firsts.values())[:_OPENINGS]
