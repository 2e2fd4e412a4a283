"""A run whose node never comes back still ends when its runtime does, and at once when it is asked to."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from asgiref.sync import sync_to_async

from chain.errors import NodeUnavailable
from dex.types import BlockRef
from paper_trading.bot.ai_engine import AIEngine
from paper_trading.bot.host import SessionHost
from paper_trading.bot.market import Market
from paper_trading.bot.receipts import ReceiptCheck
from paper_trading.bot.runner import Runner, Watchers
from paper_trading.bot.scope import TradingScope
from paper_trading.intelligence.intel_slider import level
from paper_trading.models import SessionStatus
from paper_trading.services import leases, sessions
from paper_trading.services.leases import LeaseLost
from tests.paper_trading.world import new_account, new_session
from tests.support.small_desk import SCOPE

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE = 20.0


class DeadSource:
    chain_id = 1
    witness = None

    async def head(self) -> BlockRef:
        raise NodeUnavailable("no node answers")


async def foreground(*, seconds: float | None = None) -> tuple[SessionHost, Runner, list[str]]:
    """A host with one session, and what it notes."""
    session = await sync_to_async(lambda: new_session(new_account()))()
    notes: list[str] = []
    ends_at = None if seconds is None else datetime.now(tz=UTC) + timedelta(seconds=seconds)
    scope: TradingScope = replace(SCOPE, live=True)
    host = SessionHost(
        market=Market(source=DeadSource(), scope=scope, probe=1, note=notes.append), note=notes.append, alone=True
    )
    token = await sync_to_async(leases.claim)(session_id=session.pk, owner=leases.this_owner())
    await sync_to_async(sessions.set_end)(session_id=session.pk, lease_token=token, ends_at=ends_at)
    runner = host.take(
        session=await sync_to_async(sessions.load)(session.pk),
        lease_token=token,
        scope=scope,
        engine=AIEngine(level(5)),
        receipts=ReceiptCheck(None),
        watchers=Watchers(block=lambda report: None, note=notes.append),
    )
    return host, runner, notes


async def test_the_runtime_ends_while_the_node_is_away() -> None:
    host, runner, notes = await foreground(seconds=1.2)
    await asyncio.wait_for(host.run(), PATIENCE)
    assert (runner.session.status, runner.session.end_reason) == (SessionStatus.ENDED, "the runtime is over")
    assert "no node answers" in notes[0]


async def test_a_word_to_stop_is_heard_while_the_node_is_away() -> None:
    host, runner, _ = await foreground()
    asyncio.get_running_loop().call_later(0.2, host.stop, "asked to")
    await asyncio.wait_for(host.run(), PATIENCE)
    assert runner.session.end_reason == "asked to"


async def test_a_run_whose_session_another_process_took_over_says_so() -> None:
    host, runner, _ = await foreground()
    await sync_to_async(leases.release)(session_id=runner.session.pk, token=runner.lease_token)
    await sync_to_async(leases.claim)(session_id=runner.session.pk, owner="another-machine/17")
    with pytest.raises(LeaseLost, match="was taken over by another process"):
        await asyncio.wait_for(host.run(), PATIENCE)
