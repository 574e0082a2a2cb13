"""Re-check an index in Milvus: layers, records and passages held against each other."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from indexer.errors import IndexDamaged
from indexer.manifest import ArticleEntry
from indexer.milvus.blobs import Blobs
from indexer.milvus.client import Milvus
from indexer.milvus.generation import Generation, count, current_generation
from indexer.milvus.layers import Layer, folded, holding_of, read_layers
from indexer.milvus.schema import among, ids, load_epoch, passage_rows, passages_of
from indexer.record import Record, parsed_record

_ROWS = 500  # fetched by one call


def verify_in_milvus(uri: str, progress: Callable[[int, int], object] = lambda done, total: None) -> list[str]:
    """Every fault found in the current generation, each as one line; an empty list means that it is sound.

    Raises `IndexMissing` where there is no index, and `StoreUnavailable`.
    """
    store = Milvus(uri)
    try:
        return _faults(store, progress)
    finally:
        store.close()


def _faults(store: Milvus, progress: Callable[[int, int], object]) -> list[str]:
    try:
        generation = current_generation(store)
        load_epoch(store, generation.epoch)
        blobs = Blobs(store, generation.epoch)
        layer = folded(read_layers(blobs, generation.layers))
    except IndexDamaged as fault:
        return [str(fault)]
    faults, holding, terms = [], Counter[str](), 0
    for done, (number, entry) in enumerate(layer.added.items()):
        progress(done, len(layer.added))
        try:
            record = parsed_record(blobs.get(entry.record), f"{entry.path}: its record", entry.record_sha256)
        except IndexDamaged as fault:
            faults.append(f"{entry.path}: {fault}")
            continue
        faults += [f"{entry.path}: {fault}" for fault in _record_faults(entry, record)]
        faults += [f"{entry.path}: {fault}" for fault in _row_faults(store, generation, number, entry, record)]
        holding.update(holding_of(record))
        terms += len(record.terms.numbers)
    progress(len(layer.added), len(layer.added))
    return [*faults, *(_sum_faults(store, generation, layer, holding, terms) if not faults else ())]


def _record_faults(entry: ArticleEntry, record: Record) -> Iterator[str]:
    sentences, passages = record.sentence_rows, record.passage_rows
    if (len(sentences), len(passages)) != (entry.sentences, entry.passages):
        yield "has other numbers of sentences and passages than the index says"
    for name, rows in (("sentence", sentences), ("passage", passages)):
        starts, ends = rows[:, 0], rows[:, 1]
        inside = (starts < ends).all() and (ends <= len(record.text)).all() and (starts >= 0).all()
        if not (inside and (starts[1:] >= ends[:-1]).all()):
            yield f"a {name}'s offsets are out of order or outside the text"


def _row_faults(
    store: Milvus, generation: Generation, number: int, entry: ArticleEntry, record: Record
) -> Iterator[str]:
    """Faults between a record and the rows that were made of it."""
    found: dict[int, dict[str, Any]] = {}
    wanted = list(ids(number, entry.passages))
    for at in range(0, len(wanted), _ROWS):
        fields = ["id", "article", "path", "date", "terms", "dense"]
        rows = store.query(passages_of(generation.epoch), among("id", wanted[at : at + _ROWS]), fields)
        found |= {row["id"]: row for row in rows}
    for row in passage_rows(number, entry.path, entry.date, record.passage_vectors, record.terms):
        there = found.get(row["id"])
        if there is None:
            yield f"passage {row['id'] - wanted[0]} is missing"
        elif not np.array_equal(np.array(there["dense"], dtype=np.float16), row["dense"].astype(np.float16)):
            yield f"passage {row['id'] - wanted[0]} has another vector than the record"
        elif any(there[name] != row[name] for name in ("article", "path", "date", "terms")):
            yield f"passage {row['id'] - wanted[0]} has other words, path or date than the record"


def _sum_faults(
    store: Milvus, generation: Generation, layer: Layer, holding: Counter[str], terms: int
) -> Iterator[str]:
    if (found := count(store, generation)) != generation.passages:
        yield f"{store.where}: holds {found} passages instead of {generation.passages}"
    if dict(holding) != layer.holding or terms != layer.terms:
        yield f"{store.where}: its counts of terms are not those of its articles"
    paths = [entry.path for entry in layer.added.values()]
    if len(set(paths)) != len(paths):
        yield f"{store.where}: an article is there twice"
