"""An optional stronger model that reads each leading sentence with the question: a sentence-transformers CrossEncoder.

It decides which sentence comes first, not whether one answers: the decision to abstain was calibrated without it.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from indexer import ModelError

READ = 20


class Reranker:
    """A cross-encoder by name or folder, loaded."""

    def __init__(self, name: str) -> None:
        """Load it; raises `ModelError`, which says how to bring a model by hand where the hub cannot be reached."""
        from sentence_transformers import CrossEncoder  # slow to import, and most people have none
        from transformers.utils import logging

        logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        try:
            self._model = CrossEncoder(name, num_labels=1, local_files_only=Path(name).is_dir())
        except (OSError, ValueError) as error:
            said = (str(error) or type(error).__name__).splitlines()[0][:120]
            raise ModelError(
                f"--reranker {name}: cannot be loaded ({said}). Where the hub is out of reach, run “hf download NAME "
                "--local-dir FOLDER” on a machine that reaches it, copy the folder here, and name it: --reranker FOLDER"
            ) from error
        self._model.eval()

    def reordered(self, question: str, text: Callable[[int], str], scores: np.ndarray) -> np.ndarray:
        """The scores, shape (n,), given anew to the leading `READ` sentences in the order in which the model puts them.

        `text(i)` is sentence i with the title of its article. What was not read keeps its place behind them.
        """
        leading = np.argsort(-scores, kind="stable")[:READ]
        found = self._model.predict([(question, text(int(i))) for i in leading], show_progress_bar=False)
        order = leading[np.argsort(-np.asarray(found, dtype=np.float64), kind="stable")]
        changed = scores.copy()
        changed[order] = scores[leading]
        return np.asarray(changed)
