from dataclasses import replace

import pytest

from dex.amm import ConstantProductPool
from dex.types import Address
from paper_trading.bot.book import Book
from paper_trading.bot.desk import MarketDesk
from paper_trading.bot.report import Held
from paper_trading.bot.worth import equity, hold, opening_worth
from paper_trading.intelligence.base import PositionView
from tests.support.small_bot import position
from tests.support.small_desk import (
    ALT,
    DOLLAR,
    NETWORK,
    ONE,
    USD,
    USD_WETH,
    WETH,
    WETH_ALT,
    block,
    desk,
    path,
    pools,
)
from trading.router import quote_path

TOKENS = {token.address: token for token in NETWORK.tokens}
VIEW = PositionView(quantity=2 * ONE, cost=5_000 * DOLLAR, opened_block=1, opened_time=1, peak_worth=0)
HELD = Held(token=WETH, view=VIEW, worth=4_970 * DOLLAR, mid_worth=5_000.0)


def book(*, balances: dict[Address, int] | None = None, held: dict[Address, int] | None = None) -> Book:
    return Book(
        balances={} if balances is None else balances,
        positions={
            token: position(quantity, cost=VIEW.cost, opened=block(1))
            for token, quantity in ({} if held is None else held).items()
        },
        pending=(),
        last_trade_blocks={},
        gas_quote=0,
    )


def drained() -> MarketDesk:
    """The way from WETH to dollars is empty."""
    empty = ConstantProductPool(reserve0=0, reserve1=0, fee_pips=3000)
    return desk(states=pools() | {USD_WETH.address: empty})


def test_a_position_is_worth_what_selling_all_of_it_brings() -> None:
    [position] = hold(book(held={ALT.address: 200 * ONE}), desk(), TOKENS)
    assert position.worth == quote_path(pools(), path(ALT, WETH, USD), 200 * ONE).amount_out
    assert (position.token, position.view.quantity) == (ALT, 200 * ONE)


def test_its_worth_at_mid_price_is_before_fee_and_impact() -> None:
    [position] = hold(book(held={ALT.address: 200 * ONE}), desk(), TOKENS)
    assert position.mid_worth == pytest.approx(5_000.0)


def test_a_position_that_cannot_be_sold_has_no_worth() -> None:
    [position] = hold(book(held={WETH.address: ONE}), drained(), TOKENS)
    assert (position.worth, position.mid_worth) == (None, None)


def test_equity_is_cash_and_exit_worth_less_the_gas() -> None:
    assert equity(cash=100 * DOLLAR, gas_quote=7, held=[HELD, HELD]) == 100 * DOLLAR + 2 * 4_970 * DOLLAR - 7


def test_equity_without_positions_is_cash_less_gas() -> None:
    assert equity(cash=100, gas_quote=7, held=[]) == 93


def test_equity_is_unknown_while_a_position_cannot_be_sold_whole() -> None:
    assert equity(cash=100, gas_quote=0, held=[HELD, replace(HELD, worth=None)]) is None


def test_the_opening_worth_covers_every_watched_token_in_the_wallet() -> None:
    found = opening_worth(book(balances={WETH.address: ONE, USD.address: 5, ALT.address: 0}), desk())
    assert found == {WETH.address: (ONE, quote_path(pools(), path(WETH, USD), ONE).amount_out)}


def test_an_empty_wallet_opens_with_nothing() -> None:
    assert opening_worth(book(), desk()) == {}


def test_a_token_that_nobody_watches_is_not_taken_over() -> None:
    assert opening_worth(book(balances={ALT.address: ONE}), desk(watched=(WETH,))) == {}


def test_the_opening_worth_is_unknown_without_a_price() -> None:
    assert opening_worth(book(balances={WETH.address: ONE}), drained()) is None


@pytest.mark.parametrize(("reserve", "known"), [(40 * ONE, True), (20 * ONE, False)])
def test_a_ruinous_sale_is_no_measure_of_worth(reserve: int, known: bool) -> None:
    """One WETH against a pool of twenty moves it by about five percent, beside the fee; against forty, by half that."""
    shallow = ConstantProductPool(reserve0=reserve * 2_500 * DOLLAR // ONE, reserve1=reserve, fee_pips=3000)
    made = desk(states={USD_WETH.address: shallow, WETH_ALT.address: pools()[WETH_ALT.address]})
    assert (opening_worth(book(balances={WETH.address: ONE}), made) is not None) is known
