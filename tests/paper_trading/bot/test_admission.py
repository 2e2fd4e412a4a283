"""How many sessions a host takes: its share among the hosts that take sessions of its chain, and of new ones a few."""

import socket

import pytest

from paper_trading.bot import admission
from paper_trading.models import BotSession
from paper_trading.services.hosts import report_host, report_stopped
from tests.paper_trading.services.test_leases import dead_process
from tests.support.small_desk import FIRST, NETWORK, block
from tests.support.stepped_host import LIVE, new_session

pytestmark = pytest.mark.django_db

OURS, OTHER = "here/1", "elsewhere/2"
SESSIONS = 12


def taken(count: int = SESSIONS, *, begun: bool = True) -> int:
    """How many of ``count`` sessions that wait a host takes at once."""
    for number in range(count):
        new_session(f"s{number}", started_block=FIRST if begun else None)
    report_host(name=OURS, chain=NETWORK.name, sessions=0, pace={})
    return len(admission.admit(owner=OURS, scope=LIVE, block=block(FIRST), held=0, most=1_000))


def test_a_host_that_is_alone_takes_all_that_has_begun_at_once() -> None:
    assert taken() == SESSIONS


def test_a_host_leaves_another_of_its_chain_its_share() -> None:
    report_host(name=OTHER, chain=NETWORK.name, sessions=0, pace={})
    assert taken() == SESSIONS // 2 + admission.SPARE


def test_a_host_of_another_chain_has_no_share() -> None:
    report_host(name=OTHER, chain="another", sessions=0, pace={})
    assert taken() == SESSIONS


def test_a_host_that_said_goodbye_has_no_share() -> None:
    report_host(name=OTHER, chain=NETWORK.name, sessions=0, pace={})
    report_stopped(name=OTHER)
    assert taken() == SESSIONS


def test_a_host_of_this_machine_whose_process_is_gone_has_no_share() -> None:
    report_host(name=f"{socket.gethostname()}/{dead_process()}", chain=NETWORK.name, sessions=0, pace={})
    assert taken() == SESSIONS


def test_the_session_of_its_own_terminal_is_taken_up_again() -> None:
    new_session("shown", started_block=FIRST, foreground=OURS)
    assert taken() == SESSIONS + 1


def test_the_session_of_another_terminal_is_left_to_it() -> None:
    new_session("shown", started_block=FIRST, foreground=OTHER)
    assert taken() == SESSIONS


def test_new_sessions_are_taken_a_few_at_a_time() -> None:
    assert taken(begun=False) == admission.NEW_AT_ONCE


def test_those_that_have_begun_come_before_new_ones() -> None:
    late = new_session("new")
    begun = new_session("begun", started_block=FIRST)
    report_host(name=OURS, chain=NETWORK.name, sessions=0, pace={})
    [first] = admission.admit(owner=OURS, scope=LIVE, block=block(FIRST), held=0, most=1)
    assert first.session.pk == begun.pk
    assert BotSession.objects.get(pk=late.pk).owner == ""
