"""A language model's reply → statements with sentence numbers, as they come in; tolerant of how the reply is written.

It reads the JSON that was asked for, whole or one object a line, in a fence or between words, with trailing commas; and
lines of prose with markers (“… [1][2]”). Whatever else a reply holds, quotes among it, is ignored.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from chat.llm.prompt import visible
from chat.types import Statement

MOST_STATEMENTS = 12
_TEXT_KEYS = ("text", "statement", "claim", "sentence", "answer", "content")
_NUMBER_KEYS = (
    "sentences",
    "numbers",
    "citations",
    "sources",
    "cites",
    "ids",
    "refs",
    "references",
    "number",
    "source",
)
_MOST_NUMBERS = 8
_LONGEST_OBJECT, _LONGEST_LINE = 4000, 2000
_MARKER = re.compile(r"[\[(【]\s*(\d{1,3}(?:\s*[,;]\s*\d{1,3})*)\s*[\])】]")
_THINKING = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.S | re.I)
_THOUGHT = re.compile(r"</think(?:ing)?>$", re.I)
_LIST_SIGN = re.compile(r"^\s*(?:[-*•]|\d{1,2}[.)])\s+")
_YES_NO = re.compile(r"^(?:yes|no)\s*[,.:;–—-]\s*", re.I)
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")


class StatementReader:
    """Reads one reply piece by piece: `feed` gives the statements that each piece completes, `end` the last ones."""

    def __init__(self) -> None:
        self._reply, self._at = "", 0
        self._open: list[int] = []
        self._in_string = self._escaped = False
        self._line = 0
        self._given = 0

    def feed(self, piece: str) -> Iterator[Statement]:
        """Statements that are complete once this piece has come in."""
        self._reply += piece
        yield from self._limited(self._read(final=False))

    def end(self) -> Iterator[Statement]:
        """Statements that only the end of the reply completes: the last line of prose."""
        yield from self._limited(self._read(final=True))

    def _limited(self, found: Iterator[Statement]) -> Iterator[Statement]:
        for statement in found:
            if self._given < MOST_STATEMENTS:
                self._given += 1
                yield statement

    def _read(self, *, final: bool) -> Iterator[Statement]:
        while self._at < len(self._reply):
            if not self._open and self._thinks(final):
                return
            char = self._reply[self._at]
            self._at += 1
            if self._open:
                yield from self._inside(char)
            elif char == "{":
                self._open.append(self._at - 1)
            elif char == "\n":
                yield from self._prose(self._at)
        if final and not self._open:
            yield from self._prose(len(self._reply))

    def _thinks(self, final: bool) -> bool:
        """Skip what a reasoning model thinks aloud; whether the end of that has not come in yet."""
        rest = self._reply[self._at : self._at + len("<thinking>")].lower()
        if not final and "<think".startswith(rest):
            return True
        match = _THINKING.match(self._reply, self._at)
        if not match:
            return False
        if not final and not _THOUGHT.search(match[0]):
            return True
        self._at = self._line = match.end()
        return self._at >= len(self._reply)

    def _inside(self, char: str) -> Iterator[Statement]:
        """One character within braces; an object that it closes may be a statement."""
        if self._in_string:
            closes = char == '"' and not self._escaped
            self._escaped = char == "\\" and not self._escaped
            self._in_string = not closes
        elif char == '"':
            self._in_string = True
        elif char == "{":
            self._open.append(self._at - 1)
        elif char == "}":
            start = self._open.pop()
            self._line = self._at
            if self._at - start <= _LONGEST_OBJECT:
                yield from _from_json(self._reply[start : self._at])

    def _prose(self, end: int) -> Iterator[Statement]:
        line, self._line = self._reply[self._line : end], end
        if len(line) <= _LONGEST_LINE and not line.lstrip().startswith(("```", "{", "[", "]", "}")):
            yield from _from_prose(line)


def _from_json(text: str) -> Iterator[Statement]:
    try:
        found = json.loads(_TRAILING_COMMA.sub(r"\1", text), strict=False)
    except (ValueError, RecursionError):
        return
    text = next((found[key] for key in _TEXT_KEYS if isinstance(found.get(key), str)), "")
    numbers: Any = next((found[key] for key in _NUMBER_KEYS if key in found), [])
    statement = _statement(text, _numbers(numbers))
    if statement:
        yield statement


def _from_prose(line: str) -> Iterator[Statement]:
    """Statements of a line: each ends with its markers; a line without one says nothing that could be checked."""
    line = _LIST_SIGN.sub("", line)
    start = 0
    for match in re.finditer(rf"(?:{_MARKER.pattern}\s*)+[.]?", line):
        statement = _statement(line[start : match.start()], _numbers(match[0]))
        start = match.end()
        if statement:
            yield statement


def _statement(text: str, numbers: list[int]) -> Statement | None:
    numbers += [number for match in _MARKER.finditer(text) if match[0][0] in "[【" for number in _numbers(match[1])]
    plain = visible(re.sub(r"[\[【]\s*\d{1,3}(?:\s*[,;]\s*\d{1,3})*\s*[\]】]", "", text))
    plain = _YES_NO.sub("", plain).strip().strip("*").strip()
    if not plain:
        return None
    plain = re.sub(r"\s+([.,;:])", r"\1", plain[0].upper() + plain[1:])
    return Statement(plain, tuple(dict.fromkeys(numbers))[:_MOST_NUMBERS])


def _numbers(found: Any) -> list[int]:
    """Numbers however they are written: 1, "1", "[1], [2]", [1, 2]."""
    if isinstance(found, bool):
        return []
    if isinstance(found, int | float):
        return [int(found)] if abs(found) < 1000 and found == int(found) else []
    if isinstance(found, str):
        return [int(number) for number in re.findall(r"\d{1,3}", found[:100])]
    if isinstance(found, list):
        return [number for item in found[:20] if not isinstance(item, list) for number in _numbers(item)]
    return []


def question_of(reply: str) -> str:
    """The question that a reply gives, in the JSON that was asked for or as its only line; "" where there is none."""
    reply = _THINKING.sub("", reply).strip()
    match = re.search(r"\{.*\}", reply, re.S)
    if match and len(match[0]) <= _LONGEST_OBJECT:
        try:
            found = json.loads(_TRAILING_COMMA.sub(r"\1", match[0]), strict=False)
        except (ValueError, RecursionError):
            return ""
        return visible(found["question"]) if isinstance(found.get("question"), str) else ""
    return visible(reply) if reply.count("\n") == 0 and len(reply) < 400 else ""
