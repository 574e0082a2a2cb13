"""The command `python -m chat` (`quotewire`): serve the chat, ask one question, evaluate test questions."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from chat.comparison import MARGIN
from indexer import ProgressBar, build, run_command

COMMANDS = ("serve", "ask", "evaluate")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit status: 0, 1 for a regression, 2 for an error that the user can mend."""
    return run_command(_parser(), COMMANDS, arguments, "chat")


def _parser() -> argparse.ArgumentParser:
    about = "Ask a folder of articles; every answer is made of verbatim quotes. Without a command: serve."
    parser = argparse.ArgumentParser(prog="python -m chat", description=about)
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument(
        "--corpus", type=Path, default=Path("corpus"), metavar="DIR", help="the articles (default: corpus)"
    )
    shared.add_argument("--index", type=Path, default=Path(".index"), metavar="DIR", help="the index (default: .index)")
    commands = parser.add_subparsers(metavar="serve | ask | evaluate", required=True)

    serve = commands.add_parser("serve", parents=[shared], help="serve the web chat (the default)")
    serve.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: 127.0.0.1)")
    serve.add_argument("--port", type=int, default=7860, help="the port to listen on (default: 7860)")
    serve.set_defaults(run=_serve)

    ask = commands.add_parser("ask", parents=[shared], help="answer one question in the terminal")
    ask.add_argument("question")
    ask.add_argument("--json", action="store_true", help="print the answer object")
    ask.set_defaults(run=_ask)

    evaluate = commands.add_parser("evaluate", parents=[shared], help="run test questions")
    evaluate.add_argument("questions", nargs="+", type=Path, metavar="QUESTIONS.jsonl")
    evaluate.add_argument("--output", type=Path, metavar="RESULTS.jsonl", help="write one answer object a question")
    evaluate.add_argument("--report", type=Path, metavar="REPORT.html", help="write a report with charts")
    evaluate.add_argument("--baseline", type=Path, metavar="OLD.jsonl", help="compare with the results of an older run")
    evaluate.add_argument(
        "--margin", type=float, default=MARGIN, help=f"the loss that counts as a regression (default: {MARGIN})"
    )
    evaluate.add_argument("--never-abstain", action="store_true", help="show the best quotes however unlikely they are")
    evaluate.set_defaults(run=_evaluate)
    return parser


def _serve(options: argparse.Namespace) -> int:
    from chat.server import serve  # Gradio takes seconds to import; the other commands do without

    serve(options.corpus, options.index, options.host, options.port)
    return 0


def _ask(options: argparse.Namespace) -> int:
    from chat.assistant import Assistant
    from chat.render import answer_object, terminal_text

    _build_if_missing(options)
    answer = Assistant(options.index).ask(options.question)
    print(json.dumps(answer_object(answer), ensure_ascii=False, indent=1) if options.json else terminal_text(answer))
    return 0


def _evaluate(options: argparse.Namespace) -> int:
    from chat.assistant import Assistant
    from chat.evaluation import evaluate

    _build_if_missing(options)
    assistant = Assistant(options.index, never_abstain=options.never_abstain)
    return evaluate(assistant, options.questions, options.output, options.report, options.baseline, options.margin)


def _build_if_missing(options: argparse.Namespace) -> None:
    """Make the index where there is none; its reports go to standard error."""
    if (options.index / "CURRENT").exists():
        return
    with ProgressBar("embedding", "passages") as bar:
        report = build(options.corpus, options.index, progress=bar.show)
    for path, reason in report.skipped:
        print(f"skipped: {path}: {reason}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
