"""What passes between the steps: question → Hits → Answer with Quotes → rendered. All frozen."""

from dataclasses import astuple, dataclass, field
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from indexer import QuotewireError

if TYPE_CHECKING:
    from indexer import Index


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a conversation; `role` is "user" or "assistant"."""

    role: str
    content: str


class Risk(StrEnum):
    """How likely an answer must be to be shown: which share of the answers shown may be wrong.

    On the questions that the thresholds are fitted on: see `RISKS` in `training/calibrate`.
    """

    CAREFUL = "careful"
    BALANCED = "balanced"
    BOLD = "bold"


@dataclass(frozen=True, slots=True)
class Scope:
    """The articles that a question is asked of: those at these paths (none named: all), dated from `since` to `until`.

    The dates are ISO dates, "" for no limit; both days belong to it. An article without a date is within no dates.
    Raises `QuotewireError` for what is no date, or for dates that exclude each other.
    """

    articles: tuple[str, ...] = ()
    since: str = ""
    until: str = ""
    _named: frozenset[str] = field(init=False, repr=False, compare=False)  # `articles`, to look up in

    def __post_init__(self) -> None:
        object.__setattr__(self, "_named", frozenset(self.articles))
        for name, day in (("since", self.since), ("until", self.until)):
            if day and not _is_date(day):
                raise QuotewireError(f"{name}: “{day[:40]}” is no date; write it like 2026-01-31")
        if self.since and self.until and self.since > self.until:
            raise QuotewireError(f"no day lies since {self.since} and until {self.until}: exchange the two dates")

    @property
    def is_all(self) -> bool:
        """Whether it holds every article."""
        return not (self.articles or self.since or self.until)

    def holds(self, path: str, day: str) -> bool:
        """Whether the article at `path`, of the ISO date `day` or "", is within it."""
        if self._named and path not in self._named:
            return False
        if not (self.since or self.until):
            return True
        return bool(day) and self.since <= day and (not self.until or day <= self.until)


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


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


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement of a language model with the numbers of what it rests on.

    As the model gives it, `numbers` count the sentences that it was given; in an `Answer`, its quotes.
    """

    text: str
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Written:
    """What a language model took part in an answer with, and what that cost.

    Of its statements `kept` are shown, `repaired` are replaced by the quote alone, `dropped` are left out. `calls` and
    what follows are those of the replies that the answer rests on, whether they were asked for now or kept from before.
    """

    kept: int = 0
    repaired: int = 0
    dropped: int = 0
    calls: int = 0
    prompt_tokens: int = 0
    reply_tokens: int = 0
    seconds: float = 0.0

    def __add__(self, other: "Written") -> "Written":
        pairs = zip(astuple(self), astuple(other), strict=True)
        return Written(*(one + another for one, another in pairs))


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
    `statements` are a language model's, where there is one: each is supported by the quotes that it numbers from 1.
    `note` says in one line what became of those that are not shown; `written` counts them.
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
    statements: tuple[Statement, ...] = ()
    note: str = ""
    written: Written | None = None

    @property
    def abstained(self) -> bool:
        """Whether no quote answers."""
        return not self.quotes
