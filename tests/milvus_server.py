"""A real Milvus server for tests: the wheel milvus-lite in a process of its own, on loopback."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


class Server:
    """Start, kill and start again a server that keeps its data in a folder."""

    def __init__(self, folder: Path) -> None:
        pytest.importorskip("milvus_lite", reason="milvus-lite is not installed: pip install -e '.[test]'")
        pytest.importorskip("pymilvus", reason="pymilvus is not installed: pip install -e '.[test]'")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self._folder, self._process = folder, None
        self.uri = f"http://127.0.0.1:{self._port}"
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "milvus_lite", "server", "--data-dir", str(self._folder / "data")]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*command, "--host", "127.0.0.1", "--port", str(self._port)], stdout=log, stderr=log
            )
        for _ in range(300):
            try:
                socket.create_connection(("127.0.0.1", self._port), timeout=1).close()
                return
            except OSError:
                assert self._process.poll() is None, (self._folder / "log").read_text()
                time.sleep(0.1)
        raise AssertionError("milvus-lite does not listen")

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def databases(self) -> Iterator[str]:
        """Addresses of new, empty databases."""
        from pymilvus import MilvusClient

        number = 0
        while True:
            number += 1
            client = MilvusClient(self.uri)
            client.create_database(f"d{number}")
            client.close()
            yield f"{self.uri}/d{number}"


@contextmanager
def running(folder: Path) -> Iterator[Server]:
    """A server that ends with the block."""
    folder.mkdir(parents=True, exist_ok=True)
    server = Server(folder)
    try:
        yield server
    finally:
        server.kill()
