"""How large the orders of a new session can be, and what gas they need. Pure: the same values give the same figures."""

from dataclasses import dataclass

from chain.networks import Network
from dex.gas.table import BASE_UNITS, HOP_UNITS
from dex.market.pools import Protocol
from paper_trading.intelligence.base import PortfolioView
from paper_trading.intelligence.intel_slider import IntelSettings
from paper_trading.intelligence.limits import largest_size, min_trade_quote

STOP_PARTS = 20_000
"""A stopped trade may cost half a basis point of the worth for each point of risk tolerance, see ``limits``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """Base units of the quote token, at the beginning and counting the cash alone.

    ``largest`` is the largest position and so the largest order, ``together`` all positions that may be open at once,
    ``least`` the smallest buy, ``stopped`` what a trade that is stopped out may cost.
    """

    largest: int
    together: int
    least: int
    stopped: int

    @property
    def buys_nothing(self) -> bool:
        return self.largest < max(1, self.least)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gas:
    """``price`` is wei per gas; ``fee`` is wei for a swap over one pool that needs all of ``units``, and ``swaps`` how
    many of those the money for gas pays."""

    price: int
    units: int
    fee: int
    swaps: int


def sizes(settings: IntelSettings, *, cash: int, decimals: int) -> Sizes:
    """``decimals`` are those of the quote token, which live chains take for the dollar."""
    least = min_trade_quote(settings, dollar=10**decimals, start_equity=cash)
    portfolio = PortfolioView(
        equity=cash, cash=cash, open_positions=0, last_trade_block=None, native_balance=None, min_trade_quote=least
    )
    largest = largest_size(settings, portfolio)
    return Sizes(
        largest=largest,
        together=min(cash, largest * settings.max_open_positions),
        least=least,
        stopped=cash * settings.risk_tolerance // STOP_PARTS,
    )


def gas(network: Network, *, base_fee: int | None, tip: int, money: int) -> Gas | None:
    """At a block's ``base_fee`` and ``tip``, wei per gas, with ``money`` in wei; None where there is no fee data.

    ``units`` are an upper bound: what a swap really uses is measured when it is decided.
    """
    if base_fee is None:
        return None
    protocols = [protocol for protocol, found in ((Protocol.V2, network.v2), (Protocol.V3, network.v3)) if found]
    units = max(BASE_UNITS[protocol] + HOP_UNITS[protocol] for protocol in protocols)
    price = base_fee + tip
    fee = units * price
    return Gas(price=price, units=units, fee=fee, swaps=money // fee if fee else 0)
