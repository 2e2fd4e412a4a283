"""A host that is told to end does so within seconds, also where its node says nothing, and leaves its sessions free."""

import time
from collections.abc import Callable

import pytest

from paper_trading.models import BotHost, BotSession
from paper_trading.services.hosts import living_hosts
from tests.e2e.conftest import ProgramMaker
from tests.support import fleet
from tests.support.mute_node import mute_node
from tests.support.program import PATIENCE, Program, Running

pytestmark = pytest.mark.anvil

A_FEW_SECONDS = 7.0
"""A request to a node is given up after ten seconds, and asked again three times."""


def seconds_to_end(host: Running) -> float:
    asked = time.monotonic()
    host.process.terminate()
    assert host.end() == 0, host.errors
    return time.monotonic() - asked


def wait_for(condition: Callable[[], bool], host: Running) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert host.process.poll() is None, host.errors
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.02)


def run_one(program: Program, name: str) -> tuple[Running, BotSession]:
    """A host whose session has booked a block."""
    host = program.start("run_bot_host")
    wait_for(living_hosts().exists, host)
    session = fleet.start(name)
    wait_for(BotSession.objects.filter(pk=session.pk, cursor_block__isnull=False).exists, host)
    return host, session


def test_before_there_is_a_market(make_program: ProgramMaker) -> None:
    with mute_node() as node:
        host = make_program(RPC_URL=node.url).start("run_bot_host")
        assert node.heard.wait(PATIENCE)
        assert seconds_to_end(host) < A_FEW_SECONDS
    assert "Traceback" not in host.errors


def test_while_the_local_chain_is_started(make_program: ProgramMaker) -> None:
    program = make_program()
    lock = program.var / "devnet" / "lock"
    lock.unlink()
    host = program.start("run_bot_host")
    wait_for(lock.exists, host)
    assert seconds_to_end(host) < A_FEW_SECONDS
    assert "Traceback" not in host.errors


def test_while_the_node_says_nothing_any_more(make_program: ProgramMaker, living_chain: str) -> None:
    with mute_node(living_chain) as node:
        program = make_program(RPC_URL=node.url)
        with program.books():
            host, session = run_one(program, "unheard")
            node.mute()
            assert node.heard.wait(PATIENCE)
            assert seconds_to_end(host) < A_FEW_SECONDS
            session.refresh_from_db()
            assert (session.owner, session.lease_until, session.is_live) == ("", None, True)
            assert BotHost.objects.get().stopped_at is not None
