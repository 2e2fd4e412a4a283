"""What a session did, added up from its rows."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from paper_trading.models import BotSession, Decision, PaperTrade, SessionStatus, TradeSide, TradeStatus
from paper_trading.selectors.summary import SessionSummary, summarise
from paper_trading.services.booking import FillCosts, book_fill, unbook_trade
from tests.paper_trading.world import FEE, WBTC, WETH, World, fill_of, new_session, new_world


@pytest.fixture
def world(books_db: str) -> World:
    return new_world()


def summary(world: World) -> SessionSummary:
    return summarise(world.session)


def think(world: World, action: str, code: str, repeats: int, number: int) -> None:
    Decision.objects.create(
        session=world.session,
        block_number=number,
        block_hash="0x1",
        last_block=number + repeats,
        repeats=repeats,
        token=WETH,
        action=action,
        code=code,
        edge_bps=0,
        confidence_pct=0,
    )


def test_a_session_that_did_nothing_is_all_zeros(world: World) -> None:
    found = summary(world)
    assert (found.statuses, found.sides, found.witnesses, found.exits, found.holds) == ({}, {}, {}, {}, {})
    assert (found.round_trips, found.wins, found.realised, found.volume, found.gas_wei, found.decisions) == (0,) * 6


def test_trades_are_counted_by_what_became_of_them(world: World) -> None:
    world.buy(WETH, 3_000, 100)
    world.revert(TradeSide.SELL, WETH, 40)
    world.trade(TradeSide.BUY, WBTC, 5)
    assert summary(world).statuses == {"filled": 1, "reverted": 1, "pending": 1}


def test_only_fills_count_as_bought_or_sold(world: World) -> None:
    world.buy(WETH, 3_000, 100)
    world.sell(WETH, 40, 1_500)
    world.revert(TradeSide.SELL, WETH, 40)
    assert summary(world).sides == {"buy": 1, "sell": 1}


def test_the_volume_is_what_went_through_the_quote_token(world: World) -> None:
    world.buy(WETH, 3_000, 100)
    world.sell(WETH, 40, 1_500)
    world.revert(TradeSide.BUY, WETH, 700)
    assert summary(world).volume == 4_500


def test_gas_is_that_of_every_booked_trade_reverts_included(world: World) -> None:
    world.buy(WETH, 3_000, 100, gas_quote=7)
    world.revert(TradeSide.SELL, WETH, 40, gas_quote=5)
    found = summary(world)
    assert (found.gas_quote, found.gas_wei) == (12, 2 * FEE)


def test_costs_are_those_of_the_fills(world: World) -> None:
    for costs in (
        FillCosts(pool_fee_quote=9, impact_quote=4, drift_quote=-3),
        FillCosts(pool_fee_quote=1, impact_quote=-2, drift_quote=1),
    ):
        trade = world.trade(TradeSide.BUY, WETH, 100)
        book_fill(session=world.session, trade=trade, fill=fill_of(world.next_block(), 100, 5), costs=costs)
    found = summary(world)
    assert (found.pool_fees, found.impact, found.drift) == (10, 2, -2)


def test_round_trips_are_closed_positions_and_wins_those_above_zero(world: World) -> None:
    world.buy(WETH, 1_000, 100, gas_quote=10)
    world.sell(WETH, 100, 1_500, gas_quote=10)
    world.buy(WBTC, 1_000, 50)
    world.sell(WBTC, 50, 1_000)
    world.buy(WETH, 500, 10)
    found = summary(world)
    assert (found.round_trips, found.wins, found.realised) == (2, 1, 480)


def test_a_round_trip_counts_for_the_session_that_closed_it(world: World) -> None:
    world.buy(WETH, 1_000, 100)
    world.buy(WETH, 1_000, 100)
    BotSession.objects.update(status=SessionStatus.ENDED)
    first = world.session
    world.session = new_session(world.account)
    world.sell(WETH, 150, 2_000)
    assert (summary(world).round_trips, summarise(first).round_trips) == (0, 0)
    world.sell(WETH, 50, 700)
    found, before = summary(world), summarise(first)
    assert (found.round_trips, found.wins, found.realised) == (1, 1, 700)
    assert (before.round_trips, before.wins, before.realised) == (0, 0, 0)


def test_more_round_trips_need_no_more_queries(world: World) -> None:
    counts = []
    for _ in range(2):
        for _ in range(3):
            world.buy(WETH, 1_000, 100)
            world.sell(WETH, 100, 1_500)
        with CaptureQueriesContext(connection) as queries:
            summary(world)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_exits_are_counted_by_their_reason(world: World) -> None:
    world.buy(WETH, 1_000, 100)
    world.sell(WETH, 60, 700, exit_reason="take_profit")
    world.sell(WETH, 40, 300, exit_reason="stop_loss")
    assert summary(world).exits == {"take_profit": 1, "stop_loss": 1}


def test_witnesses_are_those_of_the_booked_trades(world: World) -> None:
    world.buy(WETH, 3_000, 100)
    world.revert(TradeSide.SELL, WETH, 40)
    assert summary(world).witnesses == {"both": 2}


def test_a_trade_that_a_reorg_took_back_costs_nothing(world: World) -> None:
    unbook_trade(trade=world.buy(WETH, 3_000, 100, gas_quote=7), block=world.next_block())
    found = summary(world)
    assert (found.statuses, found.sides, found.witnesses) == ({"unbooked": 1}, {}, {})
    assert (found.gas_quote, found.gas_wei, found.volume) == (0, 0, 0)


def test_a_trade_that_was_filled_again_counts_once(world: World) -> None:
    trade = world.buy(WETH, 3_000, 100, gas_quote=7)
    unbook_trade(trade=trade, block=world.next_block())
    book_fill(
        session=world.session,
        trade=PaperTrade.objects.get(pk=trade.pk),
        fill=fill_of(world.next_block(), 3_000, 90),
        costs=FillCosts(gas_quote=8),
    )
    found = summary(world)
    assert (found.statuses, found.witnesses, found.gas_quote) == ({TradeStatus.FILLED: 1}, {"both": 1}, 8)


def test_decisions_count_their_repetitions_and_holds_say_why(world: World) -> None:
    think(world, "hold", "cooldown", 4, 1)
    think(world, "hold", "edge_below_bar", 10, 5)
    think(world, "hold", "cooldown", 2, 20)
    think(world, "buy", "edge_over_bar", 1, 30)
    found = summary(world)
    assert (found.decisions, found.decision_rows) == (17, 4)
    assert found.holds == {"cooldown": 6, "edge_below_bar": 10}


def test_another_session_of_the_account_is_not_counted(world: World) -> None:
    world.buy(WETH, 3_000, 100, gas_quote=7)
    BotSession.objects.update(status=SessionStatus.ENDED)
    later = new_session(world.account)
    assert summarise(later).statuses == {}
    assert summarise(later).gas_quote == 0
