"""What accounts are worth, on both databases."""

from collections.abc import Mapping
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from paper_trading.models import BotSession, PaperAccount, Position, TradeSide
from paper_trading.selectors import owned
from paper_trading.selectors.account_worths import AccountWorth, Use, account_worths
from paper_trading.tokens import NATIVE
from tests.paper_trading.world import USDC, WBTC, WETH, World, new_account, new_session, new_world
from tests.support.api_client import user_named

pytestmark = pytest.mark.usefixtures("books_db")
DOLLAR = 10**6


def worths() -> Mapping[int, AccountWorth]:
    user_id = user_named("alice").pk
    return account_worths(user_id, list(owned.account_rows(user_id)))


def worth_of(account: PaperAccount) -> AccountWorth:
    return worths()[account.pk]


def value(world: World, **dollars: int | None) -> None:
    """What the session saw at block 9: dollars by the name of the token, None for what could not be sold whole."""
    tokens = {"weth": WETH, "wbtc": WBTC}
    positions = {name: Position.objects.get(account=world.account, token=tokens[name]).pk for name in dollars}
    seen = {str(positions[name]): None if worth is None else str(worth * DOLLAR) for name, worth in dollars.items()}
    BotSession.objects.filter(pk=world.session.pk).update(worths=seen, cursor_block=9)


def test_what_an_account_is_worth_is_made_of_its_parts() -> None:
    world = new_world()
    world.buy(WETH, 4_000 * DOLLAR, 2 * 10**18, gas_quote=DOLLAR)
    world.buy(WBTC, 1_000 * DOLLAR, 10**6, gas_quote=2 * DOLLAR)
    world.trade(TradeSide.BUY, WETH, 50 * DOLLAR)
    value(world, weth=4_100, wbtc=900)
    BotSession.objects.filter(pk=world.session.pk).update(start_equity=10_000 * DOLLAR)
    found = worth_of(world.account)
    assert (found.cash, found.ordered, found.free) == (5_000 * DOLLAR, 50 * DOLLAR, 4_950 * DOLLAR)
    assert (found.positions, found.gas_paid, found.block) == (5_000 * DOLLAR, 3 * DOLLAR, 9)
    assert (found.worth, found.start, found.result) == (9_997 * DOLLAR, 10_000 * DOLLAR, -3 * DOLLAR)
    assert [one.token for one in found.contents] == [USDC, NATIVE, WETH, WBTC]


def test_orders_to_sell_bind_no_cash() -> None:
    world = new_world()
    world.buy(WETH, 100 * DOLLAR, 10**18)
    world.trade(TradeSide.SELL, WETH, 10**18)
    assert worth_of(world.account).ordered == 0


def test_gas_and_start_are_those_of_all_sessions() -> None:
    world = new_world()
    BotSession.objects.filter(pk=world.session.pk).update(status="ended", start_equity=7 * DOLLAR, gas_quote=2 * DOLLAR)
    second = new_session(world.account)
    BotSession.objects.filter(pk=second.pk).update(start_equity=6 * DOLLAR, gas_quote=DOLLAR)
    found = worth_of(world.account)
    assert (found.start, found.gas_paid) == (7 * DOLLAR, 3 * DOLLAR)


def test_the_session_that_opened_the_account_is_older_than_its_deposits() -> None:
    world = new_world()
    long_ago = world.session.created_at - timedelta(hours=1)
    BotSession.objects.filter(pk=world.session.pk).update(start_equity=7 * DOLLAR, created_at=long_ago)
    assert worth_of(world.account).start == 7 * DOLLAR


def test_amounts_of_any_size_stay_exact() -> None:
    world = new_world(deposits={USDC: 2**255, NATIVE: 10**18})
    world.buy(WETH, 2**254, 10**18)
    BotSession.objects.filter(pk=world.session.pk).update(start_equity=2**255)
    value(world, weth=1)
    found = worth_of(world.account)
    assert found.result == -(2**254) + DOLLAR
    assert found.contents[0].worth == 2**254


def test_what_lies_in_no_position_is_told_apart() -> None:
    account = new_account(deposits={USDC: DOLLAR, WETH: 5})
    found = worth_of(account)
    assert [(one.use, one.quantity, one.worth) for one in found.contents] == [
        (Use.CASH, DOLLAR, DOLLAR),
        (Use.GAS, 0, None),
        (Use.LOOSE, 5, None),
    ]
    assert found.worth == DOLLAR


def test_many_take_as_many_queries_as_one() -> None:
    counts = []
    for start, stop in ((0, 1), (1, 12)):
        for number in range(start, stop):
            account = new_account(name=f"account {number}")
            world = World(account=account, session=new_session(account))
            world.buy(WETH, DOLLAR, 10**18)
            BotSession.objects.filter(pk=world.session.pk).update(start_equity=DOLLAR)
        worths()
        with CaptureQueriesContext(connection) as asked:
            worths()
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 8


def test_no_account_takes_no_query_of_its_own() -> None:
    with CaptureQueriesContext(connection) as asked:
        assert account_worths(1, []) == {}
    assert len(asked) == 0
