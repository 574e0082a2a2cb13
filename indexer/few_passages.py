"""Few passages → vectors without torch, by the default model's shipped export: torch takes seconds to import."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from indexer.question_model import QuestionModel


@dataclass(frozen=True, eq=False)
class Pass:
    """What the model makes of one text: its vector, (dimension,), those of its tokens, (n, dimension), all float32, and
    where in the text each token stands, (n, 2).
    """

    vector: np.ndarray
    tokens: np.ndarray
    spans: np.ndarray


class FewPassages:
    """The export of a model, loaded; its vectors are those of the model itself but for last bits."""

    def __init__(self, export: QuestionModel, folder: Path) -> None:
        """`folder` holds the model's weights. Raises `ModelError`."""
        self.max_tokens = export.max_tokens
        self._network, self._tokenizer = export.network(folder), export.text_tokenizer()
        self.dimension = len(next(self.passes(["a"])).vector)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """The number of tokens of each text, special tokens not counted."""
        return [len(self._tokenizer.encode(text, add_special_tokens=False).ids) for text in texts]

    def passes(self, texts: Sequence[str]) -> Iterator[Pass]:
        """Each text by itself through the model, to its `max_tokens`-th token."""
        for text in texts:
            found = self._tokenizer.encode(text)
            vectors, tokens = self._network.run_all(ids=np.array([found.ids[: self.max_tokens]], dtype=np.int64))
            yield Pass(vectors[0], tokens[0], np.asarray(found.offsets))
