"""Numbers and symbols as the terminal shows them."""

import unicodedata

from dex.amounts import short_units
from dex.types import Token
from paper_trading.bot.report import Booked
from paper_trading.services.fill import FillStatus

LONGEST_SYMBOL = 12
NATIVE_DECIMALS = 18
RECEIPT_WORDS = {True: "checks out", False: "DOES NOT MATCH", None: "not checked"}


def symbol(token: Token) -> str:
    """The token's symbol without anything that could move the cursor, hide or reverse text: its issuer chose it."""
    shown = "".join(char for char in token.symbol if unicodedata.category(char)[0] not in "CZM")
    return shown[:LONGEST_SYMBOL] or f"{token.address[:6]}…{token.address[-4:]}"


def plain(text: str) -> str:
    """``text`` on one line without anything that acts on the terminal: contracts and nodes choose some of our words."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


def amount(units: int, token: Token, *, digits: int = 6) -> str:
    return f"{short_units(units, token.decimals, digits=digits)} {symbol(token)}"


def signed(units: int, token: Token) -> str:
    text = short_units(units, token.decimals)
    return f"+{text} {symbol(token)}" if units > 0 else f"{text} {symbol(token)}"


def percent(part: int, whole: int) -> str:
    """``part`` of ``whole`` with two decimals and its sign; a dash where there is nothing to compare with."""
    return "-" if whole == 0 else f"{100 * part / whole:+.2f} %"


def price(value: float) -> str:
    """A mid price with about six significant digits."""
    return f"{value:,.2f}" if value >= 1_000 else f"{value:,.4f}" if value >= 1 else f"{value:.6g}"


def gwei(wei: int) -> str:
    return f"{wei / 10**9:.3g} gwei"


def trade_line(booked: Booked, quote: Token) -> str:
    """A trade on one line, for logs."""
    fill = booked.fill
    token_in, token_out = (quote, booked.token) if booked.side == "buy" else (booked.token, quote)
    moved = f"{amount(fill.amount_in, token_in)} for {amount(fill.amount_out, token_out)}"
    outcome = moved if fill.status is FillStatus.FILLED else f"reverted: {fill.reason!r}"
    gas = short_units(fill.fee_paid, NATIVE_DECIMALS)
    return (
        f"block {fill.block.number}  {booked.side.value} {symbol(booked.token)}  {outcome}  gas {gas}  "
        f"{fill.witness.value}  receipt {RECEIPT_WORDS[booked.receipt_ok]}"
    )
