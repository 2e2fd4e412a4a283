"""Session hosts as processes of their own over one chain and one PostgreSQL, and what becomes of their sessions."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import dj_database_url
import psycopg
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from chain.devnet.anvil import free_port
from tests.support.postgres import as_default

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0
"""Seconds after which a test fails instead of waiting on; nothing is measured by it."""

LEFT_OUT = ("RPC_URL", "DATABASE_URL", "REDIS_URL", "NETWORKS_DIR", "DEXPROJECT_VAR", "DJANGO_SETTINGS_MODULE")
SAMPLE_SECONDS = 0.1


class Daemon:
    """A ``manage.py`` command or another program that runs until it is told to end; ``log`` is what it said."""

    def __init__(self, command: list[str], environment: Mapping[str, str], log: Path) -> None:
        self.log = log
        with log.open("a") as file:
            self._process = subprocess.Popen(
                command, cwd=ROOT, env=dict(environment), stdout=file, stderr=file, start_new_session=True
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def kill(self, *, reap: bool = True) -> None:
        """``kill -9``. Not reaped, its number stays taken, as that of a process on another machine would."""
        self._process.kill()
        if reap:
            self._process.wait()

    def terminate(self) -> None:
        self._process.send_signal(signal.SIGTERM)

    def end(self) -> int:
        return self._process.wait(PATIENCE)

    def said(self) -> str:
        return self.log.read_text()


@dataclass(slots=True)
class Stack:
    """The program's processes on ``database_url``, all of them writing to ``var``. An empty ``redis_url`` is none."""

    var: Path
    database_url: str
    redis_url: str = ""
    block_time: float = 1.0
    daemons: list[Daemon] = field(default_factory=list)
    node_url: str = ""

    def manage(self, *arguments: object) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "manage.py", *map(str, arguments)],
            cwd=ROOT,
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )

    def start_chain(self) -> Daemon:
        """The local chain, whose URL the hosts find in ``var``; returns once it answers."""
        port = free_port()
        self.node_url = f"http://127.0.0.1:{port}"
        chain = self._start("chain", "devnet", "--port", port, "--block-time", self.block_time, "--json")
        self.wait(lambda: '"url"' in chain.said(), "the chain does not start", alive=chain)
        return chain

    def start_host(self, *, ready: bool = True) -> Daemon:
        """A host; ``ready`` waits until it has reported itself."""
        number = sum("host" in daemon.log.name for daemon in self.daemons) + 1
        host = self._start(f"host-{number}", "run_bot_host")
        if ready:
            self.wait(lambda: owner_of(self.database_url, host.pid) != "", "the host does not start", alive=host)
        return host

    def start_web(self) -> str:
        """The web process; returns its URL once it answers."""
        port = free_port()
        command = [sys.executable, "-m", "daphne", "--bind", "127.0.0.1", "--port", str(port)]
        web = self.start_program("web", [*command, "dexproject.asgi:application"], DEXPROJECT_ROLE="web")
        url = f"http://127.0.0.1:{port}"
        self.wait(lambda: _answers(f"{url}/healthz/"), "the web process does not start", alive=web)
        return url

    def start_program(self, name: str, command: list[str], **more: str) -> Daemon:
        daemon = Daemon(command, self.environment(**more), self.var / f"{name}.txt")
        self.daemons.append(daemon)
        return daemon

    def environment(self, **more: str) -> dict[str, str]:
        usual = {name: value for name, value in os.environ.items() if name not in LEFT_OUT}
        return {
            **usual,
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "DEXPROJECT_VAR": str(self.var),
            "LOG_TO_CONSOLE": "1",
            **more,
        }

    def wait(self, until: Callable[[], bool], complaint: str, *, alive: Daemon | None = None) -> float:
        """The seconds until ``until`` holds; fails after ``PATIENCE`` or at the end of the process ``alive``."""
        began = time.monotonic()
        while not until():
            if alive is not None and not alive.alive:
                raise AssertionError(f"{complaint}: {alive.said()[-2000:]}")
            if time.monotonic() - began > PATIENCE:
                raise AssertionError(f"{complaint}\n{self.last_words()}")
            time.sleep(0.05)
        return time.monotonic() - began

    def last_words(self) -> str:
        return "\n".join(f"--- {daemon.log.name}\n{daemon.said()[-1500:]}" for daemon in self.daemons)

    def head(self) -> int:
        """The newest block that the node has."""
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "eth_blockNumber", "params": []}).encode()
        request = urllib.request.Request(  # noqa: S310 - our own node
            self.node_url, data=body, headers={"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310
            return int(json.load(answer)["result"], 16)

    def defects(self, daemon: Daemon) -> list[str]:
        """Lines of its log that speak of a defect rather than of what was done to the process."""
        return re.findall(r"^.*(?:Traceback|never retrieved|a defect of ours).*$", daemon.said(), flags=re.MULTILINE)

    def end_all(self) -> None:
        """Hosts first, so that none of them complains about a chain that went away."""
        for daemon in reversed(self.daemons):
            if daemon.alive:
                daemon.terminate()
        for daemon in self.daemons:
            try:
                daemon.end()
            except subprocess.TimeoutExpired:
                daemon.kill()

    def _start(self, name: str, *arguments: object) -> Daemon:
        return self.start_program(name, [sys.executable, "manage.py", *map(str, arguments)])


@contextmanager
def books_of(url: str) -> Iterator[BaseDatabaseWrapper]:
    """The stack's database in the place of this thread's default one."""
    parsed = dict(dj_database_url.parse(url))
    connections.settings["stack"] = connections.configure_settings({"default": {}, "stack": parsed})["stack"]
    try:
        wrapper = connections.create_connection("stack")
    finally:
        del connections.settings["stack"]
    wrapper.alias = "default"
    try:
        with as_default(wrapper):
            yield wrapper
    finally:
        wrapper.close()


def owner_of(url: str, pid: int) -> str:
    """The name under which the host with this process number reported itself; empty before it did."""
    with psycopg.connect(url, autocommit=True) as database:
        row = database.execute(
            "SELECT name FROM paper_trading_bothost WHERE name LIKE %s AND stopped_at IS NULL", [f"%/{pid}/%"]
        ).fetchone()
    return "" if row is None else str(row[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A session as the database has it."""

    status: str
    owner: str
    lease_token: int
    cursor: int | None


def rows(database: "psycopg.Connection[Any]") -> dict[int, Row]:
    found = database.execute("SELECT id, status, owner, lease_token, cursor_block FROM paper_trading_botsession")
    return {
        pk: Row(status=status, owner=owner, lease_token=token, cursor=cursor)
        for pk, status, owner, token, cursor in found
    }


@dataclass(slots=True)
class Stride:
    """``longest`` seconds between two moves of a cursor since ``Watch.reset``, the time since the last one included."""

    cursor: int | None
    moved_at: float
    longest: float = 0.0


class Watch(threading.Thread):
    """Looks at every live session's cursor and at the chain's head ten times a second; the database may go away."""

    def __init__(self, stack: Stack) -> None:
        super().__init__(daemon=True)
        self._stack = stack
        self._lock = threading.Lock()
        self._strides: dict[int, Stride] = {}
        self._chain = Stride(cursor=None, moved_at=time.monotonic())
        self._closing = threading.Event()

    def reset(self) -> None:
        with self._lock:
            self._strides.clear()
            self._chain = Stride(cursor=None, moved_at=time.monotonic())

    def gaps(self) -> tuple[float, float]:
        """The longest gap of any session, and the chain's own longest from block to block."""
        with self._lock:
            return max((stride.longest for stride in self._strides.values()), default=0.0), self._chain.longest

    def close(self) -> None:
        self._closing.set()
        self.join()

    def run(self) -> None:
        database: psycopg.Connection[Any] | None = None
        while not self._closing.wait(SAMPLE_SECONDS):
            try:
                if database is None:
                    database = psycopg.connect(self._stack.database_url, autocommit=True, connect_timeout=2)
                found = rows(database)
                head, now = self._stack.head(), time.monotonic()
            except psycopg.Error:
                database = None
                continue
            except OSError:
                continue  # the node is busy with a block, or gone
            with self._lock:
                _step(self._chain, head, now)
                for pk, row in found.items():
                    if row.status == "running":
                        _step(self._strides.setdefault(pk, Stride(cursor=row.cursor, moved_at=now)), row.cursor, now)
        if database is not None:
            database.close()


def _step(stride: Stride, cursor: int | None, now: float) -> None:
    stride.longest = max(stride.longest, now - stride.moved_at) if stride.cursor is not None else 0.0
    if cursor != stride.cursor:
        stride.cursor, stride.moved_at = cursor, now


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 - our own server
            return bool(answer.status == 200)
    except OSError:
        return False
