"""The quality figures of the README: `python tests/benchmarks/quality.py [--data ../shared/data] [--indexes .indexes]`.

Asks each set's questions of its whole corpus, squad2's of the paragraph that each was written for, too, and prints what
../shared/tools/score.py finds. Only questions that nothing was fitted on are asked: see `chat.training.split`.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from chat.assistant import Assistant
from chat.render import answer_object
from chat.training.split import is_fitted
from chat.types import Scope
from indexer import Embedder, ProgressBar, build

Questions = list[dict[str, Any]]
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
        asked = [json.loads(line) for line in lines]
        questions = [q for number, q in enumerate(asked, start=1) if not is_fitted(name, number, q)]
        tool = options.data.parent / "tools" / "score.py"
        for never, figures in ((True, FIGURES[name]), (False, ASKED_OF_DEFAULT)):
            show(
                f"{name}, {'never abstaining' if never else 'as served'}",
                figures,
                corpus,
                index,
                questions,
                never,
                tool,
            )
        if name == "squad2":
            with tempfile.TemporaryDirectory() as folder:
                paragraphs, alone = paragraph_corpus(corpus, questions, Path(folder) / "corpus")
                build(paragraphs, Path(folder) / "index", embedder=embedder)
                where = (paragraphs, Path(folder) / "index", alone, True, tool)
                show("squad2, asked of its paragraph alone, never abstaining", ("evidence_at_1", "auroc"), *where)


def paragraph_corpus(corpus: Path, questions: Questions, folder: Path) -> tuple[Path, Questions]:
    """Each paragraph that was asked about as an article of its own, and the questions, each within its paragraph."""
    folder.mkdir()
    moved = []
    for question in questions:
        asked = question["paragraph"]
        text = (corpus / asked["article"]).read_bytes().decode()
        path = f"{Path(asked['article']).stem}-{asked['start']}.txt"
        title = Path(asked["article"]).stem.replace("_", " ")
        (folder / path).write_bytes(f"{title}\n\n{text[asked['start'] : asked['end']]}\n".encode())
        held = question.get("evidence", [])
        evidence = [{"article": path, "quote": one["quote"]} for one in held]
        changed = {"scope": Scope((path,)), "paragraph": None} | ({"evidence": evidence} if held else {})
        moved.append(question | changed)
    return folder, moved


def show(
    what: str, figures: tuple[str, ...], corpus: Path, index: Path, questions: Questions, never: bool, tool: Path
) -> None:
    """Print a line of figures."""
    found = score(corpus, index, questions, never, tool)
    kept = {figure: found[figure] for figure in ("questions", "verbatim", *figures)}
    print(f"{what}: {json.dumps(kept)}", flush=True)


def score(corpus: Path, index: Path, questions: Questions, never: bool, tool: Path) -> dict[str, float]:
    """What score.py says of the answers to the questions."""
    assistant = Assistant(index, never_abstain=never)
    with tempfile.TemporaryDirectory() as folder:
        asked, results = Path(folder) / "questions.jsonl", Path(folder) / "results.jsonl"
        scopes = [q.get("scope", Scope()) for q in questions]
        answers = [
            answer_object(assistant.ask(str(q["question"]), scope=scope)) | {"id": q["id"]}
            for q, scope in zip(questions, scopes, strict=True)
        ]
        questions = [{key: value for key, value in q.items() if key != "scope"} for q in questions]
        asked.write_text("\n".join(map(json.dumps, questions)), encoding="utf-8")
        results.write_text("\n".join(map(json.dumps, answers)), encoding="utf-8")
        command = [sys.executable, str(tool), "--corpus", corpus, "--questions", asked, "--results", results]
        found: dict[str, float] = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return found


if __name__ == "__main__":
    main()
