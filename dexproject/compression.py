"""What is made for one reader leaves compressed, where that reader takes gzip."""

import asyncio
import re
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from gzip import GzipFile
from io import BytesIO
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.text import compress_string

LEAST_BYTES = 1_000
"""What fits into a packet comes no sooner."""

SHORT_BYTES = 30_000
"""What is longer would hold up the loop for a millisecond, and goes to a thread."""

PADDING_BYTES = 100
"""At random, so that the size does not tell what a text has in common with what somebody else put into it (BREACH)."""

LEVEL = 6

STREAMED = "application/x-ndjson"
"""Lines that are read one by one as they come: each is sent whole."""

COMPRESSED = ("text/html", "text/plain", "application/json", "application/vnd.oai.openapi")
GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))")


class CompressionMiddleware:
    """Pages and lists leave with a tenth of their size, where the reader takes gzip; static files have copies of their
    own. Django's middleware of this kind changes threads for every request."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        if self.is_async:
            return self._later(request)
        response: HttpResponseBase = self.get_response(request)
        if isinstance(response, HttpResponse) and _is_worth_it(request, response):
            _put(response, _compressed(response.content))
        return _streamed(request, response)

    async def _later(self, request: HttpRequest) -> HttpResponseBase:
        response: HttpResponseBase = await self.get_response(request)
        if isinstance(response, HttpResponse) and _is_worth_it(request, response):
            content = response.content
            short = len(content) < SHORT_BYTES
            _put(response, _compressed(content) if short else await asyncio.to_thread(_compressed, content))
        return _streamed(request, response)


def _is_worth_it(request: HttpRequest, response: HttpResponse) -> bool:
    if not response.headers.get("Content-Type", "").startswith(COMPRESSED) or len(response.content) < LEAST_BYTES:
        return False
    return _may_be(request, response)


def _may_be(request: HttpRequest, response: HttpResponseBase) -> bool:
    """Also tells caches what the answer depends on."""
    patch_vary_headers(response, ("Accept-Encoding",))
    return not response.has_header("Content-Encoding") and GZIP.search(_accepted(request)) is not None


def _streamed(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    if (
        isinstance(response, StreamingHttpResponse)
        and response.headers.get("Content-Type") == STREAMED
        and _may_be(request, response)
    ):
        parts = response.streaming_content
        response.streaming_content = _packed(parts) if isinstance(parts, Iterator) else _packed_later(parts)
        response.headers["Content-Encoding"] = "gzip"
    return response


class _Packer:
    """One gzip file, each piece of which can be unpacked as soon as it has come."""

    def __init__(self) -> None:
        self._made = BytesIO()
        padding = "a" * secrets.randbelow(PADDING_BYTES)
        self._file = GzipFile(filename=padding, mode="wb", compresslevel=LEVEL, fileobj=self._made, mtime=0)

    def piece(self, plain: bytes) -> bytes:
        self._file.write(plain)
        self._file.flush()
        return self._taken()

    def end(self) -> bytes:
        self._file.close()
        return self._taken()

    def _taken(self) -> bytes:
        taken = self._made.getvalue()
        self._made.seek(0)
        self._made.truncate()
        return taken


def _packed(pieces: Iterator[bytes]) -> Iterator[bytes]:
    packer = _Packer()
    for piece in pieces:
        yield packer.piece(piece)
    yield packer.end()


async def _packed_later(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    packer = _Packer()
    async for piece in pieces:
        short = len(piece) < SHORT_BYTES
        yield packer.piece(piece) if short else await asyncio.to_thread(packer.piece, piece)
    yield packer.end()


def _accepted(request: HttpRequest) -> str:
    return request.headers.get("Accept-Encoding", "").lower()


def _compressed(content: bytes) -> bytes:
    return compress_string(content, max_random_bytes=PADDING_BYTES)


def _put(response: HttpResponse, compressed: bytes) -> None:
    response.content = compressed
    response.headers["Content-Encoding"] = "gzip"
    response.headers["Content-Length"] = str(len(compressed))
    etag = response.headers.get("ETag", "")
    if etag.startswith('"'):
        response.headers["ETag"] = f"W/{etag}"
