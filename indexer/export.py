"""sentence-transformers → the graph that embeds questions: exported by torch, its weights taken out, checked."""

import hashlib
import logging
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from indexer.errors import ModelError
from indexer.question_model import SHIPPED, QuestionModel, keep, model_tensors

if TYPE_CHECKING:
    import torch
    from sentence_transformers import SentenceTransformer

_AGREE = 0.9999
_SMALL = 1024  # arrays of fewer bytes stay in the graph
PROBES = (
    "Who signed the agreement?", "When does the ferry from Oslo open, and who pays for it?", "battery", "?", "2024",
    "  Spaces   and\ttabs around.  ", "UPPER CASE, lower case, Title Case", "Does the lamp cost €40 or $1,000.50?",
    "Où se trouve l’usine de Besançon ?", "Größe und Straße", "İstanbul’da ne oldu?", "Кто подписал соглашение?",
    "谁签署了协议?", "契約に署名したのは誰ですか。", "من وقع الاتفاق؟", "🚢 emoji", "a-b_c/d@e.f#g",
    "[CLS] [SEP] <s> </s>",
    "He believes that the partnership will let both companies reach customers whom neither could reach alone.",
    "many words " * 400,
)  # fmt: skip


def question_model(model: "SentenceTransformer", folder: Path, ready: QuestionModel | None = None) -> QuestionModel:
    """Export the model, whose files lie in `folder`, or take what is `ready`.

    Raises `ModelError` where it cannot be exported, or embeds otherwise than the model.
    """
    try:
        found = ready or _exported(model, folder)
        _must_agree(found.loaded(folder), lambda text: np.asarray(model.encode(text, normalize_embeddings=True)))
    except ModelError:
        raise
    except Exception as error:  # whatever stands in the way, the model itself still answers
        cause = error.__cause__ or error
        said = (str(cause).strip().splitlines() or [""])[0][:160]
        raise ModelError(f"it cannot be exported: {type(cause).__name__}: {said}") from error
    return found


def _exported(model: "SentenceTransformer", folder: Path) -> QuestionModel:
    tokenizer, limit = getattr(model.tokenizer, "backend_tokenizer", None), int(model.max_seq_length or 512)
    if tokenizer is None:
        raise ModelError("its tokenizer is not one of the library tokenizers")
    stored = {_content(tensor): name for name, tensor in model_tensors(folder).items()}
    graph, weights = exported_graph(_QuestionSide(model), ("ids",), limit, lambda _, array: stored.get(_content(array)))
    prompt = model.prompts.get(model.default_prompt_name or "") or ""
    return QuestionModel(graph, weights, tokenizer.to_str(), limit, prompt)


def exported_graph(
    module: "torch.nn.Module", inputs: tuple[str, ...], longest: int, stored: Callable[[str, np.ndarray], str | None]
) -> tuple[bytes, dict[str, str]]:
    """The graph of a module of token-id inputs (1, n ≤ longest), and where the weights that it leaves out are stored.

    `stored(name, array)` says where an array lies, or None for one that has to stay in the graph. Raises what torch
    raises where it cannot export.
    """
    import onnx
    import torch
    from onnx import numpy_helper

    example = tuple(torch.full((1, 8), 3) for _ in inputs)
    tokens = torch.export.Dim("tokens", min=2, max=longest)
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings(), torch.inference_mode():
        warnings.simplefilter("ignore")  # torch's own, of what it will change
        program = torch.onnx.export(
            module.eval(), example, input_names=list(inputs), dynamic_shapes=tuple({1: tokens} for _ in inputs),
            dynamo=True, optimize=False, verbose=False,
        )  # fmt: skip
    graph: Any = program.model_proto if program else None
    weights: dict[str, str] = {}
    for array in graph.graph.initializer:
        values = numpy_helper.to_array(array)
        where = stored(array.name, values) if values.nbytes >= _SMALL else None
        if where is not None:
            weights[array.name] = where
            array.ClearField("raw_data")
            array.data_location = onnx.TensorProto.EXTERNAL
            array.external_data.add(key="location", value="weights")
    for node in graph.graph.node:  # where in torch's sources it came from
        node.ClearField("metadata_props")
        node.ClearField("doc_string")
    del graph.graph.value_info[:]
    return graph.SerializeToString(), weights


def _QuestionSide(model: "SentenceTransformer") -> "torch.nn.Module":  # noqa: N802 - a class, once torch is there
    """Token ids of one text → its vector, of length 1, and the vectors of its tokens."""
    import torch

    class Side(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model, self.takes = model, set(model.tokenizer("a"))

        def forward(self, ids: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            ids = ids.to(model.device)
            features = {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
            if "token_type_ids" in self.takes:
                features["token_type_ids"] = torch.zeros_like(ids)
            found = self.model(features)
            vector = torch.nn.functional.normalize(found["sentence_embedding"].float(), dim=-1)
            return vector, found["token_embeddings"].float()

    return Side()


def _content(array: np.ndarray) -> tuple[str, tuple[int, ...], bytes]:
    """What an array is, so that two of the same content are equal."""
    return array.dtype.name, array.shape, hashlib.sha256(np.ascontiguousarray(array).data).digest()


def _must_agree(one: Callable[[str], np.ndarray], other: Callable[[str], np.ndarray]) -> None:
    for text in PROBES:
        cosine = float(one(text) @ other(text))
        if not cosine >= _AGREE:
            raise ModelError(f"the exported model differs: cosine {cosine:.6f} for “{text[:30]}”")


def ship() -> None:
    """Export the default model into this package, so that no build has to."""
    from indexer.embedding import Embedder

    embedder = Embedder()
    keep(SHIPPED, embedder.weights, question_model(embedder.model, embedder.folder))
