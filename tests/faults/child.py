"""A forked child in which strace kills, or makes fail, one system call that changes files."""

import ctypes
import os
import re
import shutil
import signal
import subprocess
import sys
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

CHANGES = (
    "open openat creat write pwrite64 writev pwritev rename renameat renameat2 fsync fdatasync unlink unlinkat mkdir "
    "mkdirat rmdir truncate ftruncate link linkat symlink symlinkat fallocate copy_file_range sendfile"
).split()
_TRACED = "trace=" + ",".join(f"?{name}" for name in CHANGES)
_LET_ANYBODY_TRACE = 0x59616D61  # prctl's PR_SET_PTRACER
CRASHED = 70  # the exit status of a child that raised what no command turns into a line


@dataclass(frozen=True)
class Call:
    """The `number`-th call of this name in a child, and what it was about."""

    name: str
    number: int
    about: str

    def __str__(self) -> str:
        return f"{self.name} {self.number} ({self.about})"


@dataclass(frozen=True)
class Outcome:
    """How a child ended: by a signal, or with a status; what it printed on standard error; the calls it made."""

    killed: bool
    status: int
    said: str
    calls: tuple[str, ...] = ()

    @property
    def traceback(self) -> bool:
        return self.status == CRASHED or "Traceback" in self.said

    @property
    def lines(self) -> list[str]:
        """What it said beyond the progress."""
        return [line for line in self.said.splitlines() if line and not line.startswith("embedding: ")]


def strace_missing() -> str:
    """Why strace cannot be used here; "" if it can."""
    if not shutil.which("strace"):
        return "strace is not installed"
    tried = subprocess.run(["strace", "-qq", "-o", "/dev/null", "true"], capture_output=True, text=True, check=False)
    return tried.stderr.strip().splitlines()[-1] if tried.returncode else ""


def start(work: Callable[[], int], said: Path) -> tuple[int, int]:
    """Fork a child that does `work` once it is let go; its process id, and where to write to let it go."""
    sys.stdout.flush()
    sys.stderr.flush()
    wait, go = os.pipe()
    child = os.fork()
    if child:
        os.close(wait)
        return child, go
    status = CRASHED
    try:
        os.close(go)
        ctypes.CDLL(None).prctl(_LET_ANYBODY_TRACE, ctypes.c_long(-1), 0, 0, 0)
        os.read(wait, 1)
        output = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(output, 1)
        os.dup2(output, 2)
        status = work()
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def let_go(child: int, go: int) -> None:
    os.write(go, b"x")
    os.close(go)


def ended(child: int, said: Path, calls: tuple[str, ...] = ()) -> Outcome:
    """Wait for the end of a child."""
    _, status = os.waitpid(child, 0)
    text = said.read_text(encoding="utf-8", errors="replace") if said.exists() else ""
    if os.WIFSIGNALED(status):
        return Outcome(os.WTERMSIG(status) == signal.SIGKILL, -os.WTERMSIG(status), text, calls)
    return Outcome(False, os.WEXITSTATUS(status), text, calls)


def plain(work: Callable[[], int], scratch: Path) -> Outcome:
    """Do `work` in a child, without a fault."""
    said = scratch / "said"
    child, go = start(work, said)
    let_go(child, go)
    return ended(child, said)


def traced(work: Callable[[], int], scratch: Path, inject: str = "") -> Outcome:
    """Do `work` in a child under strace, with what `inject` asks for."""
    said, log = scratch / "said", scratch / "calls"
    child, go = start(work, said)
    asked = [*(["-e", f"inject={inject}"] if inject else [])]
    with subprocess.Popen(
        ["strace", "-y", "-s", "0", "-e", _TRACED, *asked, "-o", str(log), "-p", str(child)],
        stderr=subprocess.PIPE,
        text=True,
    ) as tracer:
        assert tracer.stderr is not None
        attached = tracer.stderr.readline()
        if "attached" not in attached:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            raise RuntimeError(f"strace: {attached}{tracer.stderr.read()}")
        let_go(child, go)
        outcome = ended(child, said)
    return Outcome(outcome.killed, outcome.status, outcome.said, tuple(log.read_text(errors="replace").splitlines()))


def calls_that_change(folder: Path, calls: Sequence[str]) -> list[Call]:
    """Those of the calls that change something below `folder`, each with its number among the calls of its name."""
    seen: Counter[str] = Counter()
    found = []
    for line in calls:
        match = re.match(r"(\w+)\(", line)
        if not match:
            continue
        name = match[1]
        seen[name] += 1
        if str(folder) not in line or " = -1 " in line:
            continue
        if name in ("open", "openat") and not re.search(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC", line):
            continue
        found.append(Call(name, seen[name], _about(folder, line)))
    return found


def _about(folder: Path, line: str) -> str:
    """The file of a call, without what differs from run to run."""
    paths = re.findall(re.escape(str(folder)) + r"[^>\",]*", line)
    last = re.findall(r'"([^"]*)"', line)
    name = paths[-1][len(str(folder)) :].lstrip("/") or (last[-1] if last else "")
    return re.sub(r"[0-9a-f]{8,}|\d{8}T\d{6}|\.\d+\.\d+\.part", "…", name)


def kill_at(call: Call) -> str:
    """To be killed before the call is made."""
    return f"{call.name}:signal=SIGKILL:when={call.number}"


def fail_at(call: Call, error: str) -> str:
    """The call fails, once."""
    return f"{call.name}:error={error}:when={call.number}"
