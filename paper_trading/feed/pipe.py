"""What goes out to one client, past ASGI's ``send``, which can neither say that he is slow nor close with 1013.

Frames are written as bytes that were put together once for all clients; what is written within one turn of the loop
leaves in one packet.
"""

import socket
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, cast

from autobahn.websocket.protocol import WebSocketProtocol

MOST_WAITING = 262_144
"""Bytes of events that wait for a slow client, after what the transport takes: several hundred frames."""

KERNEL_BYTES = 65_536
"""The kernel would take megabytes of what is long out of date by the time that a slow client reads it."""

CLOSE_SECONDS = 10.0
"""A slow client gets so long to see that it was closed."""

SLOW = 1013
_TEXT = 0x81


def encoded(text: str) -> bytes:
    """``text`` as one unmasked text message (RFC 6455, 5.2)."""
    payload = text.encode()
    size = len(payload)
    if size < 126:
        return bytes((_TEXT, size)) + payload
    if size < 65_536:
        return bytes((_TEXT, 126)) + size.to_bytes(2, "big") + payload
    return bytes((_TEXT, 127)) + size.to_bytes(8, "big") + payload


def pipe_of(send: Callable[[Any], Awaitable[None]]) -> "Pipe":
    """The pipe behind the ``send`` of an accepted socket. Raises ``TypeError`` where it is not daphne that serves."""
    protocol = send.args[0] if isinstance(send, partial) and send.args else None
    if not isinstance(protocol, WebSocketProtocol):
        raise TypeError("sockets of the feed need daphne")
    return Pipe(protocol)


class Pipe:
    """Takes messages without waiting. Events are never dropped: a client for whom too many wait is closed. Of states
    only the newest waits."""

    def __init__(self, protocol: WebSocketProtocol) -> None:
        self._protocol: Any = protocol  # of which autobahn's types know little
        self._transport = cast(Any, protocol).transport
        self._paused = False
        self.closing = False
        self._events: list[bytes] = []
        self._waiting = 0
        self._states: dict[str, bytes] = {}
        handle = self._transport.getHandle()
        if handle is not None:
            handle.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, KERNEL_BYTES)
        # Twisted's HTTP channel, which has handed the connection over, still has itself told.
        self._transport.unregisterProducer()
        self._transport.registerProducer(self, True)

    def tell(self, message: bytes) -> None:
        if self.closing:
            return
        if not self._paused:
            self._write(message)
        elif self._waiting + len(message) <= MOST_WAITING:
            self._events.append(message)
            self._waiting += len(message)
        else:
            self.close(SLOW)

    def tell_state(self, name: str, message: bytes) -> None:
        """The newest state of ``name``."""
        if self.closing:
            return
        if self._paused:
            self._states[name] = message
        else:
            self._write(message)

    def close(self, code: int) -> None:
        """What waits is forgotten: whoever comes back resumes from what he saw."""
        if self.closing:
            return
        self.closing = True
        self._forget()
        self._protocol.closeHandshakeTimeout = CLOSE_SECONDS
        self._protocol.sendCloseFrame(code=code)

    def pauseProducing(self) -> None:  # noqa: N802 - Twisted's name
        """The transport has more than it can send."""
        self._paused = True

    def resumeProducing(self) -> None:  # noqa: N802
        self._paused = False
        waiting = b"".join((*self._events, *self._states.values()))
        self._forget()
        if waiting:
            self._write(waiting)

    def stopProducing(self) -> None:  # noqa: N802
        """The connection is gone."""
        self.closing = True
        self._forget()

    def _write(self, message: bytes) -> None:
        """At once, where nothing that was written before still waits in the transport: to wait for the loop and for the
        kernel's word that it takes more costs several times as much as sending."""
        if self._protocol.state != WebSocketProtocol.STATE_OPEN:
            return  # nothing may follow a close frame, whoever said it
        transport = self._transport
        if transport.connected and not transport.dataBuffer and not transport._tempDataBuffer:
            sent = transport.writeSomeData(message)
            if sent == len(message):
                return
            if isinstance(sent, int):
                message = message[sent:]
        transport.write(message)

    def _forget(self) -> None:
        self._events.clear()
        self._waiting = 0
        self._states.clear()
