"""Embedding on many machines: each makes the records of its share of the articles, and the build finds them there.

`share_epoch` once, `embed_share` on every machine (as a task of Ray or Spark, say), then `python -m indexer`, which
embeds nothing any more. What a machine that fails has not done, another does, or the build.
"""

from collections.abc import Sequence
from pathlib import Path

from indexer.embedding import DEFAULT_MODEL, Embedder
from indexer.errors import IndexMissing
from indexer.manifest import fingerprint, tools
from indexer.milvus.blobs import Blobs
from indexer.milvus.build import new_epoch
from indexer.milvus.client import Milvus
from indexer.milvus.generation import current_generation
from indexer.milvus.stock import take_stock
from indexer.milvus.writer import made_records, put_record
from indexer.types import PassageSettings


def share_epoch(uri: str, model: str = DEFAULT_MODEL) -> str:
    """The epoch that shares are written to: that of the current generation, or the one that a first build will take.

    Raises `StoreUnavailable`.
    """
    store = Milvus(uri)
    try:
        return current_generation(store).epoch
    except IndexMissing:
        info = Embedder(model).info
        return new_epoch(store, fingerprint(info, PassageSettings(), tools()), info.dimension, full=False)
    finally:
        store.close()


def embed_share(uri: str, epoch: str, corpus: Path, paths: Sequence[str], embedder: Embedder | None = None) -> int:
    """Make the records of the articles at these paths of the corpus that are not there yet; returns passages embedded.

    `embedder` is one that is loaded already, the default by default. Raises `StoreUnavailable`.
    """
    store, embedder = Milvus(uri), embedder or Embedder()
    try:
        blobs, settings, embedded = Blobs(store, epoch), PassageSettings(), 0
        stock = take_stock(corpus, paths, {}, blobs, fingerprint(embedder.info, settings, tools()))
        for made, record, _ in made_records(stock.missing, embedder, settings, lambda done, total: None):
            put_record(blobs, made, record)
            embedded += len(record.passage_rows)
        return embedded
    finally:
        store.close()
