from collections.abc import Mapping
from dataclasses import replace
from typing import NoReturn

import pytest
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test.utils import CaptureQueriesContext

from dex.types import Address, BlockRef
from paper_trading.bot.book import read_book
from paper_trading.errors import CommandOver, InsufficientBalance
from paper_trading.intelligence.base import Action, Evidence, Reading
from paper_trading.intelligence.base import Decision as Thought
from paper_trading.models import (
    BotSession,
    Decision,
    FillReceipt,
    LedgerPosting,
    PaperTrade,
    Position,
    QuarantinedPool,
    SessionCommand,
    TradeSide,
    TradeStatus,
)
from paper_trading.selectors import balances, check_ledger
from paper_trading.selectors.summary import summarise
from paper_trading.services import ticks
from paper_trading.services.booking import book_fill
from paper_trading.services.leases import LeaseLost, claim
from paper_trading.services.ticks import (
    Decided,
    Filled,
    GivenUp,
    NewOrder,
    Obeyed,
    SessionTick,
    Tick,
    Written,
    commit,
    commit_all,
)
from paper_trading.tokens import NATIVE
from tests.paper_trading.rivals import together
from tests.paper_trading.world import (
    DEPOSITS,
    FEE,
    USDC,
    WBTC,
    WETH,
    World,
    block_at,
    fill_of,
    new_account,
    new_session,
    new_world,
    plan_for,
)

POOL = Address("0xB4e16d0168e52d35CaCD2c6185b44281Ec28C9Dc")
READING = Reading(
    signal="trend",
    score=0.5,
    confidence=0.7,
    expected_move_bps=30.0,
    evidence=(Evidence(name="slope", value=12.5, unit="bps"),),
    reason="the price rises",
)


