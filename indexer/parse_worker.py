"""The process that parses files which may explode; `parse_process` starts it, one file after another goes through it.

A request is `REQUEST` (the lengths of name and content, the processor seconds and bytes of memory it may take), the
file's name and its content; a reply is `REPLY` (its length) and JSON: an article, or the reason why the file is none.
What takes more than it may ends the process, and its exit status tells why. It imports no torch.
"""

import json
import math
import os
import signal
import struct
import sys
import threading
from dataclasses import fields
from typing import Any, BinaryIO

from indexer.article import parse_here
from indexer.errors import UnreadableArticle
from indexer.parse_limits import IDLE_SECONDS, OUT_OF_MEMORY
from indexer.types import Article

try:
    import resource
except ImportError:  # Windows: the clock alone limits a file there
    resource = None  # type: ignore[assignment]

REQUEST, REPLY = struct.Struct("!IQIQ"), struct.Struct("!Q")
READY = b"\x06"


def main() -> None:
    """Answer requests on standard input until it ends, or none has come for a while."""
    import indexer.documents  # noqa: F401 - its libraries are loaded before a file limits the memory

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that asks; it ends this one
    requests, replies = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    replies.write(READY)
    replies.flush()
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)  # a library that prints must not spoil a reply
    os.dup2(quiet, 2)  # what goes wrong is told in one line, by the process that asks
    if resource:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    while True:
        idle = threading.Timer(IDLE_SECONDS, os._exit, (0,))
        idle.daemon = True
        idle.start()
        header = requests.read(REQUEST.size)
        idle.cancel()
        if len(header) < REQUEST.size:
            return
        _answer(header, requests, replies)


def _answer(header: bytes, requests: BinaryIO, replies: BinaryIO) -> None:
    name_size, size, seconds, memory = REQUEST.unpack(header)
    try:
        _limit(seconds, memory)
        path, data = requests.read(name_size).decode(), requests.read(size)
        reply = json.dumps(_parsed(path, data)).encode("ascii")
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    replies.write(REPLY.pack(len(reply)))
    replies.write(reply)
    replies.flush()


def _limit(seconds: int, memory: int) -> None:
    """Allow so many processor seconds more, and so many bytes in all."""
    if not resource:
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    limits = {resource.RLIMIT_CPU: seconds + math.ceil(used.ru_utime + used.ru_stime)}
    if sys.platform == "linux":  # macOS holds no process to such a limit
        limits[resource.RLIMIT_DATA] = memory
    for kind, limit in limits.items():
        _, hard = resource.getrlimit(kind)
        resource.setrlimit(kind, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))


def _parsed(path: str, data: bytes) -> dict[str, Any]:
    try:
        article = parse_here(path, data)
    except UnreadableArticle as reason:
        return {"reason": str(reason)}
    except MemoryError:
        raise
    except Exception as error:  # a fault of ours, which the fuzzing looks for; even so it costs this one file alone
        words = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        return {"reason": f"cannot be parsed, by a fault of quotewire: {words}"}
    found = {field.name: getattr(article, field.name) for field in fields(Article)}
    return found | {"blocks": [(block.start, block.end, block.kind) for block in article.blocks]}
