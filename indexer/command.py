"""What both commands share: which part is run, and errors that a user can mend as one line and exit status 2."""

import argparse
import logging
import sys
from collections.abc import Callable, Sequence

from indexer.errors import QuotewireError


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
        print(f"error: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"error: {error.filename or 'the system'}: {error.strerror or error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
