"""How often a client may try to log in, and how often anybody may with one address."""

from django.conf import settings
from django.http import HttpRequest
from rest_framework.exceptions import Throttled
from rest_framework.request import Request

from api.throttles import under_limit, window_left
from wallet.services.events import note
from wallet.visitors import visitor_of


def count_client(request: HttpRequest | Request) -> None:
    """One attempt of the client; raises ``Throttled`` (429) beyond ``LOGIN_REQUESTS_PER_CLIENT`` a minute."""
    client = visitor_of(request).address
    _count(f"login-client:{client}", settings.LOGIN_REQUESTS_PER_CLIENT, client=client)


def count_address(address: str) -> None:
    """One attempt with ``address``, whoever's; raises ``Throttled`` beyond ``LOGIN_REQUESTS_PER_ADDRESS`` a minute."""
    _count(f"login-address:{address}", settings.LOGIN_REQUESTS_PER_ADDRESS, address=address)


def _count(who: str, limit: int | None, **about: str) -> None:
    if under_limit(who, limit, counts_alone=True):
        return
    # One line a minute, or a flood of requests becomes a flood of lines.
    if under_limit(f"{who}:told", 1):
        note("login_throttled", refused=True, **about)
    raise Throttled(wait=window_left())
