"""Somebody with a browser and a wallet, over HTTP against a program that runs."""

import json
import urllib.error
import urllib.request
from http.cookiejar import CookieJar
from typing import Any

from eth_account.messages import encode_defunct
from eth_account.signers.local import LocalAccount

SECONDS = 20


class Visitor:
    """Keeps cookies; ``address`` is the origin that was opened, with or without a slash at its end."""

    def __init__(self, address: str) -> None:
        self._url = address.rstrip("/")
        self._cookies = CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self._cookies))

    def get(self, path: str) -> tuple[int, str]:
        return self._send(urllib.request.Request(f"{self._url}{path}"))  # noqa: S310 - our own server

    def post(self, path: str, body: object) -> Any:
        """What a page's script posts; anything but success fails here."""
        headers = {"Content-Type": "application/json", "Origin": self._url, "X-CSRFToken": self._cookie("dex_csrf")}
        request = urllib.request.Request(  # noqa: S310
            f"{self._url}{path}", data=json.dumps(body).encode(), headers=headers
        )
        status, text = self._send(request)
        assert 200 <= status < 300, (status, text)
        return json.loads(text) if text else None

    def log_in(self, key: LocalAccount, *, bootstrap: str) -> None:
        """By the link that a run prints."""
        assert self.get("/login/")[0] == 200
        asked = self.post("/api/auth/challenge/", {"address": key.address, "chain_id": 1})
        signature = key.sign_message(encode_defunct(text=asked["message"])).signature.to_0x_hex()
        self.post("/api/auth/verify/", {"message": asked["message"], "signature": signature, "bootstrap": bootstrap})

    def _send(self, request: urllib.request.Request) -> tuple[int, str]:
        try:
            with self._opener.open(request, timeout=SECONDS) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def _cookie(self, name: str) -> str:
        return next((cookie.value or "" for cookie in self._cookies if cookie.name == name), "")
