"""All test questions with and without a real, weak language model: what `evaluate` prints of the two, paired.

    .venv/bin/python tests/benchmarks/llm.py [FOLDER]

The model is that of `test_real_llm.py`; indexes, results and replies are written to FOLDER (default: a temporary
one). Exits with 1 if answered_right or abstained_right is lower with it.
"""

import sys
import tempfile
from pathlib import Path

import xllamacpp

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from chat.assistant import Assistant  # noqa: E402
from chat.evaluation.comparison import MARGIN, read_results, score_all  # noqa: E402
from chat.evaluation.evaluate import evaluate  # noqa: E402
from chat.evaluation.metrics import figures  # noqa: E402
from chat.evaluation.question_file import article_text, read_questions  # noqa: E402
from chat.llm.model import Model  # noqa: E402
from chat.llm.written import Writer  # noqa: E402
from indexer import build  # noqa: E402
from tests.test_real_llm import model_file, server_settings  # noqa: E402

SETS = {"announcement": ("corpus", ["announcement"]), "corpus": ("tests/corpus", ["corpus", "formats"])}
MOST_TOKENS = 160  # it repeats itself for as long as it may


def run(folder: Path) -> int:
    """Evaluate each set twice; returns the exit status."""
    server = xllamacpp.Server(server_settings(xllamacpp, model_file()))
    url, worse = f"{server.listening_address}/v1", False
    for name, (corpus, files) in SETS.items():
        index, old, new = (folder / f"{name}{end}" for end in ("", "-without.jsonl", "-with.jsonl"))
        paths = [ROOT / "tests" / "questions" / f"{file}.jsonl" for file in files]
        build(ROOT / corpus, index)
        assistant = Assistant(index)
        evaluate(assistant, paths, old, None, None, MARGIN)
        model = Model(url, "SmolLM2-135M-Instruct", seconds=120, most_tokens=MOST_TOKENS)
        assistant.writer = Writer(model, folder / "replies")
        evaluate(assistant, paths, new, None, old, MARGIN)
        text_of = article_text(assistant.index)
        questions = read_questions(paths, text_of)
        before, after = (
            figures([each.outcome for each in score_all(questions, read_results(path), text_of)]) for path in (old, new)
        )
        worse |= any((after[figure] or 0) < (before[figure] or 0) for figure in ("answered_right", "abstained_right"))
    return int(worse)


if __name__ == "__main__":
    given = sys.argv[1:]
    with tempfile.TemporaryDirectory() as temporary:
        sys.exit(run(Path(given[0] if given else temporary)))
