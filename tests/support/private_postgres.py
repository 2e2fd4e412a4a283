"""A PostgreSQL cluster of a test's own, which it may stop, crash and start again."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from chain.devnet.anvil import free_port

SERVER_USER = "postgres"
"""PostgreSQL refuses to run as root, so root lends it to this user."""


class PrivatePostgres:
    """A cluster in ``directory``, which belongs to the server's user. ``url`` stays the same over restarts."""

    def __init__(self, binaries: Path, directory: Path) -> None:
        self._binaries = binaries
        self._directory = directory
        self.port = free_port()
        self.url = f"postgres://{SERVER_USER}@127.0.0.1:{self.port}/books"

    def create(self) -> None:
        """The cluster, running, with an empty database ``books``."""
        self._run("initdb", "--username", SERVER_USER, "--auth", "trust", "--encoding", "UTF8", "--no-sync")
        self.start()
        with psycopg.connect(self.url.replace("/books", "/postgres"), autocommit=True) as server:
            server.execute("CREATE DATABASE books")

    def start(self) -> None:
        self._run("pg_ctl", "--log", str(self._directory / "log"), "--wait", "start", "--silent", "-o", self._options)

    def stop(self, mode: str = "fast") -> None:
        """``immediate`` is a crash: connections are cut, and the next start recovers."""
        self._run("pg_ctl", "--mode", mode, "--wait", "stop", "--silent")

    @property
    def _options(self) -> str:
        return f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=120"

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._binaries / program), "--pgdata", str(self._directory / "data"), *arguments]
        if os.geteuid() == 0:
            command = ["runuser", "-u", SERVER_USER, "--", *command]
        # No pipe: the server would inherit it, and reading would last as long as the server.
        said = self._directory / "said"
        with said.open("w") as file:
            done = subprocess.run(command, cwd=self._directory, stdout=file, stderr=file, timeout=60, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{program} failed: {said.read_text()}")


@contextmanager
def private_postgres() -> Iterator[PrivatePostgres]:
    """Running, and gone afterwards; skips without PostgreSQL's programs, and fails without them in CI."""
    binaries = _binaries()
    if binaries is None:
        if os.environ.get("CI") == "true":
            pytest.fail("PostgreSQL is not installed")
        pytest.skip("PostgreSQL is not installed")
    directory = Path(tempfile.mkdtemp(prefix="cluster-"))
    try:
        if os.geteuid() == 0:
            shutil.chown(directory, SERVER_USER)
        server = PrivatePostgres(binaries, directory)
        server.create()
        try:
            yield server
        finally:
            server.stop("immediate")
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _binaries() -> Path | None:
    """Of the newest version; PostgreSQL's own packages keep ``initdb`` out of the path."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    if found:
        return found[-1].parent
    in_path = shutil.which("initdb")
    return None if in_path is None else Path(in_path).parent
