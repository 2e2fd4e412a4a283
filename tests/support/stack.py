"""Servers of the program (workers, beat, web) as processes of their own, on a Redis and a database of their own."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from django.db.backends.base.base import BaseDatabaseWrapper

from tests.support.postgres import SERVER_URL, as_default, temporary_database
from tests.support.program import PATIENCE, ROOT, Program
from tests.support.redis_server import RedisServer, redis_server

ALL_QUEUES = "paper_trading,risk.normal,execution.critical"


class Server:
    """A process that runs until it is told to end; what it says is in ``log``."""

    def __init__(self, command: str, environment: Mapping[str, str], log: Path) -> None:
        self.log = log
        with log.open("w") as file:
            self.process = subprocess.Popen(
                command.split(), cwd=ROOT, env=environment, stdout=file, stderr=file, start_new_session=True
            )

    def said(self, text: str) -> bool:
        return text in self.log.read_text()

    def until(self, text: str) -> None:
        eventually(lambda: self.said(text) or self.process.poll() is not None)
        assert self.said(text), self.log.read_text()

    def terminate(self) -> int:
        """SIGTERM, and the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


@dataclass(slots=True)
class Stack:
    """``program`` runs commands on the same Redis and database as the servers."""

    program: Program
    redis: RedisServer
    books: BaseDatabaseWrapper
    servers: list[Server] = field(default_factory=list)

    def start(self, command: str) -> Server:
        """A command line as the Procfile has it."""
        log = self.program.var / f"server-{len(self.servers)}.log"
        environment = self.program._environment() | {"PATH": f"{ROOT / '.venv/bin'}:{os.environ['PATH']}"}
        self.servers.append(Server(command, environment, log))
        return self.servers[-1]

    def worker(self, name: str, queues: str = ALL_QUEUES) -> Server:
        server = self.start(f"celery -A dexproject worker -Q {queues} --loglevel=info --hostname {name}@here")
        server.until("ready.")
        return server

    def stop(self) -> None:
        for server in self.servers:
            if server.process.poll() is None:
                server.process.send_signal(signal.SIGTERM)
        for server in self.servers:
            try:
                server.process.wait(30)
            except subprocess.TimeoutExpired:
                server.kill()


@contextmanager
def stack(var: Path, redis_directory: Path, *, password: str = "", **environment: str) -> Iterator[Stack]:
    """The database is the default one of this thread meanwhile. ``password`` is what Redis asks for."""
    with redis_server(redis_directory) as redis, temporary_database() as books:
        name = str(books.settings_dict["NAME"])
        database = urlunsplit(urlsplit(SERVER_URL)._replace(path=f"/{name}"))
        url = redis.url
        if password:
            redis.connect().config_set("requirepass", password)
            url = url.replace("redis://", f"redis://:{password}@")
        program = Program(var, {"DATABASE_URL": database, "REDIS_URL": url, "SESSION_HOSTS": "1", **environment})
        running = Stack(program, redis, books)
        with as_default(books):
            try:
                yield running
            finally:
                running.stop()
                program.stop_all()


def eventually(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.05)
