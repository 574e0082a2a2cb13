"""The embedding model without torch, as questions and few passages need it: made by a build, shared by generations.

    .index/models/WEIGHTS.SHA256.zip   graph.onnx, tokenizer.json, about.json

WEIGHTS is the hash of the model's weights as in the manifest, SHA256 the file's own. The graph holds no weights: it
takes them out of the model's own files, so that the file stays small.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from indexer.errors import ModelError
from indexer.files import sync_folder, write_durably
from indexer.network import Network, mapped_tensors

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_FORMAT = 1
# Like an index, this package keeps a model: the default, made by python -c "from indexer.export import ship; ship()".
SHIPPED = Path(__file__).parent


@dataclass(frozen=True, eq=False)
class QuestionModel:
    """A graph from token ids, (1, n) int64, to a vector of length 1, (1, dimension), and the vectors of the tokens,
    (1, n, dimension), which older ones lack; and how a question becomes ids.

    `weights` tells for each array that the graph leaves out which tensor of the model's files it is (`file:tensor`).
    """

    graph: bytes
    weights: dict[str, str]
    tokenizer: str
    max_tokens: int
    prompt: str

    def loaded(self, folder: Path) -> Callable[[str], np.ndarray]:
        """Text → vector, (dimension,), with the weights of the model in `folder`; raises `ModelError`."""
        network, tokenizer = self.network(folder), self.text_tokenizer()
        tokenizer.enable_truncation(self.max_tokens)

        def embed(text: str) -> np.ndarray:
            ids = tokenizer.encode(self.prompt + text).ids
            return np.asarray(network.run(ids=np.array([ids], dtype=np.int64))[0])

        return embed

    def network(self, folder: Path) -> Network:
        """The graph with the weights of the model in `folder`; raises `ModelError`."""
        tensors = model_tensors(folder)
        try:
            return Network(self.graph, {name: tensors[tensor] for name, tensor in self.weights.items()})
        except KeyError as error:
            raise ModelError(f"{folder}: holds no tensor {error}") from error

    def text_tokenizer(self) -> "Tokenizer":
        """Text → ids, of any length."""
        from tokenizers import Tokenizer  # only who embeds needs it

        tokenizer = Tokenizer.from_str(self.tokenizer)
        tokenizer.no_padding()
        tokenizer.no_truncation()
        return tokenizer


def model_tensors(folder: Path) -> dict[str, np.ndarray]:
    """All tensors of a model's safetensors files by `file:tensor`, memory-mapped."""
    return {
        f"{path.relative_to(folder).as_posix()}:{name}": tensor
        for path in sorted(folder.rglob("*.safetensors"))
        for name, tensor in mapped_tensors(path).items()
    }


def kept(index: Path, weights: str) -> QuestionModel | None:
    """The model of these weights that the index keeps; None where there is none, or none that is sound."""
    sound = (data for path in _files(index, weights) if (data := _sound(path)) is not None)
    return next((_from_bytes(data) for data in sound), None)


def keep(index: Path, weights: str, model: QuestionModel) -> None:
    """Keep a model in the index, in the place of one of the same weights that is damaged or older; only a build may."""
    data = _to_bytes(model)
    folder = index / "models"
    folder.mkdir(exist_ok=True)
    path = folder / f"{_digits(weights)}.{hashlib.sha256(data).hexdigest()}.zip"
    write_durably(path, data)
    for other in _files(index, weights):
        if other != path:
            other.unlink()
    sync_folder(folder)


def model_faults(index: Path) -> Iterator[str]:
    """What is wrong with the models that the index keeps."""
    return (f"{path}: is not what its name says" for path in sorted(index.glob("models/*.zip")) if _sound(path) is None)


def remove_other_models(index: Path, weights: str) -> None:
    """Remove all but the model of these weights: who uses another has loaded it. Only a build may."""
    for path in index.glob("models/*"):
        if path not in _files(index, weights):
            path.unlink()


def _digits(weights: str) -> str:
    return weights.removeprefix("sha256:")


def _files(index: Path, weights: str) -> list[Path]:
    return sorted(index.glob(f"models/{_digits(weights)}.*.zip"))


def _sound(path: Path) -> bytes | None:
    """What the file holds, if that is what its name says."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:  # a build has just removed it
        return None
    return data if path.name.split(".")[1:] == [hashlib.sha256(data).hexdigest(), "zip"] else None


def _to_bytes(model: QuestionModel) -> bytes:
    about = {"format": _FORMAT, "weights": model.weights, "max_tokens": model.max_tokens, "prompt": model.prompt}
    parts: dict[str, bytes | str] = {
        "graph.onnx": model.graph,
        "tokenizer.json": model.tokenizer,
        "about.json": json.dumps(about),
    }
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)  # no date: the same bytes every time
    return stream.getvalue()


def _from_bytes(data: bytes) -> QuestionModel | None:
    """Read what `_to_bytes` wrote; None for one of another format, which the next build replaces."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        about = json.loads(archive.read("about.json"))
        if about.pop("format") != _FORMAT:
            return None
        return QuestionModel(archive.read("graph.onnx"), tokenizer=archive.read("tokenizer.json").decode(), **about)
