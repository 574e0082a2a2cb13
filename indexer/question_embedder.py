"""Questions → vectors, by the model that made an index, without torch where a build has exported it."""

import logging
from collections.abc import Callable
from pathlib import Path

import numpy as np

from indexer.embedding import Embedder
from indexer.errors import IndexMismatch, ModelError
from indexer.question_model import kept
from indexer.types import ModelInfo

log = logging.getLogger(__name__)


class QuestionEmbedder:
    """Embeds questions for one index, loaded; safe to use from many threads at once.

    `whole` is the sentence-transformers model itself, which is not loaded before it is used.
    """

    def __init__(self, index: Path, made_by: ModelInfo) -> None:
        """Load what the index keeps of the model `made_by`; where that is missing or damaged, the model itself.

        Raises `ModelError`, and `IndexMismatch` if the installed weights are others.
        """
        self.name, self.whole = made_by.name, Embedder(made_by.name)
        if self.whole.weights != made_by.weights:
            raise IndexMismatch(
                f"{index} was made with weights {made_by.weights[:19]} of {made_by.name}, installed are "
                f"{self.whole.weights[:19]}: run python -m indexer --full --index {index}"
            )
        self._embed = self._exported(index, made_by.weights)
        if self._embed is None:
            self.whole.warm_up()

    def embed_question(self, question: str) -> np.ndarray:
        """The question's vector, shape (dimension,), float32, of length 1."""
        return self._embed(question) if self._embed else self.whole.embed_question(question)

    def _exported(self, index: Path, weights: str) -> Callable[[str], np.ndarray] | None:
        problem = f"{index} keeps no sound export of {self.name}"
        try:
            model = kept(index, weights)
            if model:
                return model.loaded(self.whole.folder)
        except ModelError as error:
            problem = str(error)
        log.warning(
            "%s: questions are embedded by sentence-transformers, which is slow to start; "
            "python -m indexer --index %s makes the export again, or says why it cannot be made",
            problem,
            index,
        )
        return None
