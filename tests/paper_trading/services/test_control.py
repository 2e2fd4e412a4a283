"""What owners ask of their sessions: nobody waits for ever for a host that is not there, and no order is stranded."""

import socket
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

from paper_trading.errors import SessionNotRunning, WrongRequest
from paper_trading.models import BotSession, CommandKind, CommandStatus, PaperAccount, SessionCommand, SessionStatus
from paper_trading.services import control, leases, sessions
from paper_trading.services.hosts import report_host
from tests.paper_trading.rivals import together
from tests.paper_trading.services.test_leases import dead_process
from tests.paper_trading.world import World, new_account, new_session, new_world
from tests.support import fleet

ELSEWHERE = "another-machine/17"


@pytest.fixture
def world(books_db: str) -> World:
    return new_world()


def held_by(world: World, owner: str, **columns: object) -> BotSession:
    leases.claim(session_id=world.session.pk, owner=owner)
    BotSession.objects.filter(pk=world.session.pk).update(**columns)
    return BotSession.objects.get(pk=world.session.pk)


def test_a_stop_ends_a_session_whose_process_is_gone_at_once(world: World) -> None:
    session = held_by(world, f"{socket.gethostname()}/{dead_process()}")
    assert control.request_stop(session=session, reason="enough").status == SessionStatus.ENDED


def test_a_stop_ends_a_session_whose_lease_ran_out_at_once(world: World) -> None:
    session = held_by(world, ELSEWHERE, lease_until=timezone.now() - timedelta(seconds=1))
    stopped = control.request_stop(session=session, reason="enough")
    assert (stopped.status, stopped.end_reason, stopped.owner) == (SessionStatus.ENDED, "enough", "")


def test_a_stop_of_a_session_that_a_host_holds_is_a_wish(world: World) -> None:
    session = control.request_stop(session=held_by(world, ELSEWHERE), reason="enough")
    assert (session.is_live, session.desired_status, session.owner) == (True, SessionStatus.ENDED, ELSEWHERE)


@pytest.mark.parametrize(
    ("columns", "taken"),
    [
        ({"foreground": ""}, True),
        ({"foreground": "terminal/1"}, False),
        ({"foreground": "terminal/1", "desired_status": SessionStatus.ENDED}, True),
    ],
    ids=["a background one", "a terminal's", "a terminal's that shall end"],
)
def test_hosts_take_up_abandoned_sessions_but_for_those_that_a_user_will_resume(
    world: World, columns: dict[str, str], taken: bool
) -> None:
    session = held_by(world, ELSEWHERE, lease_until=timezone.now() - timedelta(seconds=1), **columns)
    assert leases.claimable(chain=session.chain, most=9) == ([session.pk] if taken else [])


def test_an_order_by_hand_is_refused_once_the_session_has_ended_whatever_the_caller_saw_before(world: World) -> None:
    seen = BotSession.objects.get(pk=world.session.pk)
    sessions.end(session=world.session, lease_token=world.session.lease_token, reason="enough")
    with pytest.raises(SessionNotRunning):
        control.order_by_hand(session=seen, user=seen.user, kind=CommandKind.EXIT_ALL)
    assert SessionCommand.objects.count() == 0


def test_an_order_by_hand_that_waits_is_refused_with_the_session_s_end(world: World) -> None:
    session = world.session
    command = control.order_by_hand(session=session, user=session.user, kind=CommandKind.EXIT_ALL)
    sessions.end(session=session, lease_token=session.lease_token, reason="enough")
    command.refresh_from_db()
    assert (command.status, command.reason) == (CommandStatus.REFUSED, "the session ended: enough")


@pytest.mark.postgres
def test_no_order_by_hand_is_left_waiting_by_an_end_in_the_same_moment(rival_books: BaseDatabaseWrapper) -> None:
    def order(session: BotSession) -> None:
        try:
            control.order_by_hand(session=session, user=session.user, kind=CommandKind.EXIT_ALL)
        except SessionNotRunning:
            return

    for number in range(20):
        session = new_session(new_account(name=f"account {number}"))
        seen = BotSession.objects.get(pk=session.pk)
        jobs: list[Callable[[], object]] = [
            lambda seen=seen: order(seen),
            lambda session=session: sessions.end(session=session, lease_token=0, reason="enough"),
        ]
        together(rival_books, jobs)
    assert BotSession.objects.exclude(status=SessionStatus.ENDED).count() == 0
    assert SessionCommand.objects.filter(status=CommandStatus.WAITING).count() == 0


def test_nothing_starts_on_an_account_that_was_closed_meanwhile(world: World) -> None:
    sessions.end(session=world.session, lease_token=world.session.lease_token, reason="enough")
    report_host(name=ELSEWHERE, chain="devnet", sessions=0, pace={})
    PaperAccount.objects.filter(pk=world.account.pk).update(closed_at=timezone.now())
    with pytest.raises(WrongRequest, match="is closed"):
        fleet.start(world.account.name)
    assert BotSession.objects.count() == 1
