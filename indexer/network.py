"""A neural network without torch: ONNX Runtime runs its graph, the weights are read where they lie, in safetensors."""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from indexer.errors import ModelError

_TYPES = {"F64": np.float64, "F32": np.float32, "F16": np.float16, "I64": np.int64, "I32": np.int32}
# They do not spin while they wait: one asker is served faster than by one thread, and several share the cores.
_THREADS = 2


class Network:
    """A graph with its weights; it may be run from many threads at once."""

    def __init__(self, graph: bytes, weights: Mapping[str, np.ndarray]) -> None:
        """`weights` are the arrays that the graph leaves out, by its names for them.

        Raises `ModelError` if they do not fit it.
        """
        import onnxruntime  # only who asks needs it

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = _THREADS
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        # Inputs are of any length, and the runtime would keep a plan of the memory for each length, and for good what
        # the largest ones took, times as many as asked at once.
        options.enable_mem_pattern = options.enable_cpu_mem_arena = False
        options.log_severity_level = 3
        values = [onnxruntime.OrtValue.ortvalue_from_numpy(np.ascontiguousarray(array)) for array in weights.values()]
        options.add_external_initializers(list(weights), values)  # it holds those that it does not pack its own way
        try:
            self._session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime's errors have no class of their own
            raise ModelError(f"the network cannot be loaded: {(str(error).splitlines() or ['?'])[0]}") from error

        self._first = self._session.get_outputs()[0].name

    def run(self, **inputs: np.ndarray) -> np.ndarray:
        """The graph's first output for its inputs."""
        return np.asarray(self._session.run([self._first], inputs)[0])

    def run_all(self, **inputs: np.ndarray) -> list[np.ndarray]:
        """All the graph's outputs for its inputs."""
        return [np.asarray(output) for output in self._session.run(None, inputs)]


def mapped_tensors(path: Path) -> dict[str, np.ndarray]:
    """The tensors of a safetensors file, memory-mapped, so that processes share them.

    Tensors of a type that NumPy lacks are left out. Raises `ModelError` if it is no such file.
    """
    try:
        data = np.asarray(np.memmap(path, mode="r"))
        begin = 8 + int.from_bytes(data[:8].tobytes(), "little")
        head = json.loads(data[8:begin].tobytes())
        head.pop("__metadata__", None)
        return {
            name: data[begin + about["data_offsets"][0] : begin + about["data_offsets"][1]]
            .view(_TYPES[about["dtype"]])
            .reshape(about["shape"])
            for name, about in head.items()
            if about["dtype"] in _TYPES
        }
    except (OSError, ValueError, KeyError, AttributeError) as error:
        raise ModelError(f"{path}: is not a safetensors file ({error})") from error
