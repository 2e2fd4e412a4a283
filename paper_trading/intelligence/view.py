"""Builds what the engine sees of one token from the market and the account. No I/O and no clock of its own."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from dex.errors import SkipTrade
from dex.market.price import PoolState, hops_price
from dex.routing.plan import Path
from dex.types import Address, BlockRef, Token
from paper_trading.intelligence.base import FlowSeries, PositionView, PriceSeries, Shared, TokenView
from paper_trading.intelligence.quotes import Quotable, path_fee_bps, quote_ladder, quote_path, reversed_path


@dataclass(frozen=True, slots=True, kw_only=True)
class GasCosts:
    """One buy and one sell at the head's fees, in wei and in quote units; all None where nothing is recorded."""

    buy_wei: int | None = None
    sell_wei: int | None = None
    buy_quote: int | None = None
    sell_quote: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How far the market data can be trusted; ages in seconds by the caller's clock."""

    head_age_seconds: float = 0.0
    max_head_age_seconds: float = 3.0
    settled: bool = True
    quarantined: bool = False


def human_price(states: Mapping[Address, PoolState], buy: Path, *, token: Token, quote: Token) -> float:
    """Mid price along a buy path (quote to token), in human quote units per human token unit. Raises ``NoPrice``."""
    tokens_per_quote = hops_price(states, buy.hops)
    return 10.0 ** (token.decimals - quote.decimals) / tokens_per_quote


def build_view(
    states: Mapping[Address, Quotable],
    *,
    head: BlockRef,
    token: Token,
    quote: Token,
    buy: Path | None,
    sell: Path | None,
    sizes: Iterable[int],
    prices: PriceSeries,
    flows: FlowSeries,
    position: PositionView | None,
    gas: GasCosts,
    base_fees: Sequence[int],
    health: Health,
    shared: Shared | None = None,
) -> TokenView:
    """``states`` are those at the end of ``head``. ``buy`` leads from the quote token to the token, ``sell`` back; None
    where the router found no way.

    ``sizes`` are the quote amounts to put on the ladder (``AIEngine.sizes``). ``sell`` should be the best way to sell
    the position where there is one; the ladder goes back along ``buy`` where ``sell`` is None.
    """
    fee_path = buy if buy is not None else sell
    return TokenView(
        token=token,
        quote=quote,
        head=head,
        head_age_seconds=health.head_age_seconds,
        max_head_age_seconds=health.max_head_age_seconds,
        settled=health.settled,
        quarantined=health.quarantined,
        prices=prices,
        flows=flows,
        path_fee_bps=0.0 if fee_path is None else path_fee_bps(states, fee_path),
        ladder=() if buy is None else quote_ladder(states, buy, sizes, sell=sell),
        exit_worth=None if position is None else _exit_worth(states, position, buy, sell),
        buy_gas_quote=gas.buy_quote,
        sell_gas_quote=gas.sell_quote,
        buy_gas_wei=gas.buy_wei,
        sell_gas_wei=gas.sell_wei,
        base_fees=tuple(base_fees),
        position=position,
        shared=shared,
    )


def _exit_worth(
    states: Mapping[Address, Quotable], position: PositionView, buy: Path | None, sell: Path | None
) -> int | None:
    way_out = sell if sell is not None else None if buy is None else reversed_path(buy)
    if way_out is None:
        return None
    try:
        return quote_path(states, way_out, position.quantity)
    except SkipTrade:
        return None
