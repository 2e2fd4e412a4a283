"""Amounts in and out of the API: exact text, never a float."""

from typing import Any

from rest_framework import serializers

from api.inputs import Pattern
from dex.amounts import AmountError, parse_units
from dex.types import Token

AMOUNT_PATTERN = r"^[0-9]{1,78}(\.[0-9]{1,255})?$"
RAW_PATTERN = r"^[0-9]{1,78}$"
LONGEST_AMOUNT = 334


def amount(value: int | None, token: Token) -> dict[str, Any] | None:
    """``value`` base units of ``token`` as everyone can read it; None stays None.

    >>> amount(-1500000, Token(chain_id=1, address="0xA0", symbol="USDC", decimals=6))["text"]
    '-1.5'
    """
    if value is None:
        return None
    raw = str(value)
    return {
        "raw": raw,
        "decimals": token.decimals,
        "symbol": token.symbol,
        "token": token.address,
        "text": _pointed(raw, token.decimals),
    }


def plain_text(value: int, decimals: int) -> str:
    """All digits of ``value`` base units, without zeros at the end.

    >>> plain_text(1500000, 6), plain_text(2000000, 6), plain_text(0, 18)
    ('1.5', '2', '0')
    """
    return _pointed(str(value), decimals)


def _pointed(raw: str, decimals: int) -> str:
    # A list says ten amounts a row: this is what most of its time went into.
    if decimals == 0:
        return raw
    if raw[0] == "-":
        return "-" + _pointed(raw[1:], decimals)
    fraction = raw[-decimals:].rjust(decimals, "0").rstrip("0")
    whole = raw[:-decimals] or "0"
    return f"{whole}.{fraction}" if fraction else whole


def parse_amount(text: str, token: Token) -> int:
    """Base units of plain ASCII decimals: no sign, no exponent, nothing that the token cannot divide into.

    Raises ``AmountError``, which is answered with 400.
    """
    if len(text) > LONGEST_AMOUNT:
        raise AmountError(f"an amount has at most {LONGEST_AMOUNT} characters")
    return parse_units(text, token.decimals)


class AmountSchema(serializers.Serializer[Any]):
    """An amount of one token: ``text`` is in whole tokens, ``raw`` in base units; both are exact."""

    raw = serializers.RegexField(r"^-?[0-9]+$")
    decimals = serializers.IntegerField(min_value=0, max_value=255)
    symbol = serializers.CharField()
    token = serializers.CharField()
    text = serializers.RegexField(r"^-?[0-9]+(\.[0-9]+)?$")


class AmountText(Pattern):
    """An amount in whole tokens as plain decimal text; ``parse_amount`` makes base units of it."""

    def __init__(self, **kwargs: Any) -> None:
        wanted = "An amount is digits with at most one point, such as 2500.5."
        super().__init__(AMOUNT_PATTERN, wanted=wanted, max_length=LONGEST_AMOUNT, **kwargs)


class AmountRaw(Pattern):
    """An amount in base units as plain decimal text, validated to an ``int`` below 2^256."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(RAW_PATTERN, max_length=78, **kwargs)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        text = super().run_validation(data)
        if not isinstance(text, str):
            return text
        if int(text) >= 2**256:
            raise serializers.ValidationError("more than any token contract can hold")
        return int(text)
