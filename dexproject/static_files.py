import gzip
import os
from collections.abc import Awaitable, Callable, Mapping
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


class StaticFilesMiddleware(WhiteNoiseMiddleware):  # type: ignore[misc]
    """WhiteNoise's answers from memory, without the two thread changes that its own sync call costs each request.

    Texts are compressed once, at the first start that meets them. Everything else must name a host of
    ``ALLOWED_HOSTS``, whether its view looks at the name or not.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        super().__init__(get_response)
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
            served: HttpResponseBase = self.serve(found, request)
            return served
        request.get_host()
        passed: HttpResponseBase = self.get_response(request)
        return passed

    async def _later(self, request: HttpRequest) -> HttpResponseBase:
        found = self.files.get(request.path_info)
        if found is not None:
            served: HttpResponseBase = self.serve(found, request)
            return served
        request.get_host()
        passed: HttpResponseBase = await self.get_response(request)
        return passed


def _compressed(path: Path) -> Path:
    """Named after what it holds, so that no copy is ever out of date; a new one appears whole or not at all."""
    content = path.read_bytes()
    copy = Path(settings.STATIC_COPIES) / f"{sha256(content).hexdigest()}.gz"
    if not copy.exists():
        copy.parent.mkdir(parents=True, exist_ok=True)
        fresh = copy.with_suffix(f".{os.getpid()}")
        fresh.write_bytes(gzip.compress(content, mtime=0))
        fresh.replace(copy)
    return copy
