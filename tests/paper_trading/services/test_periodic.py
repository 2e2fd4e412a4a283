"""What the night takes away, what it never touches, and who is found to be missing."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from paper_trading.models import (
    BotHost,
    BotSession,
    CommandKind,
    CommandStatus,
    Decision,
    FillReceipt,
    LedgerEntry,
    PaperTrade,
    SessionCommand,
    SessionStatus,
)
from paper_trading.services import periodic
from paper_trading.services.periodic import clean_up, reap
from tests.paper_trading.world import USDC, WETH, World, new_account, new_session, new_world

pytestmark = pytest.mark.usefixtures("books_db")
LONG_AGO = timedelta(days=31)


def ago(**much: float) -> datetime:
    return timezone.now() - timedelta(**much)


def decide(session: BotSession, block: int, *, action: str = "hold") -> Decision:
    return Decision.objects.create(
        session=session,
        block_number=block,
        block_hash=f"0x{block:064x}",
        last_block=block,
        token=WETH,
        action=action,
        code="no_edge",
        edge_bps=0,
        confidence_pct=50,
    )


def traded_world() -> World:
    """A session with a trade, two holds, a decision that traded, and an order by hand."""
    world = new_world()
    trade = world.buy(WETH, 1_000_000, 10**15)
    trade.decision = decide(world.session, 1, action="buy")
    trade.save()
    decide(world.session, 2)
    decide(world.session, 3)
    SessionCommand.objects.create(
        session=world.session, user=world.account.user, kind=CommandKind.BUY, token=USDC, status=CommandStatus.DONE
    )
    return world


def end(session: BotSession, **much: float) -> None:
    BotSession.objects.filter(pk=session.pk).update(
        status=SessionStatus.ENDED, ended_at=ago(**much), owner="", lease_until=None
    )


def test_a_session_that_ended_long_ago_is_archived_and_keeps_all_that_was_booked() -> None:
    world = traded_world()
    end(world.session, days=31)
    booked = [model.objects.count() for model in (PaperTrade, LedgerEntry, FillReceipt)]
    cleaned = clean_up()
    assert (cleaned.archived, cleaned.decisions, cleaned.commands) == (1, 2, 1)
    world.session.refresh_from_db()
    assert world.session.archived_at is not None
    assert [model.objects.count() for model in (PaperTrade, LedgerEntry, FillReceipt)] == booked
    assert list(Decision.objects.values_list("action", flat=True)) == ["buy"]


def test_a_session_that_ended_lately_keeps_everything() -> None:
    world = traded_world()
    end(world.session, days=29)
    cleaned = clean_up()
    assert (cleaned.archived, cleaned.decisions, cleaned.commands) == (0, 0, 0)


def test_one_that_its_user_archived_lately_keeps_its_thoughts() -> None:
    world = traded_world()
    end(world.session, days=2)
    BotSession.objects.update(archived_at=timezone.now())
    assert clean_up().decisions == 0


def test_a_living_session_is_never_archived() -> None:
    session = new_world().session
    BotSession.objects.filter(pk=session.pk).update(created_at=ago(days=400), ended_at=None)
    assert clean_up().archived == 0


def test_cleaning_twice_changes_nothing_the_second_time() -> None:
    end(traded_world().session, days=31)
    clean_up()
    cleaned = clean_up()
    assert (cleaned.archived, cleaned.decisions, cleaned.commands, cleaned.hosts) == (0, 0, 0, 0)


def test_thoughts_are_deleted_in_bounded_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(periodic, "PART", 2)
    monkeypatch.setattr(periodic, "MOST_PARTS", 2)
    session = new_world().session
    for block in range(1, 8):
        decide(session, block)
    end(session, days=31)
    assert [clean_up().decisions for _ in range(3)] == [4, 3, 0]


def test_a_thought_that_a_trade_came_of_is_kept_whatever_it_says() -> None:
    world = traded_world()
    Decision.objects.update(action="hold")  # an order by hand goes against the bot's own thought
    end(world.session, days=31)
    assert clean_up().decisions == 2
    assert Decision.objects.get().trades.count() == 1


def test_an_order_by_hand_that_still_waits_is_kept() -> None:
    world = traded_world()
    SessionCommand.objects.update(status=CommandStatus.WAITING)
    end(world.session, days=31)
    assert clean_up().commands == 0


def test_hosts_that_were_silent_for_a_day_are_forgotten() -> None:
    BotHost.objects.create(name="old/1", heartbeat_at=ago(hours=25))
    BotHost.objects.create(name="new/2", heartbeat_at=ago(hours=23))
    assert clean_up().hosts == 1
    assert BotHost.objects.get().name == "new/2"


def running(name: str, *, lease: timedelta | None, heartbeat: timedelta | None = None, **fields: object) -> BotSession:
    """A session whose lease ended that long ago."""
    session = new_session(new_account(name=name))
    BotSession.objects.filter(pk=session.pk).update(
        status=fields.pop("status", SessionStatus.RUNNING),
        owner="" if lease is None else "gone/1",
        lease_until=None if lease is None else timezone.now() - lease,
        heartbeat_at=None if heartbeat is None else timezone.now() - heartbeat,
        **fields,
    )
    return session


def test_sessions_that_no_host_took_for_half_a_minute_are_orphans() -> None:
    second, minute = timedelta(seconds=1), timedelta(minutes=1)
    lost = running("lost", lease=minute)
    released = running("released", lease=None, heartbeat=minute)
    never = running("never", lease=None, status=SessionStatus.OPEN, created_at=ago(minutes=1))
    running("held", lease=-5 * second)
    running("just lost", lease=20 * second)
    running("just released", lease=None, heartbeat=20 * second)
    running("just opened", lease=None, status=SessionStatus.OPEN)
    running("resting", lease=None, heartbeat=minute, retry_at=timezone.now() + minute)
    running("in a terminal", lease=minute, foreground="here/1")
    running("ended", lease=minute, status=SessionStatus.ENDED)
    assert reap().orphans == [lost.pk, released.pk, never.pk]


def test_a_queued_session_whose_task_never_came_is_handed_over() -> None:
    lost = running("lost", lease=None, status=SessionStatus.QUEUED, created_at=ago(seconds=31))
    fresh = running("fresh", lease=None, status=SessionStatus.QUEUED, created_at=ago(seconds=5))
    assert reap().handed_over == [lost.pk]
    lost.refresh_from_db()
    fresh.refresh_from_db()
    assert (lost.status, fresh.status) == (SessionStatus.OPEN, SessionStatus.QUEUED)
    assert reap().handed_over == []


def test_a_host_that_fell_silent_is_marked_once() -> None:
    BotHost.objects.create(name="dead/1", heartbeat_at=ago(seconds=40), sessions=3)
    BotHost.objects.create(name="alive/2", heartbeat_at=ago(seconds=1), sessions=3)
    assert reap().dead_hosts == ["dead/1"]
    dead = BotHost.objects.get(name="dead/1")
    assert (dead.stopped_at is not None, dead.sessions) == (True, 0)
    assert BotHost.objects.get(name="alive/2").stopped_at is None
    assert reap().dead_hosts == []
