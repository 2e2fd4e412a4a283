"""What the shapes are made of: money, tokens, times, accounts."""

from collections.abc import Iterable
from typing import Any

from rest_framework import serializers

from api.amounts import amount
from dex.types import BPS_ONE
from paper_trading.models import PaperAccount
from paper_trading.selectors.rows import Holder
from paper_trading.selectors.token_book import TokenBook
from paper_trading.tokens import NATIVE
from trading.networks import chain_name

Account = PaperAccount | Holder


class TokenRefSchema(serializers.Serializer[Any]):
    """``symbol`` is what the token calls itself: text that nobody vouches for; `?` for an unknown token."""

    address = serializers.CharField()
    symbol = serializers.CharField()
    decimals = serializers.IntegerField(min_value=0, max_value=255)


class AccountRefSchema(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()


class Money:
    """Amounts and tokens of accounts, named by one look-up of all the tokens of an answer."""

    def __init__(self, accounts: Iterable[Account], wanted: Iterable[tuple[Account, str]] = ()) -> None:
        """Knows the quote tokens and the native ones of ``accounts``, and the tokens that are ``wanted``."""
        asked = {(account.chain_id, account.quote_token) for account in accounts}
        self._chains: dict[int, str] = {}
        self._book = TokenBook().load(asked | {(account.chain_id, token) for account, token in wanted})

    def of(self, account: Account, token: str, value: int | None) -> dict[str, Any] | None:
        return None if value is None else amount(value, self._book.token(account.chain_id, token))

    def quote(self, account: Account, value: int | None) -> dict[str, Any] | None:
        return self.of(account, account.quote_token, value)

    def native(self, account: Account, value: int | None) -> dict[str, Any] | None:
        return self.of(account, NATIVE, value)

    def token(self, account: Account, address: str) -> dict[str, Any]:
        token = self._book.token(account.chain_id, address)
        return {"address": token.address, "symbol": token.symbol, "decimals": token.decimals}

    def chain(self, account: Account) -> str:
        """The name of the account's chain."""
        name = self._chains.get(account.chain_id)
        if name is None:
            name = self._chains[account.chain_id] = chain_name(account.chain_id)
        return name

    def decimals(self, account: Account, address: str) -> int:
        return self._book.token(account.chain_id, address).decimals


def account_ref(account: Account) -> dict[str, Any]:
    return {"id": account.pk, "name": account.name}


def bps(part: int | None, whole: int | None) -> int | None:
    """``part`` of ``whole``, rounded towards zero; None where there is no whole.

    >>> bps(-5, 1000), bps(1, 3), bps(1, 0)
    (-50, 3333, None)
    """
    if part is None or whole is None or whole <= 0:
        return None
    share = abs(part) * BPS_ONE // whole
    return -share if part < 0 else share
