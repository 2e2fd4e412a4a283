"""Who may open a WebSocket: asked once, before the server agrees to it."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest
from django.utils import timezone

from api.origins import is_our_origin
from api.permissions import READ
from api.throttles import under_limit
from wallet.errors import SocketLoginOver, SocketRefused, TicketRefused
from wallet.services.events import note
from wallet.services.login_sessions import current_login
from wallet.services.tickets import Admitted, redeem_ticket
from wallet.visitors import visitor_of


def admit_socket(scope: Mapping[str, Any]) -> Admitted:
    """Who opens the socket of this ASGI scope: by the ``ticket`` in its address, else by a login's cookie, which counts
    for nothing unless one of our own pages sends it (browsers add it to whatever any page opens).

    Raises ``SocketRefused``, and ``SocketLoginOver`` for a page of ours whose login has ended.
    """
    request = ASGIRequest({**scope, "type": "http", "method": "GET"}, BytesIO())
    client = visitor_of(request).address
    if not under_limit(f"socket:{client}", settings.SOCKETS_OPENED_PER_CLIENT, counts_alone=True):
        if under_limit(f"socket:{client}:told", 1):
            note("sockets_throttled", refused=True, client=client)
        raise SocketRefused("too_many")
    try:
        admitted = _by_ticket(request) if "ticket" in request.GET else _by_login(request)
    except SocketRefused as error:
        note("socket_refused", refused=True, reason=error, client=client)
        raise
    if READ not in admitted.scopes:
        note("socket_refused", refused=True, reason="scope_missing", user=admitted.user.username, client=client)
        raise SocketRefused("scope_missing")
    return admitted


def _by_ticket(request: HttpRequest) -> Admitted:
    # Programs name no origin; a browser that names another one shows a page that was given our ticket.
    if "Origin" in request.headers:
        _require_own_page(request)
    try:
        return redeem_ticket(secret=request.GET["ticket"], now=timezone.now())
    except TicketRefused as error:
        raise SocketRefused("ticket") from error


def _by_login(request: HttpRequest) -> Admitted:
    _require_own_page(request)
    login = current_login(request)
    if login is None:
        raise SocketLoginOver("there is no login, or it has ended")
    return Admitted(user=login.user, login=login, token=None)


def _require_own_page(request: HttpRequest) -> None:
    try:
        request.get_host()
    except DisallowedHost as error:
        raise SocketRefused("wrong_host") from error
    if not is_our_origin(request.headers.get("Origin")):
        raise SocketRefused("wrong_origin")
