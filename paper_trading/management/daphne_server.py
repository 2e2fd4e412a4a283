"""Daphne in a thread that is not the main one, and ended in order. Importing it installs the reactor it runs on."""

import socket
from collections.abc import Awaitable, Callable
from typing import Any

from autobahn.websocket.protocol import WebSocketProtocol
from daphne.server import Server  # type: ignore[import-untyped]
from twisted.internet import reactor

LOOK_SECONDS = 0.02


class GracefulServer(Server):  # type: ignore[misc]
    connections: dict[object, dict[str, Any]]

    def __init__(self, application: Callable[..., Awaitable[None]], listening: socket.socket) -> None:
        """Takes ``listening`` over: the reactor closes its descriptor once it has a copy."""
        endpoint = f"fd:fileno={listening.detach()}"
        super().__init__(application, endpoints=[endpoint], signal_handlers=False, verbosity=0)

    def leave(self) -> None:
        """From any thread, also before it runs: tell open sockets, and stop."""
        reactor.callFromThread(self._close_sockets)

    def _close_sockets(self) -> None:
        for one in self._sockets(WebSocketProtocol.STATE_OPEN):
            # Not sendClose, which takes only what an application may say.
            one.sendCloseFrame(code=WebSocketProtocol.CLOSE_STATUS_CODE_GOING_AWAY)
        self._stop_when_closed()

    def _stop_when_closed(self) -> None:
        """Autobahn waits a second for an answer and then drops the connection."""
        if self._sockets(WebSocketProtocol.STATE_CLOSING):
            reactor.callLater(LOOK_SECONDS, self._stop_when_closed)  # type: ignore[arg-type]
        else:
            self.stop()

    def _sockets(self, state: int) -> list[WebSocketProtocol]:
        return [one for one in self.connections if isinstance(one, WebSocketProtocol) and one.state == state]
