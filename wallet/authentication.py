from typing import Any

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from wallet.models import ApiToken, LoginSession
from wallet.pages import SAFE_METHODS, require_own_page
from wallet.selectors.api_tokens import valid_token
from wallet.services.api_tokens import note_use
from wallet.services.login_sessions import current_login

SCHEME = "Bearer"
MOST_SECRET = 200


class ApiTokenAuthentication(BaseAuthentication):
    """``Authorization: Bearer dex_...`` (RFC 6750). What is wrong with a token is not told."""

    def authenticate(self, request: Request) -> tuple[Any, ApiToken] | None:
        header = request.headers.get("Authorization", "")
        if header == "":
            return None
        scheme, _, secret = header.partition(" ")
        secret = secret.strip()
        if scheme.lower() != SCHEME.lower() or len(secret) > MOST_SECRET or not secret.isascii():
            raise AuthenticationFailed("the Authorization header holds no bearer token")
        now = timezone.now()
        token = valid_token(secret=secret, now=now)
        if token is None:
            raise AuthenticationFailed("this token is not valid")
        note_use(token, now)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return SCHEME


class LoginAuthentication(BaseAuthentication):
    """The session cookie of a wallet's login. Browsers send it along with whatever any page asks of us, so all but
    reading must come from a page of ours."""

    def authenticate(self, request: Request) -> tuple[Any, LoginSession] | None:
        login = current_login(request._request)
        if login is None:
            return None
        if request.method not in SAFE_METHODS:
            require_own_page(request._request)
        return login.user, login
