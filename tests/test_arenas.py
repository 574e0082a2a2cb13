"""Memory of many threads comes out of few arenas of glibc's."""

import platform
import re
import subprocess
import sys
from pathlib import Path

import pytest

# Sixteen threads take memory, then glibc tells how many arenas there are.
COUNT = """
import ctypes, sys, threading
from chat.web.arenas import limit_arenas
if sys.argv[1] == "limited":
    limit_arenas()
libc, together, done = ctypes.CDLL(None), threading.Barrier(17), threading.Event()
libc.malloc.restype, libc.fopen.restype = ctypes.c_void_p, ctypes.c_void_p
def take():
    libc.malloc(50_000)
    together.wait()
    done.wait()
threads = [threading.Thread(target=take) for _ in range(16)]
for thread in threads:
    thread.start()
together.wait()
out = ctypes.c_void_p(libc.fopen(sys.argv[2].encode(), b"w"))
libc.malloc_info(0, out)
libc.fclose(out)
done.set()
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="arenas are glibc's")
def test_many_threads_share_two_arenas(tmp_path: Path) -> None:
    counts = {}
    for how in ("limited", "as it is"):
        told = tmp_path / how
        subprocess.run([sys.executable, "-c", COUNT, how, str(told)], check=True, timeout=60)
        counts[how] = len(re.findall(r"<heap nr=", told.read_text(encoding="utf-8")))
    assert counts["limited"] <= 2 < counts["as it is"]
