import gzip
import os
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from wsgiref.headers import Headers

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from whitenoise.middleware import WhiteNoiseMiddleware  # type: ignore[import-untyped]
from whitenoise.responders import StaticFile  # type: ignore[import-untyped]

COMPRESSED = frozenset({".css", ".js", ".mjs", ".svg"})
UNUSED_SECONDS = 7 * 86_400
"""For how long no process may have started with a copy before it is removed."""


class StaticFilesMiddleware(WhiteNoiseMiddleware):  # type: ignore[misc]
    """WhiteNoise's answers from memory, without the two thread changes that its own sync call costs each request.

    Texts are compressed once, at the first start that meets them; copies that no start met for a week are removed.
    Everything else must name a host of ``ALLOWED_HOSTS``, whether its view looks at the name or not.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        super().__init__(get_response)
        remove_unused_copies()
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)

    def get_static_file(
        self, path: str, url: str, stat_cache: Mapping[str, os.stat_result] | None = None
    ) -> StaticFile:
        """With the compressed copy, which WhiteNoise itself looks for beside the file only."""
        if Path(path).suffix not in COMPRESSED:
            return super().get_static_file(path, url, stat_cache)
        headers = Headers([])
        self.add_mime_headers(headers, path, url)
        self.add_cache_headers(headers, path, url)
        return StaticFile(path, headers.items(), encodings={"gzip": str(_compressed(Path(path)))})

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        if self.is_async:
            return self._later(request)
        found = self.files.get(request.path_info)
        if found is not None:
            return self._served(found, request)
        request.get_host()
        passed: HttpResponseBase = self.get_response(request)
        return passed

    def _served(self, found: StaticFile, request: HttpRequest) -> HttpResponseBase:
        try:
            served: HttpResponseBase = self.serve(found, request)
        except FileNotFoundError:
            # The compressed copy was removed under us; the file itself is still there.
            request.META.pop("HTTP_ACCEPT_ENCODING", None)
            served = self.serve(found, request)
        return served

    async def _later(self, request: HttpRequest) -> HttpResponseBase:
        found = self.files.get(request.path_info)
        if found is not None:
            return self._served(found, request)
        request.get_host()
        passed: HttpResponseBase = await self.get_response(request)
        return passed


def remove_unused_copies() -> None:
    """Also what a process that was killed left half written. Each start makes its own copies look new."""
    latest = time.time() - UNUSED_SECONDS
    for copy in Path(settings.STATIC_COPIES).glob("*"):
        with suppress(FileNotFoundError):  # another process was faster
            if copy.stat().st_mtime < latest:
                copy.unlink()


def _compressed(path: Path) -> Path:
    """Named after what it holds, so that no copy is ever out of date; a new one appears whole or not at all."""
    found = path.stat()
    copy = Path(settings.STATIC_COPIES) / f"{_digest(path, found.st_mtime_ns, found.st_size)}.gz"
    try:
        os.utime(copy)
    except FileNotFoundError:
        copy.parent.mkdir(parents=True, exist_ok=True)
        fresh = copy.with_suffix(f".{os.getpid()}")
        fresh.write_bytes(gzip.compress(path.read_bytes(), mtime=0))
        fresh.replace(copy)
    return copy


@cache
def _digest(path: Path, changed: int, size: int) -> str:
    return sha256(path.read_bytes()).hexdigest()
