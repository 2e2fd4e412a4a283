"""The program as its user has it: commands in processes of their own, on a database and a chain of their own."""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import dj_database_url
from django.db import connections

from tests.support.postgres import as_default

ROOT = Path(__file__).resolve().parents[2]
SQLITE_OPTIONS = {"transaction_mode": "IMMEDIATE", "timeout": 20}
PATIENCE = 120.0
"""Seconds after which a test fails instead of waiting on; nothing is measured by it."""

Line = dict[str, Any]


class Running:
    """A command that runs; ``lines`` are what ``--json`` has printed so far."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self.lines: list[Line] = []
        self.errors = ""
        self._coming: queue.Queue[str | None] = queue.Queue()
        self._readers = [
            threading.Thread(target=self._read_lines, daemon=True),
            threading.Thread(target=self._read_errors, daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    def until(self, wanted: Callable[[Line], bool]) -> Line:
        """Reads on up to the first line that is ``wanted``; fails when the command ends before."""
        while True:
            text = self._coming.get(timeout=PATIENCE)
            assert text is not None, f"ended before: {self.lines[-1:]} {self.errors}"
            line: Line = json.loads(text)
            self.lines.append(line)
            if wanted(line):
                return line

    def until_type(self, kind: str) -> Line:
        return self.until(lambda line: line["type"] == kind)

    def interrupt(self) -> None:
        self.process.send_signal(signal.SIGINT)

    def kill(self) -> None:
        """``kill -9``, and the lines that were already on their way."""
        self.process.kill()
        self.end()

    def end(self) -> int:
        """Waits for the end and gives the exit code."""
        code = self.process.wait(PATIENCE)
        for reader in self._readers:
            reader.join(PATIENCE)
        while (text := self._coming.get_nowait()) is not None:
            if text.endswith("\n"):
                self.lines.append(json.loads(text))
        return code

    def of_type(self, kind: str) -> list[Line]:
        return [line for line in self.lines if line["type"] == kind]

    def _read_lines(self) -> None:
        for text in self.process.stdout or ():
            self._coming.put(text)
        self._coming.put(None)

    def _read_errors(self) -> None:
        for text in self.process.stderr or ():
            self.errors += text


@dataclass(slots=True)
class Program:
    """``var`` is the folder that the program writes to."""

    var: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    _started: list[Running] = field(default_factory=list)

    @property
    def database(self) -> Path:
        return self.var / "db.sqlite3"

    def run(self, *arguments: object, limit: Callable[[], None] | None = None) -> "subprocess.CompletedProcess[str]":
        """``limit`` is called in the new process before the command begins."""
        return subprocess.run(
            self._command(arguments),
            cwd=ROOT,
            env=self._environment(),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
            preexec_fn=limit,
        )

    def start(self, *arguments: object, limit: Callable[[], None] | None = None) -> Running:
        process = subprocess.Popen(
            self._command(arguments),
            cwd=ROOT,
            env=self._environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            preexec_fn=limit,  # noqa: PLW1509
        )
        running = Running(process)
        self._started.append(running)
        return running

    @contextmanager
    def books(self) -> Iterator[None]:
        """The program's database in the place of the test's own."""
        parsed = dict(dj_database_url.parse(f"sqlite:///{self.database}"))
        # As the program's own: without them a reader that goes on to write fails where the program writes meanwhile.
        parsed["OPTIONS"] = SQLITE_OPTIONS
        connections.settings["program"] = connections.configure_settings({"default": {}, "program": parsed})["program"]
        try:
            wrapper = connections.create_connection("program")
        finally:
            del connections.settings["program"]
        wrapper.alias = "default"
        try:
            with as_default(wrapper):
                yield
        finally:
            wrapper.close()

    def stop_all(self) -> None:
        for running in self._started:
            running.process.kill()
            running.process.wait()

    def _command(self, arguments: Sequence[object]) -> list[str]:
        return [sys.executable, "manage.py", *map(str, arguments)]

    def _environment(self) -> dict[str, str]:
        usual = {
            name: value
            for name, value in os.environ.items()
            if name not in ("RPC_URL", "DATABASE_URL", "NETWORKS_DIR", "DEXPROJECT_VAR", "DJANGO_SETTINGS_MODULE")
        }
        return {**usual, "DEXPROJECT_VAR": str(self.var), **self.environment}


def processes_with(text: str) -> list[int]:
    """Living processes whose command line holds ``text``, zombies left out; Linux only."""
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            status = (folder / "status").read_text()
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
        if text in command and "\nState:\tZ" not in status:
            found.append(int(folder.name))
    return found


def one_clear_line(done: "subprocess.CompletedProcess[str]") -> str:
    """The single line on standard error that the command failed with."""
    assert done.returncode == 1, (done.returncode, done.stderr, done.stdout[-500:])
    assert "Traceback" not in done.stdout + done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, lines
    return lines[0]
