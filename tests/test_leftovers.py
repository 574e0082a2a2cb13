"""What a killed server has left in the corpus is removed at the next start; what others write is not."""

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from chat.web.leftovers import remove_leftovers
from chat.web.service import Service
from indexer import write_durably

from .browser import wait_for
from .conftest import ROOT

WRITE = """
import sys, time
from pathlib import Path
from indexer.files import written_durably
with written_durably(Path(sys.argv[1])) as stream:
    stream.write(b"half of it")
    stream.flush()
    print("begun", flush=True)
    time.sleep(60)
"""


def writing(path: Path) -> subprocess.Popen[bytes]:
    """A process that is in the middle of writing the file."""
    process = subprocess.Popen([sys.executable, "-c", WRITE, str(path)], cwd=ROOT, stdout=subprocess.PIPE)
    assert process.stdout and process.stdout.readline() == b"begun\n"
    process.stdout.close()
    return process


def test_parts_of_killed_processes_are_removed_and_no_others(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    killed, runs = writing(tmp_path / "sub" / "new.txt"), writing(tmp_path / "other.txt")
    try:
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        ours = tmp_path / f".old.txt.{os.getpid()}.7.part"  # of a server that had our number
        ours.write_bytes(b"half")
        os.utime(ours, (1, 1))
        new = tmp_path / f".new.txt.{os.getpid()}.7.part"
        new.write_bytes(b"half")
        others = [tmp_path / name for name in (".note.part", "a.1.2.part", ".x.1.two.part", "lamp.txt")]
        for path in others:
            path.write_bytes(b"mine")
        assert len(list(tmp_path.rglob(".new.txt.*.part"))) == 2
        remove_leftovers(tmp_path, new.stat().st_mtime)
        left = {path for path in tmp_path.rglob("*") if path.is_file()}
        assert left == {*others, new, *tmp_path.glob(f".other.txt.{runs.pid}.*.part")} and len(left) == 6
    finally:
        runs.kill()
        runs.wait()


def test_a_server_removes_them_as_it_starts(small_corpus: Path, tmp_path: Path) -> None:
    part = small_corpus / "sub" / f".new.txt.{2**22 + 1}.7.part"  # Linux has no process of this number
    part.write_bytes(b"half")
    os.utime(part, (time.time() - 60,) * 2)
    service = Service(small_corpus, tmp_path / "index", editable=True)
    service._stopping.set()  # nothing is built
    with service.following():
        wait_for(lambda: not part.exists(), 10)


@pytest.mark.parametrize("links", [True, False])
def test_a_new_file_takes_no_others_name_and_leaves_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    def refused(*_: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")  # what a file system without hard links says

    if not links:
        monkeypatch.setattr(os, "link", refused)
    path = tmp_path / "new.txt"
    write_durably(path, b"mine", over=False)
    with pytest.raises(FileExistsError):
        write_durably(path, b"another's", over=False)
    assert path.read_bytes() == b"mine" and list(tmp_path.iterdir()) == [path] and path.stat().st_nlink == 1
    write_durably(path, b"mended")
    assert path.read_bytes() == b"mended" and list(tmp_path.iterdir()) == [path]
