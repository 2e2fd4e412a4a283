"""Requests as our own pages make them: with cookies, the CSRF header and an origin, over Django's test client."""

import hashlib
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from eth_account import Account
from eth_account.messages import encode_defunct
from eth_account.signers.local import LocalAccount

from trading.networks import networks
from wallet.services.wallets import allow_wallet

CSRF = "0123456789abcdefghijklmnopqrstuv"


def browser(*, csrf: str | None = CSRF, origin: str | None = "ours") -> Client:
    """Nobody's yet. ``csrf`` is what its header says, ``origin`` whose page it shows; None sends neither."""
    said = {"x-csrftoken": csrf, "origin": settings.PUBLIC_URLS[0] if origin == "ours" else origin}
    headers = {name: value for name, value in said.items() if value is not None}
    client = Client(enforce_csrf_checks=True, raise_request_exception=False, headers=headers)
    client.cookies[settings.CSRF_COOKIE_NAME] = CSRF
    return client


def logged_in(user: User) -> Client:
    """A browser whose wallet logged in as ``user``, by a signature as every wallet gives it."""
    client, key = browser(), key_of(user)
    allow_wallet(address=key.address, user=user)
    asked = post(client, "/api/auth/challenge/", {"address": key.address, "chain_id": networks()["devnet"].chain_id})
    assert asked.status_code == 201, asked.content
    message = asked.json()["message"]
    signature = key.sign_message(encode_defunct(text=message)).signature.to_0x_hex()
    answer = post(client, "/api/auth/verify/", {"message": message, "signature": signature})
    assert answer.status_code == 200, answer.content
    # A login changes the token, and our pages read it anew.
    client.defaults["HTTP_X_CSRFTOKEN"] = client.cookies[settings.CSRF_COOKIE_NAME].value
    return client


def as_headers(client: Client) -> dict[str, str]:
    """What ``client`` sends with a request, for another kind of client."""
    cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
    csrf = client.cookies[settings.CSRF_COOKIE_NAME].value
    return {"Cookie": cookies, "X-CSRFToken": csrf, "Origin": settings.PUBLIC_URLS[0]}


def same_cookies(client: Client, **how: Any) -> Client:
    """``client``'s cookies in a browser that says something else, see ``browser``."""
    right = client.cookies[settings.CSRF_COOKIE_NAME].value
    other = browser(**{"csrf": right, **how})
    other.cookies = client.cookies
    return other


def key_of(user: User) -> LocalAccount:
    """The same for the same name."""
    key: LocalAccount = Account.from_key(hashlib.sha256(user.username.encode()).digest())
    return key


def post(client: Client, path: str, body: object) -> Any:
    return client.post(path, data=body, content_type="application/json")
