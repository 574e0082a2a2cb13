"""The build into Milvus: embed what is new, write it beside what is there, and switch to it at once."""

import logging
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from indexer.build import BuildReport
from indexer.corpus import corpus_files
from indexer.embedding import DEFAULT_MODEL, Embedder
from indexer.errors import IndexDamaged, IndexMismatch, IndexMissing
from indexer.files import build_lock, writing
from indexer.manifest import fingerprint, tools
from indexer.milvus.blobs import Blobs
from indexer.milvus.client import Milvus
from indexer.milvus.generation import (
    Generation,
    Waste,
    current_generation,
    current_marker,
    remove_others,
    remove_unfinished,
    remove_waste,
    switch,
    unfinished_epoch,
)
from indexer.milvus.layers import Layer, folded, put_layer, read_layers
from indexer.milvus.models import put_question_model
from indexer.milvus.schema import create_epoch, passages_of
from indexer.milvus.stock import Stock, take_stock
from indexer.milvus.writer import Writer, taken_away
from indexer.question_model import keep, kept
from indexer.types import PassageSettings

log = logging.getLogger(__name__)
_DIGITS = 12  # of the fingerprint, in the name of an epoch
_FLUSHED_FROM = 1000  # passages; fewer are searched well as they come in


def build_in_milvus(
    corpus: Path,
    folder: Path,
    uri: str,
    *,
    model: str | None = None,
    full: bool = False,
    embedder: Embedder | None = None,
    progress: Callable[[int, int], object] = lambda done, total: None,
) -> BuildReport:
    """Bring the index in Milvus up to date with the corpus and switch to the new generation; see `indexer.build`.

    `folder` holds the lock that keeps out a second build on this machine, and the model for questions; machines are
    to build one at a time. `full` begins a new epoch, so that twice the room is needed until it is done.

    Raises what `build` raises, and `StoreUnavailable`; what is embedded by then is kept for the next build.
    """
    began = time.perf_counter()
    with writing(folder), build_lock(folder):
        store = Milvus(uri)
        try:
            paths = corpus_files(corpus)
            task = _task(store, model, full, embedder)
            entries = task.base.added
            stock = take_stock(corpus, paths, entries, task.blobs, task.blank.fingerprint)
            now = datetime.now(UTC)
            since = {(e.path, e.content_hash): e.indexed for e in task.known.added.values()}
            writer = Writer(store, task.blobs, task.blank.epoch, task.blank.last + 1, since)
            told = now.isoformat(timespec="seconds")
            writer.add_stored(stock, told)
            embedded, seconds = writer.add_missing(stock, task.embedder, task.blank.settings, told, progress)
            generation = task.replaced
            if generation is None or task.layers is None or writer.added or stock.gone:
                layer = writer.layer(taken_away(task.blobs, entries, stock.gone))
                generation = _switch(task, layer, folder, corpus, now)
            remove_others(store, generation)
        finally:
            store.close()
    return _report(task.known, writer, stock, generation.name, (embedded, seconds, time.perf_counter() - began))


@dataclass(frozen=True)
class _Task:
    """What a build goes on from.

    `marker` names the current generation; `replaced` is it, and `known` holds its articles, if it can be read.
    `blank` is what the next one begins as: `replaced`, with `layers` and `base`, their sum; or one of a new epoch,
    with no layers.
    """

    store: Milvus
    embedder: Embedder
    marker: tuple[str, str] | None
    replaced: Generation | None
    known: Layer
    blank: Generation
    blobs: Blobs
    layers: list[Layer] | None
    base: Layer


def _task(store: Milvus, model: str | None, full: bool, embedder: Embedder | None) -> _Task:
    """Choose the model, hold it against the current generation, and have the collections ready."""
    marker, current = current_marker(store), _current(store, full)
    name = model or (current.model.name if current else DEFAULT_MODEL)
    if embedder is None or embedder.name != name:
        embedder = Embedder(name)
    settings, used = PassageSettings(), tools()
    same = current is not None and current.model.weights == embedder.weights
    info = replace(current.model, name=name) if current and same else embedder.info  # torch is slow to import
    key = fingerprint(info, settings, used)
    if current and not full:
        if current.fingerprint != key:
            raise IndexMismatch(
                f"{store.where} was made with {current.model.name} ({current.model.weights[:19]}) and {current.tools}; "
                f"now it would be {name} ({info.weights[:19]}) and {used}: run python -m indexer --full "
                f"--store milvus --milvus-uri {store.where} --model {name}"
            )
        create_epoch(store, current.epoch, info.dimension)
        current = remove_waste(store, current, datetime.now(UTC))
        remove_unfinished(store, current)
        blobs = Blobs(store, current.epoch)
        layers = read_layers(blobs, current.layers)
        base = folded(layers)
        return _Task(store, embedder, marker, current, base, replace(current, model=info), blobs, layers, base)
    epoch = new_epoch(store, key, info.dimension, full=full)
    blank = Generation("", epoch, "", "", info, settings, used, last=-1, passages=0)
    remove_unfinished(store, blank)
    known = _articles(store, current)
    return _Task(store, embedder, marker, current, known, blank, Blobs(store, epoch), None, Layer())


