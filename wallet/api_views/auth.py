"""What a request was authenticated with, for views whose permission says what that can be."""

from typing import cast

from rest_framework.request import Request

from wallet.models import ApiToken, LoginSession


def login_of(request: Request) -> LoginSession:
    """Behind ``LoginRequired``."""
    return cast(LoginSession, request.auth)


def auth_of(request: Request) -> LoginSession | ApiToken:
    """Behind any permission that asks for a scope."""
    return cast("LoginSession | ApiToken", request.auth)
