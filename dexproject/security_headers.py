"""What browsers are told to refuse on our behalf. Django's own middlewares add HSTS, nosniff, referrer and opener."""

from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponseBase

NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""For what is no page: a browser that shows it must neither load nor run anything."""

PAGE = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""Wallets show their icons as ``data:`` (EIP-6963); everything else comes from here, and nothing stands inline."""

POWERS = ", ".join(
    f"{power}=()"
    for power in (
        *("accelerometer", "autoplay", "browsing-topics", "camera", "clipboard-read", "display-capture"),
        *("encrypted-media", "fullscreen", "gamepad", "geolocation", "gyroscope", "hid", "idle-detection"),
        *("local-fonts", "magnetometer", "microphone", "midi", "payment", "picture-in-picture"),
        *("publickey-credentials-create", "publickey-credentials-get", "screen-wake-lock", "serial"),
        *("storage-access", "sync-xhr", "usb", "window-management", "xr-spatial-tracking"),
    )
)
"""All that a page could ask a browser for, but writing to the clipboard, which takes a click anyway."""


class SecurityHeadersMiddleware:
    """Outermost, so that refusals and errors carry the headers too; what a view said itself stays.

    Async, so that a request changes threads no more often for it. Nothing may be kept but what says that it may: static
    files do.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        return self._later(request) if self.is_async else _guarded(self.get_response(request))

    async def _later(self, request: HttpRequest) -> HttpResponseBase:
        return _guarded(await self.get_response(request))


def _guarded(response: HttpResponseBase) -> HttpResponseBase:
    headers = response.headers
    is_page = headers.get("Content-Type", "").startswith("text/html")
    headers.setdefault("Content-Security-Policy", PAGE if is_page else NOTHING)
    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", POWERS)
    headers.setdefault("Cache-Control", "no-store")
    return response
