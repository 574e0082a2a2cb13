"""What a build goes on from: the index as it is, or what of it is sound."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from indexer.collector import collector_paused
from indexer.errors import IndexDamaged, IndexMissing
from indexer.generation import damaged_segments, hold_current, last_manifest
from indexer.manifest import Manifest
from indexer.seen import Signature
from indexer.store import seen_before

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Before:
    """What a build goes on from: the manifest, None without one; the segments of it that are damaged; what was seen of
    the articles' files and of the records; and whether it is the current generation, and sound.
    """

    manifest: Manifest | None = None
    damaged: frozenset[str] = frozenset()
    files: Mapping[str, Signature] = field(default_factory=dict)
    records: Mapping[str, Signature] = field(default_factory=dict)
    sound: bool = False


@collector_paused()
def index_before(index: Path) -> Before:
    """What is there of an index; one that is damaged is logged as being mended."""
    try:
        held = hold_current(index)
    except (IndexMissing, IndexDamaged) as fault:
        manifest, current = last_manifest(index), False
        if manifest or isinstance(fault, IndexDamaged):
            log.warning("is mended: %s", fault)
    else:
        held.lock.close()  # the build lock keeps the generation
        manifest, current = held.manifest, True
    if manifest is None:
        return Before()
    damaged = damaged_segments(index, manifest)
    for path in damaged.values():
        log.warning("is mended: %s is missing or altered", path)
    files, records = seen_before(index, manifest)
    return Before(manifest, frozenset(damaged), files, records, current and not damaged)
