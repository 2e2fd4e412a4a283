"""Whose page asks: the origin of a request, and whether it is ours (RFC 6454; WHATWG on Origin and Referer)."""

from functools import lru_cache
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from rest_framework.request import Request

_DEFAULT_PORTS = {"http": 80, "https": 443}


def is_our_origin(origin: str | None) -> bool:
    """Whether ``origin`` is that of one of ``settings.PUBLIC_URLS``: the same scheme, host and port, letter for letter.

    Browsers write an origin in one way only, so one that is written otherwise is nobody's. ``null`` is nobody's too.
    """
    return origin is not None and origin in _ours(tuple(settings.PUBLIC_URLS))


def origin_of(request: HttpRequest | Request) -> str | None:
    """What the browser says that the page is whose script or form asks: ``Origin``, else the origin of ``Referer``.

    An ``Origin`` that is there decides alone, also where it is ``null``.
    """
    said = request.headers.get("Origin")
    return _origin(request.headers.get("Referer", "")) if said is None else said


@lru_cache(maxsize=16)
def _ours(urls: tuple[str, ...]) -> frozenset[str]:
    return frozenset(found for found in map(_origin, urls) if found is not None)


def _origin(url: str) -> str | None:
    """``scheme://host[:port]`` as browsers write it; None for what is no web address."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or "@" in parts.netloc:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}" + ("" if port in (None, _DEFAULT_PORTS[parts.scheme]) else f":{port}")