class Host:
    """What a session host does with the books, without a market."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.token = claim(session_id=world.session.pk, owner="the test")

    def commit(self, tick: Tick) -> Written:
        return commit(session_id=self.world.session.pk, lease_token=self.token, tick=tick)

    def order(self, token: Address, paid: int, block: BlockRef) -> int:
        return self.commit(Tick(block=block, decided=(self.buy(token, paid, block),))).orders[token]

    def buy(self, token: Address, paid: int, block: BlockRef) -> Decided:
        plan = plan_for(self.world.account, USDC, token, paid, block)
        order = NewOrder(plan=plan, side=TradeSide.BUY)
        return Decided(token=token, block=block, thought=thought(Action.BUY), order=order)


def thought(action: Action = Action.HOLD, code: str = "no_edge") -> Thought:
    return Thought(
        action=action,
        code=code,
        reasons=("too dear",),
        edge_bps=-3.4,
        cost_bps=61.0,
        confidence=0.42,
        size=0,
        tolerance_bps=30,
        readings=(READING,),
    )


def filled(trade_id: int, block: BlockRef, paid: int, got: int, **costs: int) -> Filled:
    return Filled(trade_id=trade_id, fill=fill_of(block, paid, got), gas_quote=7, **costs)


@pytest.fixture
def host(books_db: str) -> Host:
    return Host(new_world())


def everything() -> Mapping[str, list[object]]:
    models = (BotSession, Decision, FillReceipt, LedgerPosting, PaperTrade, Position, QuarantinedPool)
    return {model.__name__: list(model._default_manager.order_by("pk").values()) for model in models}


def test_the_cursor_moves_with_every_tick(host: Host) -> None:
    host.commit(Tick(block=block_at(5)))
    host.commit(Tick(block=block_at(6)))
    session = BotSession.objects.get()
    assert (session.cursor_block, session.cursor_hash, session.state_version) == (6, block_at(6).hash, 2)


def test_a_decision_is_stored_with_its_readings(host: Host) -> None:
    decided = Decided(token=WETH, block=block_at(5), thought=thought())
    written = host.commit(Tick(block=block_at(5), decided=(decided,)))
    row = Decision.objects.get(pk=written.decisions[WETH])
    assert (row.action, row.code, row.edge_bps, row.confidence_pct, row.last_block) == ("hold", "no_edge", -3, 42, 5)
    assert row.readings[0]["evidence"] == [{"name": "slope", "value": 12.5, "unit": "bps"}]


def test_a_decision_that_repeats_is_counted_in_its_row(host: Host) -> None:
    first = host.commit(Tick(block=block_at(5), decided=(Decided(token=WETH, block=block_at(5), thought=thought()),)))
    again = Decided(token=WETH, block=block_at(9), thought=thought(), row_id=first.decisions[WETH], repeats=4)
    assert host.commit(Tick(block=block_at(9), decided=(again,))).decisions == {}
    row = Decision.objects.get()
    assert (row.block_number, row.last_block, row.repeats) == (5, 9, 5)


def test_a_block_that_is_decided_again_has_one_decision_and_one_order(host: Host) -> None:
    ticks_ = [host.commit(Tick(block=block_at(5), decided=(host.buy(WETH, 3_000, block_at(5)),))) for _ in range(2)]
    assert ticks_[0] == ticks_[1]
    assert (Decision.objects.count(), PaperTrade.objects.count()) == (1, 1)


def test_an_order_waits_with_the_plan_that_was_decided(host: Host) -> None:
    trade = PaperTrade.objects.get(pk=host.order(WETH, 3_000, block_at(5)))
    plan = plan_for(host.world.account, USDC, WETH, 3_000, block_at(5))
    (pending,) = read_book(host.world.session).pending
    assert (pending.trade_id, pending.plan, pending.token) == (trade.pk, plan, WETH)
    assert (trade.status, trade.sequence, trade.decided_block, trade.amount_in) == ("pending", 1, 5, 3_000)
    assert trade.decision is not None


def test_orders_are_numbered_in_the_order_of_decision(host: Host) -> None:
    orders = (host.buy(WETH, 3_000, block_at(5)), host.buy(WBTC, 2_000, block_at(5)))
    host.commit(Tick(block=block_at(5), decided=orders))
    assert list(PaperTrade.objects.order_by("sequence").values_list("token_out", flat=True)) == [WETH, WBTC]


def test_a_fill_is_booked_with_what_explains_it(host: Host) -> None:
    trade_id = host.order(WETH, 3_000, block_at(5))
    fill = filled(trade_id, block_at(6), 3_000, 100, pool_fee_quote=9, impact_quote=2, drift_quote=-4)
    host.commit(Tick(block=block_at(6), fills=(fill,)))
    trade = PaperTrade.objects.get()
    assert (trade.status, trade.gas_quote, trade.pool_fee_quote) == ("filled", 7, 9)
    assert (trade.impact_quote, trade.drift_quote) == (2, -4)
    assert balances(host.world.account) == {USDC: DEPOSITS[USDC] - 3_000, WETH: 100, NATIVE: DEPOSITS[NATIVE] - FEE}
    assert check_ledger(host.world.account) == []


def test_two_fills_of_a_tick_are_booked_one_after_the_other(host: Host) -> None:
    first, second = host.order(WETH, 3_000, block_at(5)), host.order(WBTC, 2_000, block_at(6))
    fills = (filled(first, block_at(7), 3_000, 100), filled(second, block_at(7), 2_000, 50))
    host.commit(Tick(block=block_at(7), fills=fills))
    receipts = FillReceipt.objects.order_by("sequence")
    assert [receipt.native_balance for receipt in receipts] == [DEPOSITS[NATIVE], DEPOSITS[NATIVE] - FEE]
    book = read_book(host.world.session)
    assert (book.gas_quote, book.last_trade_blocks) == (14, {WETH: 7, WBTC: 7})
    assert check_ledger(host.world.account) == []


def test_a_fill_of_another_session_is_refused(host: Host) -> None:
    trade_id = host.order(WETH, 3_000, block_at(5))
    BotSession.objects.update(status="ended")
    other = Host(World(account=host.world.account, session=new_session(host.world.account)))
    with pytest.raises(PaperTrade.DoesNotExist):
        other.commit(Tick(block=block_at(6), fills=(filled(trade_id, block_at(6), 3_000, 100),)))


def crowded(host: Host) -> Tick:
    """A tick with something of everything."""
    old = host.order(WETH, 3_000, block_at(5))
    host.commit(Tick(block=block_at(6), fills=(filled(old, block_at(6), 3_000, 100),)))
    next_order, late = host.order(WBTC, 1_000, block_at(6)), host.order(WETH, 500, block_at(7))
    return Tick(
        block=block_at(8, fork=1),
        removed=(block_at(6),),
        fills=(filled(next_order, block_at(8, fork=1), 1_000, 20),),
        given_up=(GivenUp(trade_id=late, status=TradeStatus.EXPIRED, reason="too late"),),
        decided=(host.buy(WBTC, 700, block_at(8, fork=1)),),
        quarantined={POOL: "two answers"},
        peaks={WETH: 4_000},
    )


def test_a_tick_with_everything_is_booked_in_order(host: Host) -> None:
    host.commit(crowded(host))
    statuses = PaperTrade.objects.order_by("sequence").values_list("status", flat=True)
    assert list(statuses) == ["unbooked", "filled", "expired", "pending"]
    assert check_ledger(host.world.account) == []


@pytest.mark.parametrize("step", ["_take_back", "book_all", "give_up", "_value", "store_thoughts", "place_orders"])
def test_a_tick_that_fails_anywhere_leaves_nothing(host: Host, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    tick = crowded(host)
    before = everything()
    real = getattr(ticks, step)

    def crash(*args: object, **kwargs: object) -> NoReturn:
        real(*args, **kwargs)
        raise KeyboardInterrupt

    monkeypatch.setattr(ticks, step, crash)
    with pytest.raises(KeyboardInterrupt):
        host.commit(tick)
    assert everything() == before


def test_a_lost_lease_books_nothing(host: Host) -> None:
    tick = crowded(host)
    BotSession.objects.update(lease_token=host.token + 1)
    before = everything()
    with pytest.raises(LeaseLost):
        host.commit(tick)
    assert everything() == before


def test_an_order_that_no_block_took_costs_nothing(host: Host) -> None:
    trade_id = host.order(WETH, 3_000, block_at(5))
    gone = GivenUp(trade_id=trade_id, status=TradeStatus.EXPIRED, reason="the base fee rose")
    host.commit(Tick(block=block_at(6), given_up=(gone,)))
    trade = PaperTrade.objects.get()
    assert (trade.status, trade.revert_reason) == ("expired", "the base fee rose")
    assert balances(host.world.account) == DEPOSITS
    assert read_book(host.world.session).pending == ()


def test_a_booked_trade_cannot_be_given_up(host: Host) -> None:
    trade_id = host.order(WETH, 3_000, block_at(5))
    host.commit(Tick(block=block_at(6), fills=(filled(trade_id, block_at(6), 3_000, 100),)))
    gone = GivenUp(trade_id=trade_id, status=TradeStatus.CANCELLED, reason="late")
    host.commit(Tick(block=block_at(7), given_up=(gone,)))
    assert PaperTrade.objects.get().status == "filled"


def test_trades_of_removed_blocks_are_taken_back_and_wait_again(host: Host) -> None:
    first, second = host.order(WETH, 3_000, block_at(5)), host.order(WBTC, 2_000, block_at(6))
    host.commit(Tick(block=block_at(7), fills=(filled(second, block_at(7), 2_000, 50),)))
    host.commit(Tick(block=block_at(8), fills=(filled(first, block_at(8), 3_000, 100),)))
    host.commit(Tick(block=block_at(8, fork=1), removed=(block_at(8), block_at(7))))
    reversals = FillReceipt.objects.filter(kind="reversal").order_by("sequence")
    assert [receipt.trade_id for receipt in reversals] == [first, second]
    book = read_book(host.world.session)
    assert [pending.trade_id for pending in book.pending] == [first, second]
    assert (book.gas_quote, book.positions) == (0, {})
    assert {token: held for token, held in book.balances.items() if held != 0} == DEPOSITS
    assert check_ledger(host.world.account) == []


def test_a_trade_taken_back_from_an_ended_session_waits_for_nobody(host: Host) -> None:
    trade_id = host.order(WETH, 3_000, block_at(5))
    host.commit(Tick(block=block_at(6), fills=(filled(trade_id, block_at(6), 3_000, 100),)))
    BotSession.objects.update(status="ended")
    other = Host(World(account=host.world.account, session=new_session(host.world.account)))
    other.commit(Tick(block=block_at(6, fork=1), removed=(block_at(6),)))
    assert PaperTrade.objects.get().status == "cancelled"
    assert BotSession.objects.get(pk=host.world.session.pk).gas_quote == 0
    assert check_ledger(host.world.account) == []


def test_a_pool_is_quarantined_once(host: Host) -> None:
    for number in (5, 6):
        host.commit(Tick(block=block_at(number), quarantined={POOL: f"differs at {number}"}))
    assert QuarantinedPool.objects.values_list("block_number", "reason").get() == (5, "differs at 5")
    assert read_book(host.world.session).quarantined == {POOL}


def test_a_peak_is_kept(host: Host) -> None:
    trade_id = host.order(WETH, 3_000, block_at(5))
    host.commit(Tick(block=block_at(6), fills=(filled(trade_id, block_at(6), 3_000, 100),)))
    host.commit(Tick(block=block_at(7), peaks={WETH: 3_300}))
    assert read_book(host.world.session).positions[WETH].view.peak_worth == 3_300


def test_statements_do_not_grow_with_history(host: Host) -> None:
    def trade(number: int) -> tuple[int, int, int]:
        trade_id = host.order(WETH, 10, block_at(number))
        tick = Tick(block=block_at(number + 1), fills=(filled(trade_id, block_at(number + 1), 10, 5),))
        with CaptureQueriesContext(connection) as booked:
            host.commit(tick)
        with CaptureQueriesContext(connection) as read:
            read_book(host.world.session)
        with CaptureQueriesContext(connection) as summed:
            summarise(host.world.session)
        return len(booked), len(read), len(summed)

    trade(5)
    second = trade(15)
    for number in range(25, 75, 10):
        trade(number)
    assert trade(85) == second
    assert second[0] <= 22


@pytest.mark.postgres
def test_two_writers_on_one_account_book_one_after_the_other(rival_books: BaseDatabaseWrapper) -> None:
    """Both try to spend nearly all the money at once: each round exactly what the wallet holds is spent."""
    world = new_world(deposits={USDC: 1_000, NATIVE: 100 * FEE})
    trades = [world.trade(TradeSide.BUY, WETH, 100)]
    for number in range(2, 21):
        world.block = number
        trades.append(world.trade(TradeSide.BUY, WETH, 100))

    def book(mine: list[PaperTrade]) -> None:
        for trade in mine:
            try:
                fill = fill_of(block_at(30 + trade.sequence), 100, trade.sequence)
                book_fill(session=world.session, trade=trade, fill=fill)
            except InsufficientBalance:
                continue

    together(rival_books, [lambda: book(trades[::2]), lambda: book(trades[1::2])])
    done = PaperTrade.objects.filter(status="filled")
    assert done.count() == 10
    assert balances(world.account) == {
        USDC: 0,
        WETH: sum(done.values_list("sequence", flat=True)),
        NATIVE: 90 * FEE,
    }
    assert check_ledger(world.account) == []


def crowd(count: int) -> list[Host]:
    first = new_world()
    others = [new_account(user=first.account.user, name=f"other {number}") for number in range(1, count)]
    return [Host(first), *(Host(World(account=account, session=new_session(account))) for account in others)]


def together_at(hosts: list[Host], number: int, trades: list[int] | None = None) -> list[SessionTick]:
    """Each fills what it ordered and orders once more."""
    block = block_at(number)
    fills = [()] * len(hosts) if trades is None else [(filled(pk, block, 3_000, 100),) for pk in trades]
    token = (WETH, WBTC)[number % 2]
    return [
        SessionTick(
            session_id=host.world.session.pk,
            lease_token=host.token,
            tick=Tick(block=block, fills=fill, decided=(host.buy(token, 3_000, block),)),
        )
        for host, fill in zip(hosts, fills, strict=True)
    ]


def ordered_by(outcomes: list[Written | Exception]) -> list[int]:
    written = [one for one in outcomes if isinstance(one, Written)]
    assert len(written) == len(outcomes)
    return [pk for one in written for pk in one.orders.values()]


def test_the_fills_of_many_sessions_take_as_many_statements_as_those_of_one(books_db: str) -> None:
    hosts = crowd(6)

    def statements(some: list[Host], number: int) -> int:
        trades = ordered_by(commit_all(together_at(some, number)))
        with CaptureQueriesContext(connection) as asked:
            ordered_by(commit_all(together_at(some, number + 1, trades)))
        return len(asked)

    assert statements(hosts[:1], 5) == statements(hosts[1:], 15)
    assert [check_ledger(host.world.account) for host in hosts] == [[]] * 6


def test_a_tick_that_is_refused_takes_none_of_its_neighbours_along(books_db: str) -> None:
    hosts = crowd(5)
    ticks_ = together_at(hosts, 6, ordered_by(commit_all(together_at(hosts, 5))))
    dear = filled(ticks_[3].tick.fills[0].trade_id, block_at(6), DEPOSITS[USDC] + 1, 100)
    ticks_[3] = replace(ticks_[3], tick=replace(ticks_[3].tick, fills=(dear,)))
    outcomes = commit_all(ticks_)
    assert [type(one) for one in outcomes] == [Written, Written, Written, InsufficientBalance, Written]
    statuses = dict(PaperTrade.objects.filter(decided_block=5).values_list("session_id", "status"))
    assert [statuses[host.world.session.pk] for host in hosts] == [*["filled"] * 3, "pending", "filled"]
    cursors = dict(BotSession.objects.values_list("pk", "cursor_block"))
    assert [cursors[host.world.session.pk] for host in hosts] == [6, 6, 6, 5, 6]
    assert [check_ledger(host.world.account) for host in hosts] == [[]] * 5


def test_a_session_that_somebody_else_took_loses_its_tick_alone(books_db: str) -> None:
    hosts = crowd(3)
    ticks_ = together_at(hosts, 6, ordered_by(commit_all(together_at(hosts, 5))))
    BotSession.objects.filter(pk=hosts[1].world.session.pk).update(lease_token=99)
    outcomes = commit_all(ticks_)
    assert [type(one) for one in outcomes] == [Written, LeaseLost, Written]
    assert PaperTrade.objects.get(decided_block=5, session=hosts[1].world.session).status == "pending"


def test_an_order_by_hand_that_was_carried_out_is_not_carried_out_again(host: Host) -> None:
    user, session = host.world.account.user, host.world.session
    command = SessionCommand.objects.create(session=session, user=user, kind="buy", token=WETH, amount=3_000)
    done = (Obeyed(command_id=command.pk, tokens=(WETH,)),)
    host.commit(Tick(block=block_at(5), decided=(host.buy(WETH, 3_000, block_at(5)),), commands=done))
    with pytest.raises(CommandOver):
        host.commit(Tick(block=block_at(6), decided=(host.buy(WETH, 3_000, block_at(6)),), commands=done))
    assert (PaperTrade.objects.count(), BotSession.objects.get().cursor_block) == (1, 5)
