"""Wallets as browser extensions are: asked by the page, and signing with real keys in this process."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from eth_account import Account
from eth_account.messages import encode_defunct
from eth_account.signers.local import LocalAccount

IN_PAGE = Path(__file__).with_name("wallet_in_page.js")
ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8'%3E"
    "%3Crect width='8' height='8' rx='2' fill='%23e8590c'/%3E%3C/svg%3E"
)
REJECTED, UNKNOWN_CHAIN, ALREADY_PENDING = 4001, 4902, -32002
MAINNET = 1


def key_of(name: str) -> LocalAccount:
    """The same key for the same name, always."""
    made: LocalAccount = Account.from_key(hashlib.sha256(f"browser test {name}".encode()).digest())
    return made


class Wallet:
    """``accounts`` with the chosen one first; none while it is ``locked``. ``asked`` are the methods so far."""

    def __init__(
        self, *accounts: LocalAccount, name: str = "Test Wallet", icon: str = ICON, announced: bool = True
    ) -> None:
        self.accounts = list(accounts)
        self.name, self.icon, self.announced = name, icon, announced
        self.locked = False
        self.chain_id = MAINNET
        self.known_chains = {MAINNET}
        self.asked: list[str] = []
        self.sign_with: LocalAccount | None = None
        self._fails: dict[str, list[tuple[int, str]]] = {}
        self._holds: set[str] = set()

    def fail_once(self, method: str, code: int, message: str = "no") -> None:
        self._fails.setdefault(method, []).append((code, message))

    def hold(self, method: str) -> None:
        """Its answers come when the page is told to ``release`` the method's name."""
        self._holds.add(method)

    def hold_no_more(self, method: str) -> None:
        self._holds.discard(method)

    def announcement(self, key: str) -> dict[str, Any]:
        info = {"uuid": f"00000000-0000-4000-8000-{int(key):012d}", "name": self.name, "icon": self.icon}
        return {"key": key, "announced": self.announced, "info": info | {"rdns": f"example.wallet{key}"}}

    def answer(self, method: str, parameters: Sequence[Any]) -> dict[str, Any]:
        self.asked.append(method)
        held = {"held": method} if method in self._holds else {}
        if self._fails.get(method):
            code, message = self._fails[method].pop(0)
            return held | {"error": {"code": code, "message": message}}
        if method in ("eth_requestAccounts", "eth_accounts"):
            return held | {"result": [] if self.locked else [one.address.lower() for one in self.accounts]}
        if method == "eth_chainId":
            return held | {"result": hex(self.chain_id)}
        if method == "personal_sign":
            return held | {"result": self._signature(*parameters)}
        if method == "wallet_switchEthereumChain":
            return held | self._switched(int(parameters[0]["chainId"], 16))
        return held | {"error": {"code": 4200, "message": f"{method} is not supported"}}

    def _signature(self, data: str, address: str) -> str:
        own = next(one for one in self.accounts if one.address.lower() == address.lower())
        account = own if self.sign_with is None else self.sign_with
        return "0x" + account.sign_message(encode_defunct(hexstr=data)).signature.hex().removeprefix("0x")

    def _switched(self, chain_id: int) -> dict[str, Any]:
        if chain_id not in self.known_chains:
            return {"error": {"code": UNKNOWN_CHAIN, "message": "unrecognized chain"}}
        self.chain_id = chain_id
        return {"result": None}


def script_of(wallets: Sequence[Wallet]) -> str:
    """What is put into every page of a browser that has ``wallets``."""
    told = [wallet.announcement(str(key)) for key, wallet in enumerate(wallets)]
    return f"({IN_PAGE.read_text().strip().removesuffix(';')})({json.dumps(told)})"
