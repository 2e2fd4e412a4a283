"""A browser with a wallet in it, as our login page uses it; also one that somebody tampers with."""

from typing import Any

from django.contrib.auth.models import User
from django.test import Client
from eth_account import Account
from eth_account.messages import encode_defunct

from wallet.services.wallets import allow_wallet

ORIGIN = "http://127.0.0.1:8000"
ALICE = "0x" + "a1" * 32
MALLORY = "0x" + "b2" * 32
CHALLENGE, VERIFY = "/api/auth/challenge/", "/api/auth/verify/"


def address_of(key: str) -> str:
    return str(Account.from_key(key).address)


def mistyped(address: str) -> str:
    """With the wrong capitals, as its checksum shows."""
    return "0x" + address[2:].swapcase()


def signed(text: str, key: str = ALICE) -> str:
    """What ``personal_sign`` gives."""
    return "0x" + Account.sign_message(encode_defunct(text=text), key).signature.hex().removeprefix("0x")


class Browser:
    """Has cookies, a page of ``origin``, and the wallet of ``key``. CSRF is enforced, as outside of tests."""

    def __init__(self, key: str = ALICE, *, origin: str = ORIGIN) -> None:
        self.key = key
        self.address = address_of(key)
        self.client = Client(enforce_csrf_checks=True, raise_request_exception=False)
        self.client.cookies["dex_csrf"] = "c" * 32
        self.headers = {"origin": origin}

    @property
    def session_key(self) -> str:
        cookie = self.client.cookies.get("dex_session")
        return "" if cookie is None else str(cookie.value)

    def ask(self, method: str, path: str, body: Any = None, **headers: str | None) -> Any:
        over = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {**self.headers, "x-csrftoken": self.client.cookies["dex_csrf"].value, **over}
        return getattr(self.client, method)(
            path,
            data=None if method == "get" else body or {},
            content_type="application/json",
            headers={name: value for name, value in sent.items() if value is not None},
        )

    def get(self, path: str) -> Any:
        return self.client.get(path)

    def post(self, path: str, body: Any = None, **headers: str | None) -> Any:
        return self.ask("post", path, body, **headers)

    def challenge(self, **over: Any) -> str:
        """The message."""
        answer = self.post(CHALLENGE, {"address": self.address, "chain_id": 1, **over})
        assert answer.status_code == 201, answer.content
        return str(answer.json()["message"])

    def verify(self, message: str, signature: str | None = None, **over: Any) -> Any:
        signature = signed(message, self.key) if signature is None else signature
        return self.post(VERIFY, {"message": message, "signature": signature, **over})

    def log_in(self, **over: Any) -> Any:
        return self.verify(self.challenge(), **over)


def logged_in(user: User, key: str = ALICE) -> Browser:
    """A browser in which ``user`` has logged in with the wallet of ``key``, which is allowed to."""
    allow_wallet(address=address_of(key), user=user)
    browser = Browser(key)
    answer = browser.log_in()
    assert answer.status_code == 200, answer.content
    return browser
