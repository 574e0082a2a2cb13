"""Where an index lies, as the options of both commands say: files in a folder, or Milvus."""

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from indexer.build import BuildReport, build
from indexer.errors import QuotewireError
from indexer.generation import hold_current
from indexer.index import Index
from indexer.manifest import Manifest
from indexer.seen import Signature
from indexer.store import seen_before
from indexer.verify import verify


@dataclass(frozen=True, slots=True)
class InFiles:
    """Files in the index folder, searched in this process."""

    builds_itself = True  # chat makes the index, and follows the corpus

    def named(self, folder: Path) -> str:
        """The index in words."""
        return str(folder)

    def open(self, folder: Path) -> Index:
        """The current generation; see `Index.open`."""
        return Index.open(folder)

    def manifest(self, folder: Path) -> Manifest:
        """The current generation's manifest."""
        held = hold_current(folder)
        held.lock.close()
        return held.manifest

    def seen(self, folder: Path, manifest: Manifest) -> Mapping[str, Signature]:
        """What was seen of the articles' files when they were last read."""
        return seen_before(folder, manifest)[0]

    def build(self, corpus: Path, folder: Path, **how: Any) -> BuildReport:
        """See `indexer.build.build`."""
        return build(corpus, folder, **how)

    def verify(self, folder: Path, progress: Callable[[int, int], object]) -> list[str]:
        """See `indexer.verify.verify`."""
        return verify(folder, progress)


@dataclass(frozen=True, slots=True)
class InMilvus:
    """A Milvus server; the index folder holds but the model for questions and the lock of a build.

    pymilvus is imported when it is used.
    """

    uri: str
    builds_itself = False  # many chat servers may share one index: python -m indexer makes it

    def named(self, folder: Path) -> str:
        """The index in words."""
        return self.uri

    def open(self, folder: Path) -> Index:
        """The current generation; it has all of an `Index` that chat uses."""
        from indexer.milvus.index import MilvusIndex

        return cast(Index, MilvusIndex.open(folder, self.uri))

    def manifest(self, folder: Path) -> Manifest:
        """The current generation's manifest."""
        opened = self.open(folder)
        opened.close()
        return opened.manifest

    def seen(self, folder: Path, manifest: Manifest) -> Mapping[str, Signature]:
        """Nothing: other machines' files may have other times."""
        return {}

    def build(self, corpus: Path, folder: Path, **how: Any) -> BuildReport:
        """See `indexer.milvus.build`."""
        from indexer.milvus.build import build_in_milvus

        return build_in_milvus(corpus, folder, self.uri, **how)

    def verify(self, folder: Path, progress: Callable[[int, int], object]) -> list[str]:
        """See `indexer.milvus.verify`."""
        from indexer.milvus.verify import verify_in_milvus

        return verify_in_milvus(self.uri, progress)


Place = InFiles | InMilvus
IN_FILES = InFiles()


def add_place_options(parser: argparse.ArgumentParser) -> None:
    """Add `--store` and `--milvus-uri`."""
    parser.add_argument(
        "--store", choices=("files", "milvus"), default="files", help="where the index lies (default: files, in DIR)"
    )
    parser.add_argument("--milvus-uri", metavar="URI", help="the server, like http://127.0.0.1:19530")


def place_of(options: argparse.Namespace) -> Place:
    """The place that the options name; raises `QuotewireError` if they contradict each other."""
    if options.store == "files":
        if options.milvus_uri:
            raise QuotewireError("--milvus-uri: goes with --store milvus; add that")
        return IN_FILES
    if not options.milvus_uri:
        raise QuotewireError("--store milvus: wants a server; add --milvus-uri http://127.0.0.1:19530, or where it is")
    return InMilvus(options.milvus_uri)
