"""Views of one token for tests: a plain, healthy market unless told otherwise."""

from collections.abc import Sequence
from dataclasses import replace
from math import exp

from dex.types import Address, BlockRef, Token
from paper_trading.intelligence.base import (
    EntryQuote,
    FlowSeries,
    PortfolioView,
    PositionView,
    TokenView,
    price_series,
)

TOKEN = Token(chain_id=1, address=Address("0x" + "11" * 20), symbol="MOSS", decimals=18)
QUOTE = Token(chain_id=1, address=Address("0x" + "22" * 20), symbol="USDC", decimals=6)
DOLLAR = 10**6
HEAD = 1_000


def head(**changes: object) -> BlockRef:
    ref = BlockRef(
        number=HEAD,
        hash="0x1",
        parent_hash="0x0",
        timestamp=1_750_000_000,
        base_fee_per_gas=10**9,
        gas_used=15_000_000,
        gas_limit=30_000_000,
    )
    return replace(ref, **changes)


def rung(dollars: int, lost_bps: int = 60) -> EntryQuote:
    amount_in = dollars * DOLLAR
    return EntryQuote(amount_in=amount_in, amount_out=10**18, back=amount_in * (10_000 - lost_bps) // 10_000)


def rising(step_bps: float, count: int = 200, wiggle_bps: float = 3.0) -> list[float]:
    """A steady drift with a small zigzag, so that noise and drift both are known."""
    return [exp((step_bps * i + wiggle_bps * (i % 2)) / 10_000) for i in range(count)]


def view(closes: Sequence[float] | None = None, **changes: object) -> TokenView:
    closes = rising(5.0) if closes is None else closes
    count = len(closes)
    start = 1_750_000_000 - count + 1
    series = price_series(range(HEAD - count + 1, HEAD + 1), range(start, start + count), closes)
    plain = TokenView(
        token=TOKEN,
        quote=QUOTE,
        head=head(),
        head_age_seconds=0.5,
        max_head_age_seconds=3.0,
        settled=True,
        quarantined=False,
        prices=series,
        flows=FlowSeries(blocks=(), times=(), signed=()),
        path_fee_bps=30.0,
        ladder=(rung(225), rung(450), rung(900), rung(1800)),
        exit_worth=None,
        buy_gas_quote=DOLLAR // 10,
        sell_gas_quote=DOLLAR // 10,
        buy_gas_wei=10**14,
        sell_gas_wei=10**14,
        base_fees=(10**9,) * 20,
        position=None,
    )
    return replace(plain, **changes)


def holding(worth: int, *, peak: int | None = None, age: int = 10, prices: Sequence[float] | None = None) -> TokenView:
    """A position that cost 1,000 dollars and would bring ``worth`` dollars now."""
    position = PositionView(
        quantity=10**18,
        cost=1_000 * DOLLAR,
        opened_block=HEAD - age,
        opened_time=1_750_000_000 - age,
        peak_worth=(worth if peak is None else peak) * DOLLAR,
    )
    return view(prices, position=position, exit_worth=worth * DOLLAR)


def portfolio(**changes: object) -> PortfolioView:
    plain = PortfolioView(
        equity=10_000 * DOLLAR,
        cash=10_000 * DOLLAR,
        open_positions=0,
        last_trade_block=None,
        native_balance=10**18,
        min_trade_quote=200 * DOLLAR,
    )
    return replace(plain, **changes)
