"""Generations in Milvus: written beside the current one, switched by one atomic change of an alias.

A reader cannot lock what it reads there, so what a generation no longer needs is removed 15 minutes after it was left,
and a reader that has used one for 10 minutes without looking whether it is current looks again.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from indexer.errors import IndexBusy, IndexDamaged, IndexMissing
from indexer.manifest import fingerprint
from indexer.milvus.blobs import Blobs
from indexer.milvus.client import Milvus
from indexer.milvus.layers import LayerInfo
from indexer.milvus.schema import ALIAS, among, blobs_of, create_marker, load, marker_of, passages_of
from indexer.types import ModelInfo, PassageSettings

FORMAT = 1
GRACE = timedelta(minutes=15)
READER_SECONDS = 600.0
_OURS = re.compile(rf"{ALIAS}_[0-9a-f]+_(passages|blobs|g_\w+)")  # whatever else lies in the database stays
_ARTICLES_AT_ONCE = 1000
_COUNT_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Waste:
    """What the generations since `left` (ISO time, UTC) do not need: articles by number, blobs and epochs."""

    left: str
    articles: tuple[int, ...] = ()
    blobs: tuple[str, ...] = ()
    epochs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Generation:
    """A generation: how it was made, its layers, and what of the epoch's rows is not of it.

    Rows of articles with numbers above `last`, or in `waste`, are none of its passages.
    """

    name: str
    epoch: str
    built: str
    corpus: str
    model: ModelInfo
    settings: PassageSettings
    tools: str
    last: int
    passages: int
    layers: tuple[LayerInfo, ...] = ()
    waste: tuple[Waste, ...] = ()
    question_model: str = ""
    format: int = FORMAT

    @property
    def fingerprint(self) -> str:
        """Hash over the way records are made."""
        return fingerprint(self.model, self.settings, self.tools)

    @property
    def visible(self) -> str:
        """The condition that holds for the generation's passages."""
        gone = sorted(number for waste in self.waste for number in waste.articles)
        return f"article <= {self.last}" + (f" and not ({among('article', gone)})" if gone else "")


def current_marker(store: Milvus) -> tuple[str, str] | None:
    """Epoch and name of the current generation; None where there is none."""
    name = store.alias(ALIAS)
    if name is None:
        return None
    epoch, _, generation = name.removeprefix(f"{ALIAS}_").partition("_g_")
    if marker_of(epoch, generation) != name:
        raise IndexDamaged(f"{store.where}: the alias {ALIAS} names {name}, which is no generation: drop that alias")
    return epoch, generation


def current_generation(store: Milvus) -> Generation:
    """The current generation; raises `IndexMissing` where there is none, `IndexDamaged` if it cannot be read."""
    marker = current_marker(store)
    if marker is None:
        how = f"run python -m indexer --store milvus --milvus-uri {store.where}"
        raise IndexMissing(f"no index in {store.where}: {how}")
    epoch, name = marker
    blobs = Blobs(store, epoch)
    if not store.call("has_collection", blobs_of(epoch)):
        raise IndexDamaged(f"{store.where}: holds no {blobs_of(epoch)}; {blobs.repair}")
    load(store, blobs_of(epoch))
    return _from_json(blobs.get(f"generation-{name}"))


def _from_json(data: bytes) -> Generation:
    body: dict[str, Any] = json.loads(data)
    if body.get("format") != FORMAT:
        raise IndexDamaged(f"has format {body.get('format')}, this is {FORMAT}: run python -m indexer --full")
    waste = tuple(
        Waste(w["left"], *(tuple(w[kind]) for kind in ("articles", "blobs", "epochs"))) for w in body["waste"]
    )
    made = {"model": ModelInfo(**body["model"]), "settings": PassageSettings(**body["settings"]), "waste": waste}
    return Generation(**{**body, **made, "layers": tuple(LayerInfo(**info) for info in body["layers"])})


def switch(store: Milvus, generation: Generation, before: tuple[str, str] | None) -> None:
    """Make a generation current whose passages, records and layers are written, after that of this epoch and name.

    Raises `IndexBusy` if another build has switched meanwhile, and `IndexDamaged` if not all its passages are there.
    """
    found = count(store, generation)
    if found != generation.passages:
        raise IndexDamaged(
            f"{store.where}: holds {found} passages instead of {generation.passages}: run python -m indexer again"
        )
    Blobs(store, generation.epoch).put(f"generation-{generation.name}", json.dumps(asdict(generation)).encode())
    marker = marker_of(generation.epoch, generation.name)
    create_marker(store, marker)
    if current_marker(store) != before:
        raise IndexBusy(f"another build has changed {store.where}: let one at a time build, and run python -m indexer")
    store.call("alter_alias" if before else "create_alias", marker, ALIAS)


def count(store: Milvus, generation: Generation) -> int:
    """How many rows the generation's passages have."""
    rows = store.query(passages_of(generation.epoch), generation.visible, ["count(*)"], seconds=_COUNT_SECONDS)
    return int(rows[0]["count(*)"])


def remove_unfinished(store: Milvus, generation: Generation) -> None:
    """Remove the passages of builds that did not end; only who builds may."""
    store.call("delete", passages_of(generation.epoch), filter=f"article > {generation.last}")


def remove_waste(store: Milvus, generation: Generation, now: datetime) -> Generation:
    """Remove what was left long enough ago; returns the generation without it, for the next one to go on from."""
    due = [waste for waste in generation.waste if datetime.fromisoformat(waste.left) + GRACE <= now]
    if not due:
        return generation
    articles = [number for waste in due for number in waste.articles]
    for at in range(0, len(articles), _ARTICLES_AT_ONCE):
        condition = among("article", articles[at : at + _ARTICLES_AT_ONCE])
        store.call("delete", passages_of(generation.epoch), filter=condition)
    Blobs(store, generation.epoch).remove(name for waste in due for name in waste.blobs)
    for name in (name for waste in due for epoch in waste.epochs for name in (passages_of(epoch), blobs_of(epoch))):
        if store.call("has_collection", name):
            store.call("drop_collection", name)
    return replace(generation, waste=tuple(waste for waste in generation.waste if waste not in due))


def remove_others(store: Milvus, generation: Generation) -> None:
    """Remove the collections that stand for other generations, and the epochs of full builds that did not end."""
    current = marker_of(generation.epoch, generation.name)
    epochs = {generation.epoch, *(epoch for waste in generation.waste for epoch in waste.epochs)}
    kept = {current, *(name for epoch in epochs for name in (passages_of(epoch), blobs_of(epoch)))}
    for name in store.call("list_collections"):
        if _OURS.fullmatch(name) and name not in kept:
            store.call("drop_collection", name)


def unfinished_epoch(store: Milvus, start: str) -> str | None:
    """The epoch of a first build that did not end, whose name begins so; None without."""
    names: Iterable[str] = store.call("list_collections")
    epochs = {name.removeprefix(f"{ALIAS}_").removesuffix("_blobs") for name in names if name.endswith("_blobs")}
    return max((epoch for epoch in epochs if epoch.startswith(start)), default=None)
