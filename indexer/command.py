"""What both commands share: which part is run, and errors that a user can mend as one line and exit status 2."""

import argparse
import logging
import re
import sys
from collections.abc import Callable, Sequence

from indexer.errors import QuotewireError

# What a terminal obeys, ends a line, or turns the direction of writing.
_OBEYED = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def for_terminal(line: str) -> str:
    """The line with a space for each character that a terminal would obey: names and titles come from strangers."""
    return _OBEYED.sub(" ", line)


def run_command(
    parser: argparse.ArgumentParser, commands: Sequence[str], arguments: Sequence[str] | None, logger: str
) -> int:
    """Run the command that the arguments name, the first of `commands` where they name none.

    The parser sets `run`, a function of the parsed options that returns the exit status.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    if not given or given[0] not in (*commands, "-h", "--help"):
        given.insert(0, commands[0])
    options = parser.parse_args(given)
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    logging.getLogger(logger).setLevel(logging.INFO)
    try:
        command: Callable[[argparse.Namespace], int] = options.run
        return command(options)
    except QuotewireError as error:
        print(f"error: {for_terminal(str(error))}", file=sys.stderr)
        return 2
    except OSError as error:
        told = f"{error.filename or 'the system'}: {error.strerror or error}"
        print(f"error: {for_terminal(told)}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
