"""Question files: JSONL in, checked test questions out; whatever is wrong is named with its file and line."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Never, Protocol

from chat.types import Turn
from indexer import Index, QuestionFileError

ArticleText = Callable[[str], str | None]
"""An article's text by its path in the corpus; None if there is no such article."""

_ROLES = ("user", "assistant")


class Source(Protocol):
    """What is read: a path, or what a visitor has sent; as text it is the name that errors tell."""

    def read_bytes(self) -> bytes:
        """All of it; raises `OSError` where it cannot be read."""


@dataclass(frozen=True, slots=True)
class GoldSpan:
    """A passage of an article that answers a question: `quote` stands at `start` of the article's text."""

    article: str
    quote: str
    start: int

    @property
    def end(self) -> int:
        """Where the quote ends."""
        return self.start + len(self.quote)


@dataclass(frozen=True, slots=True)
class TestQuestion:
    """One line of a question file.

    `must_show` holds groups of alternatives: of each group, one must be shown for the answer to count as right.
    `sentence_contains` (None where the line has none) replaces `evidence`: an answer is right if it holds one of these
    strings, in one of `articles` (None: in any). `raw` is the line as it was, with its unknown keys.
    """

    __test__: ClassVar[bool] = False  # the name is the field's own: this is no test class of pytest's

    id: str
    question: str
    answerable: bool
    answers: tuple[str, ...] = ()
    evidence: tuple[GoldSpan, ...] = ()
    history: tuple[Turn, ...] = ()
    must_show: tuple[tuple[str, ...], ...] = ()
    sentence_contains: tuple[str, ...] | None = None
    articles: tuple[str, ...] | None = None
    raw: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a JSONL file as an object, and where it stands; reads its keys with their types checked."""

    path: Source
    number: int
    raw: Mapping[str, Any]

    def fail(self, message: str) -> Never:
        """Raise a `QuestionFileError` that names the file and the line."""
        raise QuestionFileError(f"{self.path}, line {self.number}: {message}")

    def string(self, raw: Mapping[str, Any], key: str) -> str:
        """The text under a key that must be there and must not be blank."""
        if key not in raw:
            self.fail(f'"{key}" is missing')
        value = raw[key]
        if not isinstance(value, str) or not value.strip():
            self.fail(f'"{key}" must be text that is not blank, not {_shown(value)}')
        return value

    def truth(self, key: str) -> bool:
        """The value of a key that must be there and be true or false."""
        if key not in self.raw:
            self.fail(f'"{key}" is missing')
        value = self.raw[key]
        if not isinstance(value, bool):
            self.fail(f'"{key}" must be true or false, not {_shown(value)}')
        return value

    def objects(self, key: str) -> list[Mapping[str, Any]]:
        """The list of objects under a key; empty where the key is missing."""
        value = self.raw.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self.fail(f'"{key}" must be a list of objects, not {_shown(value)}')
        return value

    def strings(self, value: object, key: str) -> tuple[str, ...]:
        """A value that must be a list of texts, none of them blank."""
        if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
            self.fail(f'"{key}" must be a list of texts that are not blank, not {_shown(value)}')
        return tuple(value)


def read_lines(path: Source) -> Iterator[Line]:
    """The objects of a JSONL file in UTF-8; a byte order mark, CRLF and blank lines are nothing to complain of.

    Raises `QuestionFileError` if the file cannot be read or a line is not one JSON object.
    """
    return (_line(path, number, part) for number, part in _parts(path))


def _parts(path: Source) -> Iterator[tuple[int, bytes]]:
    """The lines that are not blank, with their numbers. Raises `QuestionFileError` if the file cannot be read."""
    try:
        data = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    except OSError as error:
        raise QuestionFileError(f"{path}: cannot be read: {error.strerror or error}") from error
    return ((number, part) for number, part in enumerate(data.split(b"\n"), start=1) if part.strip())


def _line(path: Source, number: int, part: bytes) -> Line:
    try:
        raw = json.loads(part.decode("utf-8"), parse_constant=_refuse_constant)
    except UnicodeDecodeError:
        Line(path, number, {}).fail("is not UTF-8; save the file in that encoding")
    except json.JSONDecodeError as error:
        Line(path, number, {}).fail(f"is not JSON: {error.msg} at column {error.colno}")
    except (ValueError, RecursionError) as error:
        Line(path, number, {}).fail(f"is not JSON: {error}")
    if not _can_be_written(raw):
        Line(path, number, {}).fail("is nested too deeply, or holds half a character (\\ud800): mend it")
    if not isinstance(raw, dict):
        Line(path, number, {}).fail(f"must be a JSON object in braces, not {_shown(raw)}")
    return Line(path, number, raw)


def article_text(index: Index) -> ArticleText:
    """The texts of an index's articles: what its offsets count in, for extracted PDF, DOCX and HTML too."""

    def text_of(path: str) -> str | None:
        number = index.article_number(path)
        return None if number is None else index.record(number).text

    return text_of


