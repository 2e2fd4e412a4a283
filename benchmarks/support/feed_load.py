"""Many sockets of the feed in one process, read by one loop that does as little as possible for each frame."""

import json
import os
import select
import socket
import struct
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

_HEAD_BYTES = 2
_AT, _SEQ = b'"at":', b'"seq":'


@dataclass(slots=True)
class Listener:
    connection: socket.socket
    topic: str
    buffer: bytes = b""
    seq: int | None = None
    heard: int = 0
    closed: int | None = None


@dataclass(slots=True)
class Heard:
    """``delays`` in nanoseconds; ``gaps`` are frames that did not follow the one before."""

    delays: list[int] = field(default_factory=list)
    gaps: int = 0


def opened(port: int, ticket: str, topic: str, *more: str, receive_bytes: int | None = None) -> Listener:
    """A socket that has subscribed to ``topic`` and ``more``."""
    connection = socket.socket()
    if receive_bytes is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
    connection.connect(("127.0.0.1", port))
    lines = [
        f"GET /ws/feed/?ticket={ticket} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version: 13",
    ]
    connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += connection.recv(4096)
    if b" 101 " not in answer.split(b"\r\n", 1)[0]:
        raise SystemExit(f"the socket was refused: {answer[:200]!r}")
    for one in (topic, *more):
        connection.sendall(_masked(0x81, json.dumps({"op": "subscribe", "topic": one}).encode()))
    return Listener(connection=connection, topic=topic, buffer=answer.split(b"\r\n\r\n", 1)[1])


def listen(listeners: Sequence[Listener], *, seconds: float, skip: float) -> Heard:
    """Reads for ``seconds``; what came in the first ``skip`` is no part of the delays."""
    heard, poll = Heard(), select.epoll()
    by_fd = {one.connection.fileno(): one for one in listeners}
    for fd, one in by_fd.items():
        one.connection.setblocking(False)
        poll.register(fd, select.EPOLLIN)
    began = time.monotonic()
    counted_from = time.monotonic_ns() + int(skip * 1e9)
    while time.monotonic() - began < seconds:
        for fd, _ in poll.poll(0.2):
            one = by_fd[fd]
            try:
                data = one.connection.recv(262_144)
            except ConnectionResetError:
                data = b""
            now = time.monotonic_ns()
            if not data:
                one.closed = 1006 if one.closed is None else one.closed
                poll.unregister(fd)
                continue
            _take(one, one.buffer + data, now, counted_from, heard)
    return heard


def _take(one: Listener, data: bytes, now: int, counted_from: int, heard: Heard) -> None:
    at, size = 0, len(data)
    while size - at >= _HEAD_BYTES:
        length, start = data[at + 1], at + 2
        if length == 126:
            length, start = int.from_bytes(data[at + 2 : at + 4], "big"), at + 4
        if size < start + length:
            break
        end = start + length
        if data[at] == 0x81:
            _frame(one, data, start, end, now, counted_from, heard)
        elif data[at] == 0x88:
            one.closed = int.from_bytes(data[start : start + 2], "big")
        elif data[at] == 0x89:
            one.connection.send(_masked(0x8A, data[start:end]))
        at = end
    one.buffer = data[at:]


def _frame(one: Listener, data: bytes, start: int, end: int, now: int, counted_from: int, heard: Heard) -> None:
    place = data.find(_SEQ, start, end) + len(_SEQ)
    seq = int(data[place : data.index(b",", place)])
    if one.seq is not None and seq != one.seq + 1:
        heard.gaps += 1
    one.seq = seq
    found = data.rfind(_AT, start, end)
    if found >= 0:
        one.heard += 1
        if now >= counted_from:
            heard.delays.append(now - int(data[found + len(_AT) : end - 2]))


def _masked(first: int, payload: bytes) -> bytes:
    mask = os.urandom(4)
    length = bytes((0x80 | len(payload),)) if len(payload) < 126 else bytes((0xFE,)) + struct.pack("!H", len(payload))
    return bytes((first,)) + length + mask + bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))
