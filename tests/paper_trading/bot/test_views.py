"""What the engine is shown of a token, and the probes that measure its gas."""

from dataclasses import replace

import pytest

from chain.calldata import decode_swap
from dex.amm import ConstantProductPool
from paper_trading.bot.desk import MarketDesk
from paper_trading.bot.gas_book import GasBook
from paper_trading.bot.views import PathChoice, ViewDesk
from paper_trading.intelligence.base import TokenView
from tests.support.small_bot import position
from tests.support.small_desk import (
    ALT,
    DOLLAR,
    FIRST,
    GWEI,
    LONE,
    ONE,
    SCOPE,
    SENDER,
    USD,
    USD_WETH,
    WETH,
    block,
    desk,
    path,
    pools,
    quiet,
)
from trading.router import quote_path

TIP = GWEI // 10
BUY, SELL = path(USD, WETH), path(WETH, USD)
POSITION = position(3 * ONE, cost=7_000 * DOLLAR, opened=block(1))


def seen(
    made: MarketDesk | None = None, gas_book: GasBook | None = None, *, live: bool = True, **changes: object
) -> tuple[TokenView, PathChoice]:
    book = GasBook(None) if gas_book is None else gas_book
    plain = {
        "position": None,
        "sizes": (100 * DOLLAR, 1_000 * DOLLAR),
        "tip": TIP,
        "head_age": 0.5,
        "settled": True,
        "quarantined": frozenset(),
    }
    views = ViewDesk(scope=replace(SCOPE, live=live), desk=desk() if made is None else made, gas_book=book)
    return views.build(WETH, **{**plain, **changes})  # type: ignore[arg-type]


def learnt() -> GasBook:
    book = GasBook(None)
    book.learn(BUY, units=120_000, l1_fee=0)
    book.learn(SELL, units=110_000, l1_fee=5)
    return book


def prober(made: MarketDesk | None = None) -> ViewDesk:
    return ViewDesk(scope=SCOPE, desk=desk() if made is None else made, gas_book=GasBook(None))


def test_the_ladder_holds_the_exact_quotes_of_the_sizes() -> None:
    view, choice = seen()
    assert choice == PathChoice(buy=BUY, sell=SELL)
    assert [(rung.amount_in, rung.amount_out) for rung in view.ladder] == [
        (size, quote_path(pools(), BUY, size).amount_out) for size in (100 * DOLLAR, 1_000 * DOLLAR)
    ]


def test_without_sizes_the_paths_are_those_of_the_probe() -> None:
    view, choice = seen(sizes=())
    assert (view.ladder, choice) == ((), PathChoice(buy=BUY, sell=SELL))


def test_a_position_is_worth_what_the_best_sale_brings() -> None:
    view, _ = seen(position=POSITION)
    assert view.exit_worth == quote_path(pools(), SELL, 3 * ONE).amount_out
    assert view.position == POSITION.view


def test_a_token_without_a_way_is_shown_without_paths() -> None:
    empty = ConstantProductPool(reserve0=0, reserve1=0, fee_pips=3000)
    view, choice = seen(desk(states=pools() | {USD_WETH.address: empty}), position=POSITION)
    assert choice == PathChoice(buy=None, sell=None)
    assert (view.ladder, view.exit_worth) == ((), None)


def test_gas_is_counted_at_the_heads_base_fee_and_the_tip() -> None:
    view, _ = seen(gas_book=learnt())
    assert (view.buy_gas_wei, view.sell_gas_wei) == (120_000 * (GWEI + TIP), 110_000 * (GWEI + TIP) + 5)


def test_gas_is_shown_in_quote_units_too() -> None:
    view, _ = seen(gas_book=learnt())
    assert view.buy_gas_quote == pytest.approx(120_000 * (GWEI + TIP) * 2_500 * 0.997 / 10**12, rel=1e-4)
    assert view.sell_gas_quote is not None


def test_a_path_that_nobody_measured_has_unknown_gas_and_is_wanted() -> None:
    book = GasBook(None)
    view, _ = seen(gas_book=book)
    assert (view.buy_gas_wei, view.buy_gas_quote, view.sell_gas_wei) == (None, None, None)
    assert set(book.wanted) == {BUY, SELL}


@pytest.mark.parametrize("case", ["recording", "no_base_fee"])
def test_a_source_without_fees_shows_no_gas(case: str) -> None:
    made = desk()
    if case == "no_base_fee":
        made.apply(quiet(FIRST + 1, base_fee=None))
    book = learnt()
    view, _ = seen(made, book, live=case != "recording")
    assert (view.buy_gas_wei, view.sell_gas_wei, view.buy_gas_quote, view.sell_gas_quote) == (None,) * 4


@pytest.mark.parametrize(("pool", "quarantined"), [(USD_WETH.address, True), (SENDER, False)])
def test_a_quarantined_pool_on_its_way_marks_the_view(pool: object, quarantined: bool) -> None:
    assert seen(quarantined=frozenset([pool]))[0].quarantined is quarantined


def test_the_health_of_the_head_is_handed_on() -> None:
    view, _ = seen(head_age=2.5, settled=False)
    assert (view.head_age_seconds, view.max_head_age_seconds, view.settled) == (2.5, 3.0, False)
    assert (view.head, view.base_fees) == (block(FIRST), (GWEI,))


def test_a_probe_is_a_small_swap_over_the_path_with_the_balance_that_it_needs() -> None:
    plan, balances = prober().probe(BUY, sender=SENDER, tip=TIP)
    assert plan is not None
    assert (plan.path, plan.sender, plan.amount_in, plan.decided_at) == (BUY, SENDER, 50 * DOLLAR, block(FIRST))
    assert balances == {USD.address: 50 * DOLLAR, WETH.address: 0}


def test_a_probe_of_a_sale_sells_about_the_probes_worth() -> None:
    plan, balances = prober().probe(path(ALT, WETH, USD), sender=SENDER, tip=TIP)
    assert plan is not None
    assert plan.amount_in == quote_path(pools(), path(USD, WETH, ALT), 50 * DOLLAR).amount_out
    assert balances == {ALT.address: plan.amount_in, USD.address: 0}


def test_a_probe_calls_the_router_of_its_path() -> None:
    plan, _ = prober().probe(BUY, sender=SENDER, tip=TIP)
    assert plan is not None
    decoded = decode_swap(plan.calldata)
    assert decoded is not None
    assert (plan.router, decoded.tokens) == (SCOPE.network.v2[0].router, BUY.tokens)


def test_a_path_that_cannot_be_filled_has_no_probe() -> None:
    empty = ConstantProductPool(reserve0=0, reserve1=0, fee_pips=3000)
    made = desk(states=pools() | {USD_WETH.address: empty})
    assert prober(made).probe(BUY, sender=SENDER, tip=TIP) == (None, {})
    assert prober(made).probe(SELL, sender=SENDER, tip=TIP) == (None, {})


def test_a_probe_that_would_bring_nothing_is_none() -> None:
    assert prober(desk(probe=1)).probe(path(USD, WETH), sender=SENDER, tip=TIP)[0] is not None
    assert prober(desk(probe=1)).probe(SELL, sender=SENDER, tip=TIP) == (None, {})


def test_a_token_that_is_not_listed_has_no_view() -> None:
    with pytest.raises(KeyError):
        ViewDesk(scope=SCOPE, desk=desk(), gas_book=GasBook(None)).build(
            LONE,
            position=None,
            sizes=(),
            tip=TIP,
            head_age=0.0,
            settled=True,
            quarantined=frozenset(),
        )
