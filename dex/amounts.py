"""Base units to and from what people read and type, without a float in between."""

import re

from dex.errors import DexError

_PLAIN = re.compile(r"\d{1,78}(\.\d{1,255})?", re.ASCII)


class AmountError(DexError):
    """A text that is no amount of the token; the message is one line for the user."""


def parse_units(text: str, decimals: int) -> int:
    """Base units of a plain decimal text: digits with at most one point, nothing that the token cannot divide into.

    >>> parse_units("1.5", 6)
    1500000
    """
    if _PLAIN.fullmatch(text) is None:
        raise AmountError(f"{text!r} is no amount: digits with at most one point")
    whole, _, fraction = text.partition(".")
    if len(fraction.rstrip("0")) > decimals:
        raise AmountError(f"{text} has more than the token's {decimals} decimals")
    units = int(whole + fraction[:decimals].ljust(decimals, "0"))
    if units >= 2**256:
        raise AmountError(f"{text} is more than any token contract can hold")
    return units


def exact_units(amount: int, decimals: int) -> str:
    """Every digit of ``amount`` base units.

    >>> exact_units(-1500000, 6)
    '-1.500000'
    """
    sign, digits = "-" if amount < 0 else "", str(abs(amount)).rjust(decimals + 1, "0")
    return sign + (digits if decimals == 0 else f"{digits[:-decimals]}.{digits[-decimals:]}")


def short_units(amount: int, decimals: int, *, digits: int = 6) -> str:
    """``amount`` rounded towards zero to about ``digits`` significant digits, with thousands marked, for reading.

    >>> short_units(1234567890, 6)
    '1,234.56'
    """
    sign, text = "-" if amount < 0 else "", exact_units(abs(amount), decimals)
    whole, _, fraction = text.partition(".")
    zeros = len(fraction) - len(fraction.lstrip("0"))
    is_below_one = whole == "0" and zeros < len(fraction)
    places = zeros + digits if is_below_one else max(2, digits - len(whole))
    shown = fraction[:places]
    return f"{sign}{int(whole):,}.{shown}" if shown else f"{sign}{int(whole):,}"
