"""A language model's reply out of the bytes that its server sends: events or one object, within limits."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from indexer import QuotewireError

_MOST_BYTES = 4_000_000
_LONGEST_WHOLE = 100_000


class ModelFault(QuotewireError):
    """The language model gave no whole reply; the message says why, in one line, and never what the server said."""


class Stopped(QuotewireError):
    """The person who asked has stopped the answer."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole reply: its text, the tokens of prompt and reply as far as the server counts them, and its seconds."""

    text: str
    prompt_tokens: int = 0
    reply_tokens: int = 0
    seconds: float = 0.0


class Received:
    """What a server has sent so far; `done` once it says so itself."""

    def __init__(self, most_characters: int) -> None:
        """A reply of more than `most_characters` is one that does not come to an end."""
        self._most, self._size, self._rest, self._all = most_characters, 0, b"", b""
        self._text, self._ended, self._usage = "", "", (0, 0)
        self.done = False

    def feed(self, received: bytes) -> Iterator[str]:
        """The pieces of text that these bytes complete; raises `ModelFault` for too many, and for an error."""
        self._size += len(received)
        if self._size > _MOST_BYTES:
            raise ModelFault("The language model's server sent more than it should.")
        self._all = (self._all + received)[:_LONGEST_WHOLE]
        *lines, self._rest = (self._rest + received).split(b"\n")
        for line in lines:
            name, _, value = line.strip().partition(b":")
            if name == b"data" and value.strip() == b"[DONE]":
                self.done = True
            elif name == b"data":
                yield from self._take(_object(value))

    def end(self) -> Iterator[str]:
        """The text of a server that does not stream: it came in as one object."""
        if not self._text and not self._ended:
            yield from self._take(_object(self._all))

    def reply(self, seconds: float) -> Reply:
        """The whole reply; raises `ModelFault` where it is none."""
        if self._ended == "length":
            raise ModelFault("The language model's reply was cut off.")
        if not self._ended:
            raise ModelFault("The language model's reply broke off.")
        return Reply(self._text, *self._usage, round(seconds, 3))

    def _take(self, event: dict[str, Any]) -> Iterator[str]:
        """The text that an event gives, whatever its shape; its end and its counts are kept."""
        if event.get("error"):
            raise ModelFault("The language model's server reported an error.")
        counts = event.get("usage")
        if isinstance(counts, dict):
            self._usage = (_count(counts.get("prompt_tokens")), _count(counts.get("completion_tokens")))
        choices = event.get("choices")
        choice = choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], dict) else {}
        said = choice.get("delta") or choice.get("message") or {}
        text = said.get("content") if isinstance(said, dict) else ""
        reason = choice.get("finish_reason")
        self._ended = reason if isinstance(reason, str) else self._ended
        if isinstance(text, str) and text:
            self._text += text
            if len(self._text) > self._most:
                raise ModelFault("The language model did not come to an end.")
            yield text


def _object(raw: bytes) -> dict[str, Any]:
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _count(found: Any) -> int:
    return found if isinstance(found, int) and found >= 0 else 0
