"""Replies of a language model, kept by content: the same question of the same model is asked once."""

import hashlib
import json
import logging
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from chat.llm.model_reply import Reply
from indexer import write_durably

log = logging.getLogger(__name__)
_MOST_KEPT = 20_000


class Replies:
    """A folder with one small JSON file a reply; safe to use from many threads and processes at once."""

    def __init__(self, folder: Path) -> None:
        """The folder is made with the first reply; where more than 20,000 are kept, the oldest go."""
        self.folder = folder
        kept = list(folder.glob("*.json"))
        if len(kept) > _MOST_KEPT:
            kept.sort(key=lambda path: path.stat().st_mtime)
            for path in kept[: len(kept) - _MOST_KEPT]:
                path.unlink(missing_ok=True)

    @staticmethod
    def key(url: str, model: str, messages: Sequence[dict[str, str]], schema: dict[str, Any]) -> str:
        """The name of a reply: a hash of all that it depends on."""
        asked = json.dumps([url, model, list(messages), schema], sort_keys=True)
        return hashlib.sha256(asked.encode()).hexdigest()

    def get(self, key: str) -> Reply | None:
        """The reply of that name; None if there is none, or none that can be read."""
        try:
            found = json.loads((self.folder / f"{key}.json").read_text(encoding="utf-8"))
            return Reply(
                str(found["text"]), int(found["prompt_tokens"]), int(found["reply_tokens"]), float(found["seconds"])
            )
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            log.warning("%s: a kept reply cannot be read, and is asked for again: %s", self.folder / key, error)
            return None

    def put(self, key: str, reply: Reply) -> None:
        """Keep a reply, whole or not at all; a folder that cannot be written to is a warning."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            write_durably(self.folder / f"{key}.json", json.dumps(asdict(reply)).encode())
        except OSError as error:
            log.warning("%s: a reply cannot be kept: %s", self.folder, error)
