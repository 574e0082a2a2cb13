"""The command `python -m chat` (`quotewire`): serve the chat, ask one question, evaluate test questions."""

import argparse
import json
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from chat.evaluation.comparison import MARGIN
from chat.types import Risk
from indexer import ProgressBar, QuotewireError, add_place_options, build, for_terminal, place_of, run_command

if TYPE_CHECKING:
    from collections.abc import Callable

    from chat.assistant import Assistant

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
    add_place_options(shared)
    model = argparse.ArgumentParser(add_help=False)
    model.add_argument("--llm-url", metavar="URL", help="an OpenAI-compatible endpoint (or set OPENAI_BASE_URL)")
    model.add_argument("--llm-model", metavar="NAME", help="its model that writes answers (or set QUOTEWIRE_LLM_MODEL)")
    model.add_argument("--reranker", metavar="NAME", help="a cross-encoder that orders the sentences: a folder or name")
    model.add_argument(
        "--risk", choices=list(Risk), type=Risk, default=Risk.BALANCED,
        help="how sure an answer must be to be shown; careful says less often something wrong (default: balanced)",
    )  # fmt: skip
    commands = parser.add_subparsers(metavar="serve | ask | evaluate", required=True)

    serve = commands.add_parser("serve", parents=[shared, model], help="serve the web chat (the default)")
    serve.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: 127.0.0.1)")
    serve.add_argument("--port", type=int, default=7860, help="the port to listen on (default: 7860)")
    serve.add_argument(
        "--questions", nargs="+", type=Path, default=[], metavar="FILE", help="question files for the tab Evaluate"
    )
    serve.add_argument(
        "--feedback", type=Path, default=Path("feedback.jsonl"), metavar="FILE",
        help="where verdicts on answers are kept, as test questions (default: feedback.jsonl)",
    )  # fmt: skip
    _add_access(serve)
    _add_operating(serve)
    serve.set_defaults(run=_serve)

    ask = commands.add_parser("ask", parents=[shared, model], help="answer one question in the terminal")
    ask.add_argument("question")
    ask.add_argument("--json", action="store_true", help="print the answer object")
    ask.set_defaults(run=_ask)

    evaluate = commands.add_parser("evaluate", parents=[shared, model], help="run test questions")
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


def _add_access(serve: argparse.ArgumentParser) -> None:
    who = serve.add_argument_group("who may come in", "QUOTEWIRE_PASSWORD in the environment is a password, too.")
    who.add_argument("--password-file", type=Path, metavar="FILE", help="ask for the password in this file")
    who.add_argument("--no-auth", action="store_true", help="let in everybody who reaches the server")
    who.add_argument("--trusted-proxy", default="", metavar="ADDRESS", help="the address of a proxy in front")
    who.add_argument(
        "--trusted-header", default="", metavar="NAME", help="let in whom the proxy names in this header (OIDC proxies)"
    )
    who.add_argument(
        "--public-host", action="append", default=[], metavar="NAME", help="a further host name that leads here"
    )


def _add_operating(serve: argparse.ArgumentParser) -> None:
    how = serve.add_argument_group("how it is operated")
    how.add_argument(
        "--questions-a-minute", type=int, metavar="N",
        help="how many one visitor may ask; 0 for any number (default: 60, any on 127.0.0.1 without a password)",
    )  # fmt: skip
    how.add_argument("--log-questions", action="store_true", help="let the log hold the questions' words, too")


def _serve(options: argparse.Namespace) -> int:
    from chat.web.access import access_settings
    from chat.web.server import serve  # Gradio takes seconds to import; the other commands do without
    from chat.web.watch import Operating

    access = access_settings(
        options.password_file,
        options.trusted_proxy,
        options.trusted_header,
        options.public_host,
        anyone=options.no_auth,
    )
    where = (options.corpus, options.index, options.host, options.port)
    if (options.questions_a_minute or 0) < 0:
        raise QuotewireError("--questions-a-minute: is less than 0; give 0 for any number")
    operating = Operating(options.questions_a_minute, options.log_questions)
    serve(*where, options.questions, options.feedback, access, _opener(options), operating, place_of(options))
    return 0


def _ask(options: argparse.Namespace) -> int:
    from chat.render import answer_object, terminal_text

    _build_if_missing(options)
    answer = _opener(options)(options.index).ask(options.question)
    if options.json:
        print(json.dumps(answer_object(answer), ensure_ascii=False, indent=1))
    else:
        print("\n".join(map(for_terminal, terminal_text(answer).split("\n"))))
    return 0


def _evaluate(options: argparse.Namespace) -> int:
    from chat.evaluation.evaluate import evaluate

    _build_if_missing(options)
    assistant = _opener(options, never_abstain=options.never_abstain)(options.index)
    return evaluate(assistant, options.questions, options.output, options.report, options.baseline, options.margin)


def _opener(options: argparse.Namespace, *, never_abstain: bool = False) -> "Callable[[Path], Assistant]":
    """What opens an index, with the models that are named; a language model's replies are kept beside the index."""
    from chat.assistant import Assistant
    from chat.llm.model import model_from
    from chat.reranker import Reranker

    model, writer = model_from(options.llm_url, options.llm_model), None
    if model:
        from chat.llm.written import Writer  # a while to import, and most people have no model

        writer = Writer(model, options.index.with_name(f"{options.index.name}.replies"))
    reranker = Reranker(options.reranker) if options.reranker else None
    how = {"risk": options.risk, "never_abstain": never_abstain, "writer": writer, "reranker": reranker}
    return partial(Assistant, **how, place=place_of(options))


def _build_if_missing(options: argparse.Namespace) -> None:
    """Make the index where there is none, if it lies in files; its reports go to standard error."""
    if not place_of(options).builds_itself or (options.index / "CURRENT").exists():
        return
    with ProgressBar("embedding", "passages") as bar:
        report = build(options.corpus, options.index, progress=bar.show)
    for path, reason in report.skipped:
        print(for_terminal(f"skipped: {path}: {reason}"), file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
