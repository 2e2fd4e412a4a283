"""Who looks at a page."""

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.http import HttpRequest

from wallet.models import LoginSession
from wallet.services.login_sessions import current_login


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """``address`` is that of the wallet that the login was made with, ``name`` the user's."""

    user: User
    login: LoginSession
    address: str
    name: str


def visitor_of(request: HttpRequest) -> Visitor | None:
    """None for everybody who is not logged in, or not any more."""
    login = current_login(request)
    if login is None:
        return None
    return Visitor(user=login.user, login=login, address=login.wallet.address, name=login.user.username)
