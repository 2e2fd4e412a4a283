"""Whether a request that changes something comes from one of our own pages."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware

from api.errors import ApiError
from api.origins import is_our_origin, origin_of

SAFE_METHODS = ("GET", "HEAD")


class _Reason(CsrfViewMiddleware):
    """Says why instead of answering."""

    def _reject(self, request: HttpRequest, reason: str) -> Any:
        return reason


def _nothing(_: HttpRequest) -> HttpResponse:
    """Stands for the view, which comes later."""
    return HttpResponse()


def require_own_page(request: HttpRequest) -> str:
    """The origin of the page that asks, one of ``PUBLIC_URLS``; for every request that a browser's cookies prove.

    Raises ``ApiError`` (403) with ``wrong_origin``, also where no origin is named, and with ``csrf_failed`` where the
    header X-CSRFToken does not fit the cookie.
    """
    origin = origin_of(request)
    if origin is None or not is_our_origin(origin):
        raise ApiError(403, "wrong_origin", "this address of the bot is not one of PUBLIC_URL, or another page asks")
    check = _Reason(_nothing)
    check.process_request(request)
    reason = check.process_view(request, _nothing, (), {})
    if reason is not None:
        raise ApiError(403, "csrf_failed", f"load the page again: {reason}")
    return origin
