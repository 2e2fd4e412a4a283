"""What the bot reads of its accounts between two commits, on both databases."""

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from paper_trading.bot.book import Book, Pending, read_book, read_books
from paper_trading.models import BotSession, PaperTrade, QuarantinedPool, TradeSide
from paper_trading.selectors.wallets import balances, balances_by_account
from paper_trading.services.leases import claim
from paper_trading.services.ticks import Tick, commit
from paper_trading.tokens import NATIVE
from tests.paper_trading.world import DEPOSITS, FEE, USDC, WBTC, WETH, World, block_at, new_account, new_session
from trading.plan_json import load

POOL = "0xB4e16d0168e52d35CaCD2c6185b44281Ec28C9Dc"


def world_of(name: str) -> World:
    account = new_account(user=User.objects.create(username=name))
    return World(account=account, session=new_session(account))


@pytest.fixture
def worlds(books_db: str) -> list[World]:
    """Three accounts of different histories, and one that did nothing."""
    made = [world_of(name) for name in ("ann", "bob", "cid", "dan")]
    made[0].buy(WETH, 3_000, 100, gas_quote=5)
    made[0].trade(TradeSide.BUY, WBTC, 700)
    made[1].buy(WBTC, 2_000, 50, gas_quote=7)
    made[1].sell(WBTC, 50, 2_100, gas_quote=1)
    made[1].trade(TradeSide.BUY, WETH, 20)
    made[1].trade(TradeSide.BUY, WBTC, 30)
    QuarantinedPool.objects.create(session=made[2].session, pool=POOL, block_number=3, reason="two answers")
    return made


def all_of(worlds: list[World]) -> dict[int, Book]:
    return read_books([world.session for world in worlds])


def queries(worlds: list[World]) -> int:
    with CaptureQueriesContext(connection) as asked:
        all_of(worlds)
    return len(asked)


def test_many_books_are_the_books_of_each(worlds: list[World]) -> None:
    assert all_of(worlds) == {world.session.pk: read_book(world.session) for world in worlds}


def test_every_book_has_its_own_money(worlds: list[World]) -> None:
    ann, bob, cid, _ = (all_of(worlds)[world.session.pk] for world in worlds)
    assert ann.balances == {USDC: DEPOSITS[USDC] - 3_000, WETH: 100, NATIVE: DEPOSITS[NATIVE] - FEE}
    assert bob.balances == {USDC: DEPOSITS[USDC] + 100, WBTC: 0, NATIVE: DEPOSITS[NATIVE] - 2 * FEE}
    assert cid.balances == DEPOSITS
    assert (ann.gas_quote, bob.gas_quote, cid.gas_quote) == (5, 8, 0)


def test_every_book_has_its_own_positions_and_trades(worlds: list[World]) -> None:
    ann, bob, cid, dan = (all_of(worlds)[world.session.pk] for world in worlds)
    assert {token: held.view.quantity for token, held in ann.positions.items()} == {WETH: 100}
    assert (bob.positions, cid.positions) == ({}, {})
    assert (ann.last_trade_blocks, bob.last_trade_blocks, cid.last_trade_blocks) == ({WETH: 2}, {WBTC: 3}, {})
    assert [pending.token for pending in ann.pending] == [WBTC]
    assert [(pending.token, pending.plan.amount_in) for pending in bob.pending] == [(WETH, 20), (WBTC, 30)]
    assert (cid.quarantined, dan.quarantined) == ({POOL}, frozenset())


def test_many_books_take_as_many_queries_as_one(worlds: list[World]) -> None:
    assert queries(worlds) == queries(worlds[:1]) == 6


def test_of_no_sessions_there_are_no_books(books_db: str) -> None:
    assert read_books([]) == {}


def test_a_session_that_carries_no_account_row_is_read_all_the_same(worlds: list[World]) -> None:
    bare = BotSession.objects.only("pk").get(pk=worlds[0].session.pk)
    assert read_book(bare) == read_book(worlds[0].session)


def test_what_an_earlier_session_left_open_is_in_the_book_of_the_next(worlds: list[World]) -> None:
    BotSession.objects.filter(pk=worlds[0].session.pk).update(status="ended")
    following = new_session(worlds[0].account)
    book = read_book(following)
    assert (set(book.positions), book.pending, book.last_trade_blocks) == ({WETH}, (), {})


def test_a_book_with_an_order_is_what_is_read_once_it_is_placed(worlds: list[World]) -> None:
    before = read_book(worlds[0].session)
    trade = worlds[0].trade(TradeSide.SELL, WETH, 100)
    order = Pending(trade_id=trade.pk, side=TradeSide.SELL, token=WETH, plan=load(trade.plan))
    assert before.with_orders([order]) == read_book(worlds[0].session)
    assert before.with_orders([order]).with_orders([order]) == before.with_orders([order])


def test_a_book_with_peaks_is_what_is_read_once_they_are_stored(worlds: list[World]) -> None:
    before = read_book(worlds[0].session)
    token = claim(session_id=worlds[0].session.pk, owner="the test")
    peaks = {WETH: 77, WBTC: 5}  # of the second there is no position
    commit(session_id=worlds[0].session.pk, lease_token=token, tick=Tick(block=block_at(30), peaks=peaks))
    assert before.with_peaks(peaks) == read_book(worlds[0].session) != before


def test_balances_of_many_accounts_are_those_of_each(worlds: list[World]) -> None:
    ids = [world.account.pk for world in worlds]
    assert balances_by_account(ids) == {world.account.pk: balances(world.account) for world in worlds}
    assert balances_by_account([]) == {}


def test_the_plan_of_a_waiting_order_is_the_one_that_was_stored(worlds: list[World]) -> None:
    [pending] = all_of(worlds)[worlds[0].session.pk].pending
    assert pending.plan == load(PaperTrade.objects.get(pk=pending.trade_id).plan)
