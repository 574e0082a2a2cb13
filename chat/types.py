"""What passes between the steps: question → Hits → Answer with Quotes → rendered. All frozen."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from indexer import Index


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a conversation; `role` is "user" or "assistant"."""

    role: str
    content: str


class Asks(StrEnum):
    """What kind of thing a question asks for."""

    WHO = "who"
    WHEN = "when"
    WHERE = "where"
    HOW_MANY = "how many"
    HOW_MUCH = "how much"
    WHY = "why"
    HOW = "how"
    YES_NO = "yes or no"
    WHAT = "what"


@dataclass(frozen=True, slots=True)
class Question:
    """A question as it was asked, and as it was understood (follow-ups resolved, spelling mended).

    `asks_for_list` is set where the whole list is wanted (“who attended?”, “which companies …?”).
    """

    asked: str
    understood: str
    asks: Asks
    asks_for_list: bool = False

    @property
    def was_changed(self) -> bool:
        """Whether it was understood otherwise than in its own words."""
        return self.asked.strip() != self.understood.strip()


@dataclass(frozen=True, slots=True)
class Span:
    """`start` to `end` in article number `article` of an index."""

    article: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Hit:
    """A retrieved passage: its row in the index, where it stands, and its scores (see `retriever`)."""

    row: int
    span: Span
    score: float
    dense: float
    sparse: float


@dataclass(frozen=True, slots=True)
class Quote:
    """A verbatim quote. It holds where its words stand, never the words: `text` slices the article."""

    index: "Index" = field(repr=False, compare=False)
    span: Span

    @property
    def text(self) -> str:
        """The words of the article from `start` to `end`."""
        return self.index.record(self.span.article).text[self.span.start : self.span.end]

    @property
    def article(self) -> str:
        """The article's path in the corpus."""
        return self.index.articles[self.span.article].path

    @property
    def title(self) -> str:
        """The article's title."""
        return self.index.articles[self.span.article].title

    @property
    def date(self) -> str:
        """The article's ISO date, or ""."""
        return self.index.articles[self.span.article].date

    @property
    def content_hash(self) -> str:
        """The hash of the article's file that the offsets count in."""
        return self.index.articles[self.span.article].content_hash


class Kind(StrEnum):
    """What an answer is."""

    ANSWER = "answer"
    ABSTENTION = "abstention"
    SMALL_TALK = "small talk"


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered: quotes, or the plain statement that the articles do not answer.

    `lead` is what is said before the quotes in our own words ("Yes.", or why nothing is quoted); `nearest` are quotes
    that stand nearest to a question that was not answered; `confidence` is the probability that the quotes answer.
    `passages` are the retrieved passages and `context` the sentences that the quotes were chosen from, best first.
    """

    question: Question
    kind: Kind
    lead: str
    quotes: tuple[Quote, ...]
    nearest: tuple[Quote, ...]
    confidence: float
    passages: tuple[Hit, ...]
    context: tuple[Span, ...]
    index: "Index" = field(repr=False, compare=False)
    by_date: bool = False

    @property
    def abstained(self) -> bool:
        """Whether no quote answers."""
        return not self.quotes
