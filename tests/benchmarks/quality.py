"""The quality figures of the README: `python tests/benchmarks/quality.py [--data ../shared/data] [--indexes .indexes]`.

Asks each set's questions of its whole corpus and prints what ../shared/tools/score.py finds. squad2, clapnq and
chroma_chunking are asked on their even lines only: the odd ones are what the weights were fitted on.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from chat.assistant import Assistant
from chat.render import answer_object
from indexer import Embedder, ProgressBar, build

FIGURES = {
    "chroma_chunking": ("span_recall@5", "span_iou@5", "context_recall", "context_iou"),
    "clapnq": ("passage_hit@1", "evidence_at_1", "auroc"),
    "squad2": ("passage_hit@5", "evidence_at_1"),
}
ASKED_OF_DEFAULT = ("answered_right", "abstained_right", "balanced", "quote_precision", "auroc")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--indexes", type=Path, default=Path(".indexes"))
    parser.add_argument("--sets", nargs="+", default=list(FIGURES))
    options = parser.parse_args()
    embedder = Embedder()
    for name in options.sets:
        corpus, index = options.data / name / "corpus", options.indexes / name
        with ProgressBar(f"embedding {name}", "passages") as bar:
            build(corpus, index, embedder=embedder, progress=bar.show)
        lines = (options.data / name / "questions.jsonl").read_text(encoding="utf-8").splitlines()
        questions = [json.loads(line) for line in lines[1::2]]
        for never, figures in ((True, FIGURES[name]), (False, ASKED_OF_DEFAULT)):
            found = score(corpus, index, questions, never, options.data.parent / "tools" / "score.py")
            kept = {figure: found[figure] for figure in ("questions", "verbatim", *figures)}
            print(f"{name}, {'never abstaining' if never else 'as served'}: {json.dumps(kept)}", flush=True)


def score(corpus: Path, index: Path, questions: list[dict[str, object]], never: bool, tool: Path) -> dict[str, float]:
    """What score.py says of the answers to the questions."""
    assistant = Assistant(index, never_abstain=never)
    with tempfile.TemporaryDirectory() as folder:
        asked, results = Path(folder) / "questions.jsonl", Path(folder) / "results.jsonl"
        answers = [answer_object(assistant.ask(str(q["question"]))) | {"id": q["id"]} for q in questions]
        asked.write_text("\n".join(map(json.dumps, questions)), encoding="utf-8")
        results.write_text("\n".join(map(json.dumps, answers)), encoding="utf-8")
        command = [sys.executable, str(tool), "--corpus", corpus, "--questions", asked, "--results", results]
        found: dict[str, float] = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return found


if __name__ == "__main__":
    main()
