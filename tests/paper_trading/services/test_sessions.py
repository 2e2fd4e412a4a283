from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from paper_trading.errors import InsufficientBalance
from paper_trading.models import BotSession, PaperTrade, Position, TradeSide
from paper_trading.selectors import check_ledger
from paper_trading.services import sessions
from paper_trading.services.booking import unbook_trade
from paper_trading.services.leases import LeaseLost, claim, renew
from paper_trading.services.ticks import Tick, commit
from paper_trading.tokens import NATIVE
from tests.paper_trading.world import DEPOSITS, USDC, WBTC, WETH, World, block_at, new_account, new_world


@pytest.fixture
def world(books_db: str) -> World:
    return new_world(deposits=DEPOSITS | {WETH: 500})


def lease(world: World) -> int:
    return claim(session_id=world.session.pk, owner="the test")


def begin(world: World, token: int, **inherited: tuple[int, int]) -> None:
    taken = inherited or {WETH: (500, 12_000)}
    sessions.begin(session=world.session, lease_token=token, block=block_at(3), equity=99_000, inherited=taken)


def test_a_session_is_opened_as_asked(books_db: str) -> None:
    account = new_account()
    ends_at = datetime(2030, 1, 1, tzinfo=UTC)
    session = sessions.open_session(
        account=account,
        user=account.user,
        name="night",
        chain="devnet",
        intel_level=7,
        overrides={"cooldown_blocks": 3},
        recording="",
        ends_at=ends_at,
    )
    stored = BotSession.objects.get()
    assert (stored.name, stored.intel_level, stored.overrides) == ("night", 7, {"cooldown_blocks": 3})
    assert (stored.status, stored.ends_at, stored.gas_quote) == ("open", ends_at, 0)
    assert sessions.live_session(account) == session


def test_a_second_session_is_refused_while_one_lives(world: World) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        sessions.open_session(
            account=world.account,
            user=world.account.user,
            name="",
            chain="devnet",
            intel_level=5,
            overrides={},
            recording="",
            ends_at=None,
        )


def test_a_loaded_session_asks_nothing_more(world: World) -> None:
    session = sessions.load(world.session.pk)
    with CaptureQueriesContext(connection) as queries:
        assert (session.account.pk, session.user.username) == (world.account.pk, "alice")
    assert len(queries) == 0


def test_beginning_fixes_what_the_result_is_measured_against(world: World) -> None:
    begin(world, lease(world))
    stored = BotSession.objects.get()
    assert (stored.started_block, stored.start_equity) == (3, 99_000)
    expected = {USDC: str(DEPOSITS[USDC]), NATIVE: str(DEPOSITS[NATIVE]), WETH: "500"}
    assert stored.state["start_balances"] == expected
    assert (world.session.started_block, world.session.start_equity) == (3, 99_000)


def test_deposits_become_positions_at_their_worth(world: World) -> None:
    begin(world, lease(world))
    position = Position.objects.get()
    assert (position.token, position.quantity, position.cost, position.opened_block) == (WETH, 500, 12_000, 3)
    assert check_ledger(world.account) == []


def test_beginning_without_the_lease_writes_nothing(world: World) -> None:
    token = lease(world)
    with pytest.raises(LeaseLost):
        begin(world, token - 1)
    assert (BotSession.objects.get().started_block, world.session.started_block) == (None, None)
    assert Position.objects.count() == 0


def test_a_session_begins_whole_or_not_at_all(world: World) -> None:
    token = lease(world)
    with pytest.raises(InsufficientBalance):
        begin(world, token, **{WETH: (500, 1), WBTC: (1, 1)})
    assert BotSession.objects.get().started_block is None
    assert Position.objects.count() == 0


@pytest.mark.parametrize(("halted", "status"), [(False, "ended"), (True, "halted")])
def test_ending_says_why_and_frees_the_account(world: World, halted: bool, status: str) -> None:
    sessions.end(session=world.session, lease_token=lease(world), reason="enough", halted=halted)
    stored = BotSession.objects.get()
    assert (stored.status, stored.end_reason, stored.owner, stored.lease_until) == (status, "enough", "", None)
    assert stored.ended_at is not None
    assert world.session.status == status
    assert sessions.live_session(world.account) is None


def test_what_waits_is_cancelled_and_what_is_booked_stays(world: World) -> None:
    world.buy(WBTC, 3_000, 100)
    unbook_trade(trade=world.buy(WBTC, 2_000, 60), block=world.next_block())
    world.trade(TradeSide.BUY, WETH, 1_000)
    sessions.end(session=world.session, lease_token=lease(world), reason="enough")
    trades = PaperTrade.objects.order_by("sequence")
    assert [trade.status for trade in trades] == ["filled", "cancelled", "cancelled"]
    assert trades[2].revert_reason == "the session ended: enough"
    assert Position.objects.get().status == "open"
    assert check_ledger(world.account) == []


def test_ending_without_the_lease_changes_nothing(world: World) -> None:
    token = lease(world)
    world.trade(TradeSide.BUY, WETH, 1_000)
    with pytest.raises(LeaseLost):
        sessions.end(session=world.session, lease_token=token - 1, reason="enough")
    assert (BotSession.objects.get().status, PaperTrade.objects.get().status) == ("running", "pending")


def test_an_ended_session_is_neither_renewed_nor_booked_on(world: World) -> None:
    token = lease(world)
    sessions.end(session=world.session, lease_token=token, reason="enough")
    before = BotSession.objects.values().get()
    with pytest.raises(LeaseLost):
        renew(session_id=world.session.pk, token=token)
    with pytest.raises(LeaseLost):
        commit(session_id=world.session.pk, lease_token=token, tick=Tick(block=block_at(9)))
    assert BotSession.objects.values().get() == before


def test_ending_again_changes_nothing(world: World) -> None:
    token = lease(world)
    sessions.end(session=world.session, lease_token=token, reason="enough")
    before = BotSession.objects.values().get()
    sessions.end(session=world.session, lease_token=token, reason="once more", halted=True)
    assert BotSession.objects.values().get() == before