def read_questions(
    paths: Iterable[Source], text_of: ArticleText, skipped: list[str] | None = None
) -> tuple[TestQuestion, ...]:
    """All questions of the files, in order; their ids are unique over all files.

    Raises `QuestionFileError` that names file and line of what is wrong: not JSON, a key missing or of another type, an
    id that stood before, an article that is not in the index, a quote that is not in its article. Where there is a list
    `skipped`, that is told there instead and the line left out, as long as its file has one that can be asked.
    """
    questions: dict[str, TestQuestion] = {}
    seen: dict[str, Line] = {}
    for path in paths:
        before, faults = len(questions), []
        for number, part in _parts(path):
            try:
                line = _line(path, number, part)
                question = _question(line, text_of)
                if question.id in seen:
                    first = seen[question.id]
                    line.fail(f'id "{question.id}" stands already in {first.path}, line {first.number}')
            except QuestionFileError as fault:
                if skipped is None:
                    raise
                faults.append(str(fault))
            else:
                seen[question.id], questions[question.id] = line, question
        if len(questions) == before:
            raise QuestionFileError(faults[0] if faults else f"{path}: holds no question; write one JSON object a line")
        if skipped is not None:
            skipped += faults
    return tuple(questions.values())


def _question(line: Line, text_of: ArticleText) -> TestQuestion:
    raw = line.raw
    must_show = raw.get("must_show", [])
    if not isinstance(must_show, list):
        line.fail(f'"must_show" must be a list of lists of texts, not {_shown(must_show)}')
    articles = line.strings(raw["articles"], "articles") if "articles" in raw else None
    for article in articles or ():
        _known_text(line, article, text_of)
    contains = line.strings(raw["sentence_contains"], "sentence_contains") if "sentence_contains" in raw else None
    return TestQuestion(
        id=line.string(raw, "id"),
        question=line.string(raw, "question"),
        answerable=line.truth("answerable"),
        answers=line.strings(raw.get("answers", []), "answers"),
        evidence=tuple(_gold(line, item, text_of) for item in line.objects("evidence")),
        history=tuple(_turn(line, item) for item in line.objects("history")),
        must_show=tuple(line.strings(group, "must_show") for group in must_show),
        sentence_contains=contains,
        articles=articles,
        raw=raw,
    )


def _gold(line: Line, item: Mapping[str, Any], text_of: ArticleText) -> GoldSpan:
    article, quote = line.string(item, "article"), line.string(item, "quote")
    text = _known_text(line, article, text_of)
    if "start" not in item:
        start = text.find(quote)
        if start < 0:
            line.fail(
                f"the quote {_shown(quote)} is not in {article}; has that changed? Quotes must be verbatim: mend it"
            )
        return GoldSpan(article, quote, start)
    start = item["start"]
    if not isinstance(start, int) or isinstance(start, bool) or start < 0:
        line.fail(f'"start" must be a number of characters, 0 or more, not {_shown(start)}')
    if not text.startswith(quote, start):
        line.fail(f"the quote {_shown(quote)} does not stand at {start} of {article}")
    return GoldSpan(article, quote, start)


def _known_text(line: Line, article: str, text_of: ArticleText) -> str:
    text = text_of(article)
    if text is None:
        line.fail(f"the index holds no article {_shown(article)}; is it built from another corpus, or out of date?")
    return text


def _turn(line: Line, item: Mapping[str, Any]) -> Turn:
    role = line.string(item, "role")
    if role not in _ROLES:
        line.fail(f'"role" must be "user" or "assistant", not {_shown(role)}')
    content = item.get("content")
    if not isinstance(content, str):
        line.fail(f'"content" of a turn must be text, not {_shown(content)}')
    return Turn(role, content)


def _refuse_constant(name: str) -> Never:
    raise ValueError(f"{name} is no JSON number")


def _can_be_written(value: object) -> bool:
    """Whether what was read can be shown in a report and in an error."""
    try:
        for _ in range(50):  # it is written from deeper in the stack, as a part of more
            value = [value]
        json.dumps(value, ensure_ascii=False).encode()
    except (RecursionError, UnicodeEncodeError):
        return False
    return True


def _shown(value: object) -> str:
    """A value as JSON on one line, cut to a readable length."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 80 else text[:78] + " …"
