"""The answers of the current generation that were given of late, so that one question is worked for once."""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import Future

from chat.assistant import Assistant
from chat.laps import Tell, nobody
from chat.types import Answer, Scope, Turn
from indexer import Index

MOST = 512


class KeptAnswers:
    """Answers by question, turns before it, and scope; all of them are of one generation and one assistant.

    An answer holds offsets and no words of an article: its quotes are sliced each time it is shown. Who asks what is
    just being answered waits for that answer. Safe to use from many threads at once.
    """

    def __init__(self, most: int = MOST) -> None:
        """Keep the `most` answers that were asked for last; `again` counts those that were given without work."""
        self.again = 0
        self._most, self._lock = most, threading.Lock()
        self._index: Index | None = None
        self._kept: OrderedDict[bytes, Future[Answer]] = OrderedDict()

    def answer(
        self,
        assistant: Assistant,
        question: str,
        history: Sequence[Turn] = (),
        scope: Scope | None = None,
        tell: Tell = nobody,
    ) -> Answer:
        """What `assistant.ask` answers; raises what it raises, and then nothing is kept."""
        key = _key(question, history, scope)
        self.forget_all_but(assistant.index)
        with self._lock:
            promised = self._kept.get(key)
            if promised is None:
                self._kept[key] = mine = Future[Answer]()
                if len(self._kept) > self._most:
                    self._kept.popitem(last=False)
            else:
                self._kept.move_to_end(key)
                self.again += 1
        if promised is not None:
            return promised.result()
        try:
            mine.set_result(assistant.ask(question, history, scope, tell))
        except BaseException as error:
            with self._lock:
                if self._kept.get(key) is mine:
                    del self._kept[key]
            mine.set_exception(error)
            raise
        return mine.result()

    def forget_all_but(self, index: Index) -> None:
        """Forget the answers of any other generation, which then need not stay loaded for them."""
        with self._lock:
            if self._index is not index:
                self._index = index
                self._kept.clear()


def _key(question: str, history: Sequence[Turn], scope: Scope | None) -> bytes:
    """A digest, for the turns before a question may be long; of no scope and of that of all articles it is one."""
    all_articles = scope is None or scope.is_all
    asked = (question, [(turn.role, turn.content) for turn in history], None if all_articles else scope)
    return hashlib.sha256(repr(asked).encode()).digest()
