"""What many questions took is not kept: glibc's arenas, the runtime's memory, Gradio's notes on calls."""

import http.client
import platform
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.benchmarks.load import one_answer

from .conftest import ROOT

# Sixteen threads take memory, then glibc tells how many arenas there are.
COUNT = """
import ctypes, sys, threading
from chat.web.memory import limit_arenas
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


# Of many blocks every twentieth is kept, so that nothing lies free at the end.
FREED = """
import ctypes, re, time
from pathlib import Path
from chat.web import memory
libc = ctypes.CDLL(None)
libc.malloc.restype, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
def resident():
    return int(re.search(r"VmRSS:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
blocks = [libc.malloc(20_000) for _ in range(10_000)]
for block in blocks:
    ctypes.memset(block, 1, 20_000)
for number, block in enumerate(blocks):
    if number % 20:
        libc.free(block)
before, memory._SECONDS = resident(), 0.05
with memory.giving_back():
    time.sleep(1)
print(before, resident())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="malloc_trim is glibc's")
def test_memory_that_lies_free_goes_back_to_the_system() -> None:
    ran = subprocess.run([sys.executable, "-c", FREED], check=True, timeout=60, capture_output=True, text=True)
    before, after = (int(number) for number in ran.stdout.split())
    assert before - after > 100_000  # of about 190,000 KiB


# Eight threads read texts of many lengths; what they took lies free at the end.
READ = """
import ctypes, re, threading
from pathlib import Path
import numpy as np
from chat.packing import Packed
from chat.reader import Reader
from chat.web.memory import limit_arenas
limit_arenas()
def resident():
    ctypes.CDLL(None).malloc_trim(0)
    return int(re.search(r"RssAnon:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
reader = Reader()
def read(first):
    for length in range(first, 289, 40):
        reader.read(Packed([5000] * length, [0] * length, (1, 4), ((5, 9),)))
read(20)
before = resident()
threads = [threading.Thread(target=read, args=(20 + 5 * n,)) for n in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(before, resident())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="malloc_trim is glibc's")
def test_what_many_took_to_read_is_not_kept() -> None:
    ran = subprocess.run([sys.executable, "-c", READ], check=True, timeout=120, capture_output=True, text=True)
    before, after = (int(number) for number in ran.stdout.split())
    assert after - before < 25_000  # KiB; with the runtime's own arena 60,000 and more


# A server that keeps three calls; when it has stopped, it tells how many it kept.
KEEPS_THREE = """
import sys
from pathlib import Path
from chat.web import page, server
page._MOST_CALLS, make, made = 3, page.page, []
page.page = lambda *arguments, **more: made.append(make(*arguments, **more)) or made[0]
server.serve(Path(sys.argv[1]), Path(sys.argv[2]), "127.0.0.1", 0)
print(len(made[0]._queue.pending_event_ids_session))
"""


def test_calls_that_are_over_are_forgotten(announcement_index: Path) -> None:
    command = [sys.executable, "-c", KEEPS_THREE, str(ROOT / "corpus"), str(announcement_index)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT) as process:
        try:
            assert process.stdout
            found = re.search(r":(\d+) ", process.stdout.readline())
            assert found
            for number in range(6):
                connection = http.client.HTTPConnection("127.0.0.1", int(found[1]), timeout=60)
                assert one_answer(connection, f"Who spoke as number {number}?") in ("answer", "abstention")
                connection.close()
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0 and process.stdout.read().strip() == "3"
        finally:
            process.kill()
