"""The command `python -m indexer` (`quotewire-index`): build, status, verify."""

import argparse
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from indexer.build import BuildReport
from indexer.command import for_terminal, run_command
from indexer.corpus import corpus_files, stale
from indexer.embedding import DEFAULT_MODEL, Embedder
from indexer.manifest import Segment
from indexer.place import add_place_options, place_of
from indexer.progress import ProgressBar
from indexer.watch import watch

log = logging.getLogger("indexer")


COMMANDS = ("build", "status", "verify")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit status: 0, 1 where files were skipped or faults found, 2 for an error."""
    return run_command(_parser(), COMMANDS, arguments, "indexer")


def _parser() -> argparse.ArgumentParser:
    about = "Make and check the index of a folder of articles. Without a command: build."
    parser = argparse.ArgumentParser(prog="python -m indexer", description=about)
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--index", type=Path, default=Path(".index"), metavar="DIR", help="the index (default: .index)")
    shared.add_argument("--corpus", type=Path, metavar="DIR", help="the articles (default: corpus)")
    add_place_options(shared)
    commands = parser.add_subparsers(metavar="build | status | verify", required=True)
    for name, run, text in (
        ("build", _build, "bring the index up to date with the corpus"),
        ("status", _status, "say what the index holds, how it was made, and whether the corpus has changed since"),
        ("verify", _verify, "re-check every checksum, offset and vector count"),
    ):
        command = commands.add_parser(name, parents=[shared], help=text, description=text)
        command.set_defaults(run=run)
        if run is _build:
            command.add_argument("--full", action="store_true", help="make everything anew")
            command.add_argument("--watch", action="store_true", help="stay, and build whenever the folder changes")
            model = f"a sentence-transformers model, by path or name (default: the index's own, or {DEFAULT_MODEL})"
            command.add_argument("--model", metavar="NAME", help=model)
    return parser


def _build(options: argparse.Namespace) -> int:
    corpus, place = options.corpus or Path("corpus"), place_of(options)
    if not options.watch:
        with ProgressBar("embedding", "passages") as bar:
            report = place.build(corpus, options.index, model=options.model, full=options.full, progress=bar.show)
        return _tell(report)
    corpus_files(corpus)  # a folder that is not there ends the command at once
    loaded: list[Embedder] = []

    def rebuild() -> BuildReport:
        with ProgressBar("embedding", "passages") as bar:
            report = place.build(
                corpus,
                options.index,
                model=options.model,
                full=options.full and not loaded,
                embedder=loaded[0] if loaded else None,
                progress=bar.show,
            )
        loaded[:] = loaded or [Embedder(place.manifest(options.index).model.name)]
        return report

    log.info("watching %s; stop with Ctrl-C", corpus)
    watch(corpus, rebuild, _tell)
    return 0


def _tell(report: BuildReport) -> int:
    """Print what a build did; 1 where a file was skipped."""
    for path, reason in report.skipped:
        print(for_terminal(f"skipped: {path}: {reason}"), file=sys.stderr)
    print(summary(report), flush=True)
    return 1 if report.skipped else 0


def summary(report: BuildReport) -> str:
    """The closing line of a build."""
    skipped = f", {len(report.skipped)} skipped" if report.skipped else ""
    return (
        f"articles: {len(report.added)} added, {len(report.changed)} changed, {len(report.removed)} removed, "
        f"{report.unchanged} unchanged{skipped}; passages embedded: {report.embedded}; {report.seconds:.1f} s"
    )


def _status(options: argparse.Namespace) -> int:
    place = place_of(options)
    manifest = place.manifest(options.index)
    print(f"index       {place.named(options.index)}, generation {manifest.generation}")
    print(f"built       {manifest.built} from {manifest.corpus}")
    print(
        f"model       {manifest.model.name}, {manifest.model.dimension} dimensions, {manifest.model.max_tokens} tokens"
    )
    print(f"weights     {manifest.model.weights}")
    print(f"passages    {manifest.passages} of about {manifest.settings.target} tokens")
    for segment in manifest.segments:
        print(f"segment     {_searched(segment)}")
    print(f"articles    {len(manifest.articles)}")
    for entry in manifest.articles:
        shown = f"{entry.date or '-':10}  {entry.passages:4} passages  {entry.path}  “{entry.title}”"
        print(f"  {for_terminal(shown)}")
    corpus = options.corpus or Path(manifest.corpus)
    if corpus.is_dir():
        known = {entry.path: entry for entry in manifest.articles}
        print(f"corpus      {stale(corpus, known, place.seen(options.index, manifest))}")
    return 0


def _searched(segment: Segment) -> str:
    """In a phrase, what a segment holds and how its vectors are searched."""
    gone = f", {len(segment.gone)} of {segment.articles} articles gone" if segment.gone else ""
    how = (
        f"{segment.probed} of {segment.lists} inverted lists searched, recall@10 {segment.recall:.3f} of exact"
        if segment.lists
        else "searched exactly"
    )
    return f"{segment.rows} passages{gone}; {how}"


def _verify(options: argparse.Namespace) -> int:
    place = place_of(options)
    with ProgressBar("verifying", "articles") as bar:
        faults = place.verify(options.index, bar.show)
    for fault in faults:
        print(for_terminal(f"fault: {fault}"), file=sys.stderr)
    print(f"{place.named(options.index)}: {f'{len(faults)} faults' if faults else 'sound'}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
