"""A small load: one HTTP/1.1 connection a worker, kept open, each asking again as soon as it was answered."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Self

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Load:
    """``workers`` connections to one server; what they ask carries ``headers``."""

    def __init__(self, host: str, port: int, headers: Mapping[str, str], connections: Sequence[Connection]) -> None:
        self._lines = [f"Host: {host}:{port}", *(f"{name}: {value}" for name, value in headers.items())]
        self._connections = connections

    @classmethod
    @asynccontextmanager
    async def to(cls, host: str, port: int, *, headers: Mapping[str, str], workers: int) -> AsyncIterator[Self]:
        connections = [await asyncio.open_connection(host, port, limit=2**24) for _ in range(workers)]
        try:
            yield cls(host, port, headers, connections)
        finally:
            for _, writer in connections:
                writer.close()

    async def ask(self, path: str, *, count: int) -> list[float]:
        """Milliseconds of each of ``count`` GETs of ``path``, one a worker in flight. Raises for anything but a 200."""
        request = ("\r\n".join([f"GET {path} HTTP/1.1", *self._lines]) + "\r\n\r\n").encode()
        left, taken = iter(range(count)), list[float]()
        await asyncio.gather(*(_work(one, path, request, left, taken) for one in self._connections))
        return taken


async def _work(connection: Connection, path: str, request: bytes, left: Iterator[int], taken: list[float]) -> None:
    reader, writer = connection
    for _ in left:
        started = time.perf_counter()
        writer.write(request)
        await _answer(reader, path)
        taken.append(1000 * (time.perf_counter() - started))


async def _answer(reader: asyncio.StreamReader, path: str) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.decode("latin-1").lower().split("\r\n")
    fields = dict(line.split(": ", 1) for line in lines[1:] if ": " in line)
    body = await _body(reader, fields)
    if not lines[0].startswith("http/1.1 200"):
        raise SystemExit(f"{path}: {lines[0]} {body[:300]!r}")
    return body


async def _body(reader: asyncio.StreamReader, fields: Mapping[str, str]) -> bytes:
    if "content-length" in fields:
        return await reader.readexactly(int(fields["content-length"]))
    body = b""
    while size := int(await reader.readline(), 16):
        body += await reader.readexactly(size)
        await reader.readline()
    await reader.readline()
    return body
