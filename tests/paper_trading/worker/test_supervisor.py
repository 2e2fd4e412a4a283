"""The host's process under a worker: kept alive, and ended by its standard input."""

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from paper_trading.worker.supervisor import HostSupervisor
from tests.support.program import ROOT

UNTIL_CLOSED = "import sys, pathlib; sys.stdin.read(); pathlib.Path(sys.argv[1]).write_text('handed over')"
CRASHES = "import sys, pathlib; open(sys.argv[1], 'a').write('x'); sys.exit('the database is away')"
DEAF = """
import pathlib, signal, sys, time
def on_term(*_):
    pathlib.Path(sys.argv[1]).write_text('terminated')
    sys.exit()
signal.signal(signal.SIGTERM, on_term)
print('ready', file=sys.stderr, flush=True)
time.sleep(60)
"""
WORKER = """
import os, sys, time
from paper_trading.worker.supervisor import HostSupervisor
host = HostSupervisor([sys.executable, '-c', sys.argv[1], sys.argv[2]], environment=os.environ, say=lambda line: None)
host.start()
while host.pid is None:
    time.sleep(0.01)
if os.fork() == 0:
    time.sleep(60)
print('forked', flush=True)
time.sleep(60)
"""


def soon(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.02)


def supervisor(
    script: str, file: Path, *, said: list[str] | None = None, hand_over_seconds: float = 15.0
) -> HostSupervisor:
    return HostSupervisor(
        [sys.executable, "-c", script, str(file)],
        environment=os.environ,
        say=[].append if said is None else said.append,
        first_pause=0.01,
        hand_over_seconds=hand_over_seconds,
    )


def test_a_stop_closes_the_pipe_and_waits_for_the_hand_over(tmp_path: Path) -> None:
    file = tmp_path / "end"
    host = supervisor(UNTIL_CLOSED, file)
    host.start()
    soon(lambda: host.pid is not None)
    assert not file.exists()
    host.stop()
    assert file.read_text() == "handed over"


def test_a_host_that_dies_is_started_again_and_its_last_line_is_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file, said = tmp_path / "starts", list[str]()
    host = supervisor(CRASHES, file, said=said)
    with caplog.at_level(logging.WARNING):
        host.start()
        soon(lambda: file.exists() and len(file.read_text()) >= 3)
        host.stop()
    assert "exit code 1: the database is away" in caplog.text
    assert "again in 0.01 s" in caplog.text
    assert "again in 0.02 s" in caplog.text
    assert said[0] == "the database is away\n"


def test_a_host_that_was_killed_comes_back(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    host = supervisor(UNTIL_CLOSED, tmp_path / "end")
    host.start()
    soon(lambda: host.pid is not None)
    first = host.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    soon(lambda: host.pid not in (None, first))
    host.stop()
    assert "signal SIGKILL" in caplog.text


def test_a_host_that_hangs_is_terminated(tmp_path: Path) -> None:
    file, said = tmp_path / "end", list[str]()
    host = supervisor(DEAF, file, said=said, hand_over_seconds=0.3)
    host.start()
    soon(lambda: said == ["ready\n"])
    host.stop()
    assert file.read_text() == "terminated"


def test_a_program_that_is_not_there_is_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    host = HostSupervisor(["/nowhere/host"], environment=os.environ, say=lambda _: None, first_pause=0.01)
    with caplog.at_level(logging.WARNING):
        host.start()
        soon(lambda: caplog.text.count("it cannot be started: ") >= 2)
        host.stop()
    assert "No such file" in caplog.text


def test_kill_9_of_the_worker_reaches_the_host_although_a_fork_of_the_worker_lives(tmp_path: Path) -> None:
    file = tmp_path / "end"
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER, UNTIL_CLOSED, str(file)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "forked\n"
        worker.kill()
        soon(file.exists)
    finally:
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
