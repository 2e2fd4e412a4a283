"""What every page has in common."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from dashboard.addresses import safe_next
from dashboard.navigation import places
from dashboard.visitors import Visitor, visitor_of

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]
PrivateView = Callable[Concatenate[HttpRequest, Visitor, P], HttpResponseBase]


def page(view: View[P]) -> View[P]:
    """A page that anybody may read. It sets the CSRF cookie, which its scripts send back as ``X-CSRFToken``."""

    return require_safe(ensure_csrf_cookie(view))


def private_page(view: PrivateView[P]) -> View[P]:
    """A page for those who are logged in: ``view`` is told who it is, everybody else is sent to the login."""

    @wraps(view)
    def answer(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        visitor = visitor_of(request)
        if visitor is None:
            return _to_login(request)
        return view(request, visitor, *args, **kwargs)

    return page(answer)


def _to_login(request: HttpRequest) -> HttpResponse:
    """A page that asks for one of its parts (htmx) goes to the login whole, and comes back to where it was."""
    part = "HX-Request" in request.headers
    path = _path_of(request.headers.get("HX-Current-URL", "")) if part else request.get_full_path()
    query = urlencode({"next": safe_next(path, otherwise=reverse("dashboard:home"))}, safe="/")
    address = f"{reverse('dashboard:login')}?{query}"
    return HttpResponse(status=401, headers={"HX-Redirect": address}) if part else HttpResponseRedirect(address)


def _path_of(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:  # browsers send no such thing
        return ""
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def render_page(
    request: HttpRequest, template: str, *, visitor: Visitor | None, context: Mapping[str, Any]
) -> HttpResponse:
    shared = {"visitor": visitor, "csrf_cookie": settings.CSRF_COOKIE_NAME, "places": places(request)}
    return render(request, f"dashboard/{template}", {**shared, **context})
