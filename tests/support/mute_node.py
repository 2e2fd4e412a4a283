"""A relay in front of a node that can fall silent: it takes connections and requests, and never answers."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

PART = 65_536


class MuteNode:
    """``url`` is the relay's. Without ``upstream`` it is mute from the beginning; ``heard`` once something was sent."""

    def __init__(self, upstream: str = "") -> None:
        self._upstream = urlsplit(upstream)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = [self._listener]
        self._mute = threading.Event()
        self.heard = threading.Event()
        if not upstream:
            self._mute.set()
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def mute(self) -> None:
        """From now on nothing comes back any more, on open connections neither."""
        self.heard.clear()
        self._mute.set()

    def close(self) -> None:
        for one in self._open:
            with suppress(OSError):
                one.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self._open.append(client)
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        if not self._upstream.hostname:
            self._pass_on(client, None)
            return
        node = socket.create_connection((self._upstream.hostname, self._upstream.port or 80))
        self._open.append(node)
        threading.Thread(target=self._pass_on, args=(node, client), daemon=True).start()
        self._pass_on(client, node)

    def _pass_on(self, source: socket.socket, target: socket.socket | None) -> None:
        with suppress(OSError):
            while data := source.recv(PART):
                if not self._mute.is_set() and target is not None:
                    target.sendall(data)
                else:
                    self.heard.set()


@contextmanager
def mute_node(upstream: str = "") -> Iterator[MuteNode]:
    """A relay on a free port before ``upstream``."""
    node = MuteNode(upstream)
    try:
        yield node
    finally:
        node.close()
