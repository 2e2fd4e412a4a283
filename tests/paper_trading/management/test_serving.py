"""The web in the bot's process: its threads, and how it ends. In a process of its own: a reactor runs once in each."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.support.program import PATIENCE, ROOT

A_FEW_SECONDS = 5.0
HANDSHAKE = (
    b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


@dataclass(slots=True)
class Web:
    process: "subprocess.Popen[str]"
    port: str
    database_thread: str

    def open_socket(self) -> ClientConnection:
        return connect(f"ws://127.0.0.1:{self.port}/", open_timeout=PATIENCE, proxy=None)

    def end(self) -> list[str]:
        """What it said after it was told to end."""
        rest, errors = self.process.communicate(timeout=PATIENCE)
        assert (self.process.returncode, errors) == (0, "")
        return rest.splitlines()


@pytest.fixture
def web() -> Iterator[Web]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.open_socket"],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "dexproject.settings"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    port, _, thread = process.stdout.readline().strip().partition(" ")
    yield Web(process, port, thread)
    if process.poll() is None:
        process.kill()
        process.communicate()


def test_open_sockets_are_told_that_the_server_goes_away(web: Web) -> None:
    with web.open_socket() as one, web.open_socket() as other:
        one.recv(PATIENCE)
        other.recv(PATIENCE)
        assert web.process.stdin is not None
        web.process.stdin.close()
        web.process.stdin = None
        for opened in (one, other):
            with pytest.raises(ConnectionClosed) as closed:
                opened.recv(PATIENCE)
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1001
    assert web.end() == ["stopped"]


def test_a_socket_that_does_not_answer_holds_up_nothing(web: Web) -> None:
    with socket.create_connection(("127.0.0.1", int(web.port))) as silent:
        silent.sendall(HANDSHAKE)
        assert silent.recv(12) == b"HTTP/1.1 101"
        began = time.monotonic()
        assert web.end() == ["stopped"]
        assert time.monotonic() - began < A_FEW_SECONDS


def test_a_request_that_takes_long_holds_up_nothing(web: Web) -> None:
    with socket.create_connection(("127.0.0.1", int(web.port))) as waiting:
        waiting.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert waiting.recv(12) == b"HTTP/1.1 200"
        began = time.monotonic()
        assert web.end() == ["stopped"]
        assert time.monotonic() - began < A_FEW_SECONDS


def test_the_work_of_sockets_is_not_done_in_the_bots_thread(web: Web) -> None:
    with web.open_socket() as one, web.open_socket() as other:
        names = {one.recv(PATIENCE), other.recv(PATIENCE)}
    assert len(names) == 1
    assert web.database_thread not in names
    web.end()
