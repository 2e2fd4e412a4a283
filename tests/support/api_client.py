"""Requests as a script makes them: with a token, over Django's own test client."""

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import User
from django.test import Client

from wallet.services.api_tokens import create_token


def user_named(name: str) -> User:
    return User.objects.get_or_create(username=name)[0]


def client_for(user: User, *, scopes: Sequence[str] = ("read", "trade")) -> Client:
    """A client whose requests carry a token of ``user``."""
    return bearer(create_token(user=user, name="test", scopes=scopes).secret)


def bearer(secret: str) -> Client:
    return Client(headers={"authorization": f"Bearer {secret}"}, raise_request_exception=False)


def error_of(response: Any) -> dict[str, Any]:
    """The one error shape; anything else fails here."""
    [(key, error)] = response.json().items()
    assert key == "error"
    assert set(error) == {"code", "message", "fields"}
    assert "\n" not in error["message"]
    return dict(error)
