"""Run by test_crash.py: builds, each in a child that is killed before its n-th change of the file system.

Reads lines `n corpus index` and answers each with `killed` or `done`. The model is loaded in the children only, for
a process that has run torch must not fork.
"""

import os
import signal
import sys
from pathlib import Path

import sentence_transformers  # noqa: F401 - imported once, before the forks

from indexer import build

CHANGES = ("os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.truncate", "shutil.rmtree")


def die_before(number: int) -> None:
    """Kill this process before its `number`-th change of the file system."""
    seen = 0

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal seen
        writes = event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+")
        if writes or event in CHANGES:
            seen += 1
            if seen == number:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


for line in sys.stdin:
    number, corpus, index = line.split("\t")
    child = os.fork()
    if not child:
        die_before(int(number))
        build(Path(corpus), Path(index.strip()))
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        print("killed", flush=True)
    else:
        print("done" if status == 0 else f"failed {status}", flush=True)
