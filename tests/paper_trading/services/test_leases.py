import os
import socket
import subprocess
import sys
import threading
from datetime import timedelta

import pytest
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

from paper_trading.models import BotSession, PaperAccount, PaperTrade
from paper_trading.services import leases
from paper_trading.services.leases import LeaseLost, SessionHeld, claim, release, renew, this_owner
from paper_trading.services.ticks import Tick, commit
from tests.paper_trading.rivals import together
from tests.paper_trading.world import World, block_at, new_world

ELSEWHERE = "another-machine/17"


@pytest.fixture
def world(books_db: str) -> World:
    return new_world()


def row(world: World) -> BotSession:
    return BotSession.objects.get(pk=world.session.pk)


def dead_process() -> int:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    return child.pid


def test_a_free_session_is_claimed_and_runs(world: World) -> None:
    token = claim(session_id=world.session.pk, owner=this_owner())
    session = row(world)
    assert (session.lease_token, session.owner, session.status) == (token, this_owner(), "running")
    assert session.lease_until is not None
    assert abs(session.lease_until - timezone.now() - leases.LEASE) < timedelta(minutes=1)


@pytest.mark.parametrize(
    "holder",
    [ELSEWHERE, f"{socket.gethostname()}/{os.getpid()}", f"{socket.gethostname()}/1"],
    ids=["elsewhere", "this process", "the first process"],
)
def test_a_held_session_is_refused(world: World, holder: str) -> None:
    token = claim(session_id=world.session.pk, owner=holder)
    with pytest.raises(SessionHeld, match=holder):
        claim(session_id=world.session.pk, owner="late")
    assert (row(world).owner, row(world).lease_token) == (holder, token)


def test_the_session_of_a_dead_process_of_this_machine_is_taken_at_once(world: World) -> None:
    first = claim(session_id=world.session.pk, owner=f"{socket.gethostname()}/{dead_process()}")
    assert claim(session_id=world.session.pk, owner=this_owner()) == first + 1


def test_an_expired_lease_is_taken_over(world: World) -> None:
    first = claim(session_id=world.session.pk, owner=ELSEWHERE)
    BotSession.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert claim(session_id=world.session.pk, owner=this_owner()) == first + 1


def test_a_released_session_is_free_for_the_next(world: World) -> None:
    first = claim(session_id=world.session.pk, owner=ELSEWHERE)
    release(session_id=world.session.pk, token=first)
    claim(session_id=world.session.pk, owner=this_owner())
    with pytest.raises(LeaseLost):
        renew(session_id=world.session.pk, token=first)


def test_a_lost_lease_releases_nothing(world: World) -> None:
    token = claim(session_id=world.session.pk, owner=ELSEWHERE)
    release(session_id=world.session.pk, token=token - 1)
    assert row(world).owner == ELSEWHERE


@pytest.mark.parametrize("status", ["ended", "halted"])
def test_an_ended_session_cannot_be_claimed(world: World, status: str) -> None:
    BotSession.objects.update(status=status)
    with pytest.raises(SessionHeld):
        claim(session_id=world.session.pk, owner=this_owner())


def test_renewing_extends_the_lease(world: World) -> None:
    token = claim(session_id=world.session.pk, owner=this_owner())
    BotSession.objects.update(lease_until=timezone.now())
    renew(session_id=world.session.pk, token=token)
    until = row(world).lease_until
    assert until is not None
    assert until > timezone.now() + leases.LEASE / 2


def test_a_lost_lease_can_neither_renew_nor_commit(world: World) -> None:
    token = claim(session_id=world.session.pk, owner=ELSEWHERE)
    BotSession.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    claim(session_id=world.session.pk, owner=this_owner())
    before = BotSession.objects.values().get()
    with pytest.raises(LeaseLost):
        renew(session_id=world.session.pk, token=token)
    with pytest.raises(LeaseLost):
        commit(session_id=world.session.pk, lease_token=token, tick=Tick(block=block_at(9)))
    assert BotSession.objects.values().get() == before


@pytest.mark.postgres
def test_of_two_that_claim_at_once_exactly_one_wins(rival_books: BaseDatabaseWrapper) -> None:
    world = new_world()
    read = threading.Barrier(2)
    wins: list[int] = []

    def run(number: int) -> None:
        session = BotSession.objects.get(pk=world.session.pk)
        read.wait(timeout=20)
        try:
            wins.append(claim(session_id=session.pk, owner=f"machine-{number}/1"))
        except SessionHeld:
            return

    for _ in range(5):
        BotSession.objects.update(owner="", lease_until=None)
        wins.clear()
        together(rival_books, [lambda: run(1), lambda: run(2)])
        assert wins == [row(world).lease_token]
    assert connections["default"].vendor == "postgresql"
    assert (PaperAccount.objects.count(), PaperTrade.objects.count()) == (1, 0)
