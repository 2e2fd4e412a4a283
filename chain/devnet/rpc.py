"""Plain JSON-RPC over one kept-alive connection, for the world builders that must wait for every answer anyway."""

import json
import socket
from collections.abc import Sequence
from io import BufferedReader
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from chain.errors import NodeUnavailable, RpcError


class Rpc:
    """Not for threads: one connection."""

    def __init__(self, url: str, *, timeout: float = 30.0) -> None:
        parts = urlsplit(url)
        self._address = parts.hostname or "127.0.0.1", parts.port or 80
        self._timeout = timeout
        self._connection: tuple[socket.socket, BufferedReader] | None = None

    def call(self, method: str, *params: Any) -> Any:
        """Raises ``RpcError`` for the node's own errors and ``NodeUnavailable`` where it does not answer."""
        return _result(self._exchange(_body(0, method, params)), method)

    def batch(self, requests: Sequence[tuple[str, Sequence[Any]]]) -> list[Any]:
        """Results in the order of the requests, in one round trip; the first error raises. For reads: the node works
        on a batch in any order."""
        if not requests:
            return []
        answers = self._exchange([_body(i, *request) for i, request in enumerate(requests)])
        answers.sort(key=lambda answer: int(answer["id"]))
        return [_result(answer, method) for (method, _), answer in zip(requests, answers, strict=True)]

    def close(self) -> None:
        if self._connection is not None:
            connection, reader = self._connection
            reader.close()
            connection.close()
            self._connection = None

    def _exchange(self, body: Any) -> Any:
        try:
            connection, reader = self._connected()
            connection.sendall(_post(body))
            return json.loads(_read(reader))
        except (OSError, ValueError) as error:
            self.close()
            raise NodeUnavailable(f"the local node does not answer: {error}") from error

    def _connected(self) -> tuple[socket.socket, BufferedReader]:
        if self._connection is None:
            connection = socket.create_connection(self._address, self._timeout)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._connection = connection, connection.makefile("rb")
        return self._connection

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _body(number: int, method: str, params: Sequence[Any]) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": number, "method": method, "params": params}


def _post(body: Any) -> bytes:
    content = json.dumps(body).encode()
    head = f"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(content)}\r\n"
    return head.encode() + b"Content-Type: application/json\r\n\r\n" + content


def _read(reader: BufferedReader) -> bytes:
    """The body of one response; anvil always states its length."""
    length = -1
    if not reader.readline():
        raise ConnectionError("connection closed")
    while (line := reader.readline().strip().lower()) != b"":
        if line.startswith(b"content-length:"):
            length = int(line.partition(b":")[2])
    body = reader.read(length) if length >= 0 else b""
    if len(body) != length:
        raise ConnectionError("connection closed within an answer")
    return body


def _result(answer: dict[str, Any], method: str) -> Any:
    if "error" in answer:
        error = answer["error"]
        raise RpcError(f"{method}: {error.get('message')}", code=error.get("code"), data=error.get("data"))
    return answer["result"]
