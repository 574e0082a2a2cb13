"""The model for questions goes with the index, so that a chat server needs nothing but the server's address."""

import logging
from pathlib import Path

from indexer.errors import IndexDamaged
from indexer.files import write_durably
from indexer.milvus.blobs import Blobs

log = logging.getLogger(__name__)


def put_question_model(blobs: Blobs, folder: Path, weights: str) -> str:
    """Write the model that `folder` keeps for these weights, and return the blob's name; "" where it keeps none."""
    for path in sorted(folder.glob(f"models/{weights.removeprefix('sha256:')}.*.zip")):
        blobs.put(path.name, path.read_bytes())
        return path.name
    return ""


def fetch_question_model(blobs: Blobs, folder: Path, name: str) -> None:
    """Have the blob of this name among the models that `folder` keeps; where that fails, the log says why.

    Questions are embedded by sentence-transformers then, which is slower to start.
    """
    path = folder / "models" / name
    if not name or path.exists():
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_durably(path, blobs.get(name))
    except (OSError, IndexDamaged) as error:
        log.warning("the model for questions cannot be kept: %s", error)
