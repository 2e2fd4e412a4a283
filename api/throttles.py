"""How many requests a minute: counted for each client and for each token, in fixed windows."""

import time
from collections import Counter
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.cache import cache
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

if TYPE_CHECKING:
    from rest_framework.views import APIView  # which imports this module, named in the settings

WINDOW = 60
MOST_ALONE = 10_000
_alone: Counter[str] = Counter()


class ClientThrottle(BaseThrottle):
    """By the client's address (``NUM_PROXIES`` says how many proxies may name it), asked before authentication."""

    def allow_request(self, request: Request, view: "APIView") -> bool:
        return under_limit(f"client:{self.get_ident(request)}", settings.API_REQUESTS_PER_CLIENT)

    def wait(self) -> float:
        return window_left()


class TokenThrottle(BaseThrottle):
    """By the token, or the login, that the request was authenticated with."""

    def allow_request(self, request: Request, view: "APIView") -> bool:
        key = getattr(request.auth, "pk", None)
        # Tokens and logins are numbered for themselves.
        kind = type(request.auth).__name__
        return key is None or under_limit(f"{kind}:{key}", settings.API_REQUESTS_PER_TOKEN)

    def wait(self) -> float:
        return window_left()


def under_limit(who: str, limit: int | None, *, counts_alone: bool = False) -> bool:
    """Count one request of ``who`` in this window; False beyond ``limit``. None is no limit.

    A cache that is away counts nothing and stops nobody, but with ``counts_alone`` this process goes on by itself.
    """
    if limit is None:
        return True
    key = f"throttle:{who}:{int(time.time()) // WINDOW}"
    count = _incremented(key)
    if count is None:
        count = 1 if cache.add(key, 1, timeout=2 * WINDOW) else _incremented(key)
    if count is None and counts_alone:
        count = _counted_alone(key)
    return count is None or count <= limit


def _counted_alone(key: str) -> int:
    if len(_alone) > MOST_ALONE:
        _alone.clear()
    _alone[key] += 1
    return _alone[key]


def window_left() -> float:
    """Seconds until the next window."""
    return WINDOW - time.time() % WINDOW


def _incremented(key: str) -> int | None:
    try:
        return cache.incr(key)
    except ValueError:
        return None
