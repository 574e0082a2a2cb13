"""A Milvus server: calls that wait where it is busy, for a while, and its errors in one line."""

import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from indexer.errors import QuotewireError, StoreUnavailable

TOKEN_VARIABLE = "QUOTEWIRE_MILVUS_TOKEN"
_LOOK_SECONDS, _READ_SECONDS, _WRITE_SECONDS = 5.0, 10.0, 120.0
_PAUSES = (0.05, 3.0)  # seconds between two tries, doubled from the first to the last
_GRPC = {"grpc.keepalive_permit_without_calls": False}  # milvus-lite hangs up on who pings it while nothing is asked
_NOT_CONNECTED = 2  # pymilvus says so, and does not try again
_WRITES = {"insert", "delete", "create_collection", "drop_collection", "load_collection", "flush"}


class Milvus:
    """A connection; safe to use from many threads at once.

    While the server says that too much is asked of it (pymilvus waits then) or cannot be reached, a call is tried
    again, for 10 seconds; one that writes, for two minutes. So a build goes as fast as the server takes its rows: one
    batch at a time is on its way.
    """

    def __init__(self, uri: str) -> None:
        """Connect to `http://HOST:PORT`, or `…/DATABASE` for a database other than the default.

        Raises `StoreUnavailable`, and `QuotewireError` if pymilvus is not installed or `uri` is none.
        """
        parts = urlsplit(uri)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise QuotewireError("--milvus-uri: is no address of a server; write it like http://127.0.0.1:19530")
        if parts.username or parts.password:
            raise QuotewireError(f"--milvus-uri: holds a password; put USER:PASSWORD into {TOKEN_VARIABLE} instead")
        self.where = uri
        try:
            import pymilvus
        except ImportError as error:
            raise QuotewireError("pymilvus is not installed: pip install 'quotewire[milvus]'") from error
        logging.getLogger("pymilvus").setLevel(logging.CRITICAL)  # it logs what it raises, with a traceback
        self.types = pymilvus
        with self._told():
            token = os.environ.get(TOKEN_VARIABLE, "")
            how = {"timeout": _READ_SECONDS, "dedicated": True, "grpc_options": _GRPC}
            self._client = pymilvus.MilvusClient(uri, token=token, **how)

    def call(self, method: str, *arguments: Any, seconds: float = 0.0, **named: Any) -> Any:
        """What a method of `MilvusClient` returns; tried for `seconds`, by default as long as befits the method.

        Raises `StoreUnavailable`.
        """
        limit = seconds or (_WRITE_SECONDS if method in _WRITES else _READ_SECONDS)
        until, (pause, longest) = time.monotonic() + limit, _PAUSES
        while True:
            try:
                with self._told():
                    return getattr(self._client, method)(*arguments, timeout=limit, **named)
            except StoreUnavailable as fault:
                unloaded = "released" in str(fault) or "not loaded" in str(fault)
                if not (unloaded or self._is_away(fault.__cause__)) or time.monotonic() + pause > until:
                    raise
                if unloaded and method != "load_collection":  # some servers forget it when they are started again
                    self.call("load_collection", arguments[0])
            time.sleep(pause)
            pause = min(2 * pause, longest)

    def query(self, collection: str, condition: str, fields: list[str], **named: Any) -> list[dict[str, Any]]:
        """The rows for which a condition holds, as of now: what was written before is seen."""
        found = self.call("query", collection, condition, fields, consistency_level="Strong", **named)
        return list(found)

    def alias(self, name: str) -> str | None:
        """The collection that an alias stands for; None where there is no such alias."""
        try:
            return str(self.call("describe_alias", name, seconds=_LOOK_SECONDS)["collection_name"])
        except StoreUnavailable as fault:
            if self._is_away(fault.__cause__) or name in self.call("list_aliases").get("aliases", ()):
                raise
            return None

    def close(self) -> None:
        """End the connection."""
        self._client.close()

    @staticmethod
    def _is_away(error: BaseException | None) -> bool:
        """Whether the server could not be reached; what it refuses, it refuses again."""
        import grpc

        code = error.code() if isinstance(error, grpc.RpcError) else getattr(error, "code", None)
        return code in (_NOT_CONNECTED, grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)

    @contextmanager
    def _told(self) -> Iterator[None]:
        import grpc

        try:
            yield
        except (self.types.MilvusException, grpc.RpcError, grpc.FutureTimeoutError) as error:
            reason = " ".join(str(getattr(error, "message", "") or error).split())[:200]
            cure = f"see that it runs, that this is its address, and that {TOKEN_VARIABLE} is right if it wants one"
            raise StoreUnavailable(f"Milvus at {self.where}: {reason}: {cure}, then try again") from error