def new_epoch(store: Milvus, fingerprint: str, dimension: int, *, full: bool) -> str:
    """Begin an epoch, or unless `full`, go on with that of a first build that did not end; returns its name."""
    epoch = None if full else unfinished_epoch(store, fingerprint[:_DIGITS])
    epoch = epoch or f"{fingerprint[:_DIGITS]}{os.urandom(4).hex()}"
    create_epoch(store, epoch, dimension)
    return epoch


def _current(store: Milvus, full: bool) -> Generation | None:
    try:
        return current_generation(store)
    except IndexMissing:
        return None
    except IndexDamaged as fault:
        if not full:
            raise
        log.warning("is made anew: %s", fault)
        return None


def _articles(store: Milvus, current: Generation | None) -> Layer:
    """What is known of the articles of a generation that is made anew."""
    if current is None:
        return Layer()
    try:
        return folded(read_layers(Blobs(store, current.epoch), current.layers))
    except IndexDamaged as fault:
        log.warning("is made anew: %s", fault)
        return Layer()


def _switch(task: _Task, layer: Layer, folder: Path, corpus: Path, now: datetime) -> Generation:
    """Write the generation that this layer makes of the one before, and make it current."""
    store, blank, blobs = task.store, task.blank, task.blobs
    grown = sum(entry.passages for entry in layer.added.values())
    if grown >= _FLUSHED_FROM:  # a server indexes many rows sooner when it is told that they are all
        store.call("flush", passages_of(blank.epoch))
    infos, unused = put_layer(blobs, blank.layers, task.layers or [], layer)
    whole = task.base.under(layer)
    generation = replace(
        blank,
        name=f"{now:%Y%m%dT%H%M%S}_{os.urandom(4).hex()}",
        built=now.isoformat(timespec="seconds"),
        corpus=str(corpus),
        last=max([blank.last, *layer.added]),
        passages=sum(entry.passages for entry in whole.added.values()),
        layers=infos,
        question_model=_question_model(task, folder),
    )
    live = {info.name for info in infos} | {entry.record for entry in whole.added.values()}
    gone = {task.base.added[number].record for number in layer.removed}
    generation = replace(generation, waste=_waste(task, layer, gone.union(unused), live, generation.built))
    switch(store, generation, task.marker)
    return generation


def _waste(task: _Task, layer: Layer, gone: set[str], live: set[str], left: str) -> tuple[Waste, ...]:
    """What the new generation does not need, that of the generations before it included."""
    before = task.replaced
    if task.layers is None:  # a new epoch: all of the old one
        epochs = [epoch for waste in before.waste for epoch in waste.epochs] if before else []
        return (Waste(left, epochs=tuple({*epochs, before.epoch})),) if before else ()
    assert before is not None
    older = [replace(waste, blobs=tuple(name for name in waste.blobs if name not in live)) for waste in before.waste]
    names = {f"generation-{before.name}", *(gone - live)}
    return (*older, Waste(left, tuple(sorted(layer.removed)), tuple(sorted(names))))


def _question_model(task: _Task, folder: Path) -> str:
    """The name of the model for questions in the epoch; it is written there unless the generation before has it."""
    weights = task.blank.model.weights
    if not kept(folder, weights):
        if task.blank.question_model:
            return task.blank.question_model
        if task.embedder.question_model:
            keep(folder, weights, task.embedder.question_model)
    return task.blank.question_model or put_question_model(task.blobs, folder, weights)


def _report(
    known: Layer, writer: Writer, stock: Stock, generation: str, figures: tuple[int, float, float]
) -> BuildReport:
    old = {entry.path: entry.content_hash for entry in known.added.values()}
    kept = {known.added[number].path: known.added[number].content_hash for number in stock.kept}
    new = {entry.path: entry.content_hash for entry in writer.added.values()} | kept
    embedded, embedding_seconds, seconds = figures
    return BuildReport(
        generation=generation,
        added=tuple(sorted(path for path in new if path not in old)),
        changed=tuple(sorted(path for path in new if path in old and old[path] != new[path])),
        removed=tuple(sorted(path for path in old if path not in new)),
        unchanged=sum(old.get(path) == new[path] for path in new),
        embedded=embedded,
        skipped=stock.skipped,
        seconds=seconds,
        embedding_seconds=embedding_seconds,
    )
