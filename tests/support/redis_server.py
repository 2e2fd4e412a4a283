"""A Redis server of a test's own, which it may kill and start again."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import RedisError

from chain.devnet.anvil import free_port

START_SECONDS = 10.0


class RedisServer:
    """Keeps what it was told in ``directory`` (``persistent``) or nothing beyond its end. ``url`` stays the same."""

    def __init__(self, directory: Path, *, persistent: bool = False) -> None:
        self._directory = directory
        self._persistent = persistent
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
        command += ["--dir", str(self._directory), "--appendonly", "yes" if self._persistent else "no"]
        self._process = subprocess.Popen([*command, "--appendfsync", "always"], stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                self.connect().ping()
                return
            except RedisError:
                time.sleep(0.01)
        raise TimeoutError("redis-server did not start")

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def hang(self) -> None:
        """Accepts connections and answers nothing, until ``wake``."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def wake(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def connect(self) -> "Redis":
        return Redis.from_url(self.url, decode_responses=True)


@contextmanager
def redis_server(directory: Path, *, persistent: bool = False) -> Iterator[RedisServer]:
    """Running; skips without ``redis-server``, and fails without one in CI."""
    if shutil.which("redis-server") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("redis-server is not installed")
        pytest.skip("redis-server is not installed")
    server = RedisServer(directory, persistent=persistent)
    server.start()
    try:
        yield server
    finally:
        server.kill()
