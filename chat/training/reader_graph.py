"""Export the reader's graph, without weights, for asking: `python -m chat.training.reader_graph`.

Run it again whenever the network is changed; weights of the same shapes fit the graph that is there.
"""

from typing import Any

import torch
from torch import nn
from transformers import BertModel

from chat.reader import BLOCK, BYTES, GRAPH, SCALES
from chat.training.reader_model import ReaderModel
from indexer import exported_graph, write_durably


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
