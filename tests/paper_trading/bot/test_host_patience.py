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
from paper_trading.bot.runner import Watchers
from paper_trading.bot.scope import TradingScope
from paper_trading.intelligence.intel_slider import level
from paper_trading.models import BotSession, SessionStatus
from paper_trading.services import leases, sessions
from tests.paper_trading.world import new_account, new_session
from tests.support.small_desk import SCOPE

pytestmark = pytest.mark.django_db(transaction=True)


class DeadSource:
    chain_id = 1
    witness = None

    async def head(self) -> BlockRef:
        raise NodeUnavailable("no node answers")


async def ended(*, seconds: float | None) -> tuple[BotSession, list[str]]:
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
    if seconds is None:
        asyncio.get_running_loop().call_later(0.2, host.stop, "asked to")
    await asyncio.wait_for(host.run(), 20)
    return runner.session, notes


async def test_the_runtime_ends_while_the_node_is_away() -> None:
    session, notes = await ended(seconds=1.2)
    assert (session.status, session.end_reason) == (SessionStatus.ENDED, "the runtime is over")
    assert "no node answers" in notes[0]


async def test_a_word_to_stop_is_heard_while_the_node_is_away() -> None:
    session, _ = await ended(seconds=None)
    assert session.end_reason == "asked to"
