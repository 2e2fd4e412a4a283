"""A small load: one HTTP/1.1 connection a worker, kept open, each asking again as soon as it was answered."""

import asyncio
import time
from collections.abc import Mapping


async def load(host: str, port: int, path: str, *, headers: Mapping[str, str], workers: int, count: int) -> list[float]:
    """Milliseconds of each of ``count`` GETs of ``path``, ``workers`` in flight. Raises for anything but a 200."""
    left = iter(range(count))
    taken: list[float] = []
    lines = [f"GET {path} HTTP/1.1", f"Host: {host}:{port}", *(f"{name}: {value}" for name, value in headers.items())]
    request = ("\r\n".join(lines) + "\r\n\r\n").encode()

    async def work() -> None:
        reader, writer = await asyncio.open_connection(host, port, limit=2**24)
        try:
            for _ in left:
                started = time.perf_counter()
                writer.write(request)
                await _answer(reader, path)
                taken.append(1000 * (time.perf_counter() - started))
        finally:
            writer.close()

    await asyncio.gather(*(work() for _ in range(workers)))
    return taken


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
