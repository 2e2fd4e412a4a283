"""The same chain gives the same decisions and trades, digit for digit."""

from typing import Any

import pytest
from asgiref.sync import sync_to_async

from paper_trading.models import BotSession, Decision, PaperTrade
from tests.support.devnet import DevnetMaker
from tests.support.postgres import rolled_back
from tests.support.stepped_bot import SteppedBot, play

pytestmark = [pytest.mark.anvil, pytest.mark.django_db]
BLOCKS = 25
THOUGHT = ("block_hash", "last_block", "repeats", "token", "action", "code", "edge_bps", "confidence_pct", "reasons")
TRADE = ("sequence", "side", "plan", "status", "block_hash", "amount_in", "amount_out", "gas_used", "fee_paid")


def told(session: BotSession) -> tuple[list[Any], list[Any]]:
    thoughts = list(Decision.objects.filter(session=session).order_by("pk").values(*THOUGHT))
    trades = list(PaperTrade.objects.filter(session=session).order_by("pk").values(*TRADE))
    return thoughts, trades


def test_the_same_chain_gives_the_same_decisions_and_trades_twice(new_chain: DevnetMaker) -> None:
    stories = []

    async def scenario(bot: SteppedBot) -> None:
        for _ in range(BLOCKS):
            await bot.step()
        await bot.end()
        stories.append(await sync_to_async(told)(bot.session))

    for _ in range(2):
        with rolled_back():  # so that the second run begins with the same books
            play(new_chain(), scenario)
    (thoughts, trades), again = stories
    assert len(thoughts) > BLOCKS
    assert len(trades) > 3
    assert (thoughts, trades) == again
