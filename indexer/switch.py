"""The end of a build: the new segments are written, and the generation that names them is made current."""

import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from indexer.collector import collector_paused
from indexer.files import sync_folder
from indexer.generation import is_current, remove_unfinished, with_articles, write_generation
from indexer.growth import Growth, chunks
from indexer.manifest import ArticleEntry, Manifest
from indexer.record import Record
from indexer.seen import Signature
from indexer.segment import segment_folder, with_signatures, write_segment
from indexer.store import read_stored, remember, sync_records


@collector_paused()
def switch(
    index: Path,
    manifest: Manifest,
    growth: Growth,
    files: Mapping[str, Signature],
    records: Mapping[str, Signature],
) -> Manifest:
    """Write what `growth` says is to be written, make it current, and return the manifest with its segments.

    `files` and `records` are the signatures to remember. Where it fails before it is current, nothing of it stays. That
    it is current is for the caller to make durable, by `sync_folder`. Raises `RecordLost`.
    """
    remove_unfinished(index)
    sync_records(index, (entry.record for entry in growth.written))
    seen = dict(records)

    def record(entry: ArticleEntry) -> Record:
        found, seen[entry.record] = read_stored(index, entry)
        return found

    segments, parts = [with_signatures(index, segment) for segment in growth.kept], [*growth.parts]
    names = (f"{manifest.generation}-{number}" for number in range(len(growth.written) + 1))
    begun = []
    try:
        for name, entries in zip(names, chunks(growth.written), strict=False):
            begun.append(segment_folder(index, name))
            segments.append(write_segment(index, name, entries, record, manifest.model.dimension))
            parts.append(tuple(entries))
        remember(index, segments, parts, files, seen)
        for folder in begun:
            sync_folder(folder)
        finished = with_articles(replace(manifest), segments, parts)
        write_generation(index, finished)
    except BaseException:
        if not is_current(index, manifest.generation):
            for folder in (*begun, index / "generations" / manifest.generation):
                shutil.rmtree(folder, ignore_errors=True)  # what cannot be removed now, the next build removes
        raise
    return finished
