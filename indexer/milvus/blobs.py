"""Bytes of any size in a collection, in pieces that a row can hold, with a checksum over the whole."""

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from indexer.errors import IndexDamaged
from indexer.milvus.client import Milvus
from indexer.milvus.schema import among, blobs_of, insert

_PIECE = 49_149  # bytes; in base64 just what a VARCHAR can hold
_AT_ONCE = 128  # pieces fetched by one call: 8 MB


@dataclass(frozen=True, slots=True)
class BlobInfo:
    """A blob's name and SHA-256."""

    name: str
    sha256: str


class Blobs:
    """The blobs of an epoch. One is never changed; `made` finds it by what it was made from, if that was given."""

    def __init__(self, store: Milvus, epoch: str) -> None:
        """The collection is there and loaded."""
        self._store, self._collection = store, blobs_of(epoch)

    def put(self, name: str, data: bytes, made: str = "") -> BlobInfo:
        """Write a blob; it is durable once this returns."""
        sha256 = hashlib.sha256(data).hexdigest()
        pieces = [data[at : at + _PIECE] for at in range(0, len(data), _PIECE)] or [b""]
        rows = [
            {
                "key": _key(name, number),
                "name": name,
                "made": made,
                "piece": number,
                "pieces": len(pieces),
                "sha256": sha256,
                "data": base64.b64encode(piece).decode(),
                "unused": [0.0, 0.0],
            }
            for number, piece in enumerate(pieces)
        ]
        insert(self._store, self._collection, rows)
        return BlobInfo(name, sha256)

    def get(self, name: str) -> bytes:
        """The bytes of a blob; raises `IndexDamaged` if it is missing or is not what its checksum says."""
        found = self.get_all([name])
        if name not in found:
            raise IndexDamaged(f"{self._store.where}: {name} is missing or altered; {self.repair}")
        return found[name]

    def get_all(self, names: Iterable[str]) -> dict[str, bytes]:
        """The blobs of these names, those that are there and sound."""
        wanted = list(dict.fromkeys(names))
        first = self._fetch([_key(name, 0) for name in wanted])
        rest = [_key(row["name"], n) for row in first.values() for n in range(1, row["pieces"])]
        pieces = first | self._fetch(rest)
        found = {}
        for row in first.values():
            keys = [_key(row["name"], number) for number in range(row["pieces"])]
            data = b"".join(base64.b64decode(pieces[key]["data"]) for key in keys if key in pieces)
            if hashlib.sha256(data).hexdigest() == row["sha256"]:
                found[row["name"]] = data
        return found

    def made_from(self, made: Iterable[str]) -> dict[str, BlobInfo]:
        """By what they were made from, the blobs that are there; whether they are sound is for `get` to say."""
        wanted, found = list(made), {}
        for at in range(0, len(wanted), _AT_ONCE):
            condition = f"piece == 0 and {among('made', wanted[at : at + _AT_ONCE])}"
            for row in self._store.query(self._collection, condition, ["made", "name", "sha256"]):
                found[row["made"]] = BlobInfo(row["name"], row["sha256"])
        return found

    def remove(self, names: Iterable[str]) -> None:
        """Remove blobs, those that are there."""
        wanted = list(names)
        for at in range(0, len(wanted), _AT_ONCE):
            self._store.call("delete", self._collection, filter=among("name", wanted[at : at + _AT_ONCE]))

    @property
    def repair(self) -> str:
        """What makes a damaged index whole."""
        return f"run python -m indexer --full --store milvus --milvus-uri {self._store.where}"

    def _fetch(self, keys: list[str]) -> dict[str, dict[str, Any]]:
        fields = ["key", "name", "pieces", "sha256", "data"]
        found: dict[str, dict[str, Any]] = {}
        for at in range(0, len(keys), _AT_ONCE):
            rows = self._store.query(self._collection, among("key", keys[at : at + _AT_ONCE]), fields)
            found |= {row["key"]: row for row in rows}
        return found


def _key(name: str, piece: int) -> str:
    return f"{name}/{piece}"
