"""Run by test_milvus.py: builds into Milvus, each in a child that is killed before its n-th change of the server.

Reads lines `n corpus folder uri` and answers each with `killed` or `done`. The model is loaded before, but it is run in
the children only, for a process that has run torch must not fork.
"""

import os
import signal
import sys
from pathlib import Path

from indexer import Embedder
from indexer.milvus.build import build_in_milvus
from indexer.milvus.client import Milvus

CHANGES = {"insert", "delete", "create_collection", "drop_collection", "create_alias", "alter_alias"}
call = Milvus.call
embedder = Embedder()
embedder.info  # noqa: B018 - loads the model


def die_before(number: int) -> None:
    """Kill this process before its `number`-th change of the server."""
    seen = 0

    def counted(self, method, *arguments, **named):
        nonlocal seen
        seen += method in CHANGES
        if seen == number:
            os.kill(os.getpid(), signal.SIGKILL)
        return call(self, method, *arguments, **named)

    Milvus.call = counted


for line in sys.stdin:
    number, corpus, folder, uri = line.rstrip("\n").split("\t")
    child = os.fork()
    if not child:
        die_before(int(number))
        build_in_milvus(Path(corpus), Path(folder), uri, embedder=embedder)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        print("killed", flush=True)
    else:
        print("done" if status == 0 else f"failed {status}", flush=True)
