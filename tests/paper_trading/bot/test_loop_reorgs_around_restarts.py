"""Reorgs that meet a bot which is just starting: what it booked in the lost blocks is taken back all the same."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from chain.devnet.devnet import Devnet
from paper_trading.bot.launch import prepare
from paper_trading.models import PaperTrade, ReceiptKind, TradeStatus
from tests.support.bot_books import books_are_whole, hash_at, mine_empty, newest_receipt, story, take_back
from tests.support.stepped_bot import BOLD, PATIENCE, SteppedBot, play

pytestmark = [pytest.mark.anvil, pytest.mark.django_db]
REPLACED = 4
"""Blocks that take the place of the two removed ones: the new branch is the longer one."""


async def first_fill(bot: SteppedBot) -> tuple[int, int]:
    """Trade and block; the block before it was sealed by the test too, so that both can be taken back."""
    report = await bot.step_until(lambda report: bool(report.booked) and report.block.number - 1 in bot.sealed)
    return report.booked[0].trade_id, report.block.number


async def require_filled_anew(bot: SteppedBot, trade: int) -> None:
    kinds = [kind for kind, _ in await sync_to_async(story)(trade)]
    assert kinds == [ReceiptKind.FILL, ReceiptKind.REVERSAL, ReceiptKind.FILL]
    newest = await sync_to_async(newest_receipt)(trade)
    assert newest.block_hash == hash_at(bot, newest.block_number)
    await sync_to_async(books_are_whole)()


def test_a_reorg_below_the_block_at_which_the_run_was_taken_up_reverses_and_fills_anew(chain: Devnet) -> None:
    async def scenario(bot: SteppedBot) -> None:
        trade, block = await first_fill(bot)
        newest = bot.reports[-1].block.hash
        await bot.vanish()
        bot.reports.clear()
        await bot.start()
        await bot.reported(newest)
        last = mine_empty(bot, take_back(bot, block - 1), REPLACED)
        await bot.reported(last)
        await require_filled_anew(bot, trade)

    play(chain, scenario)


def test_a_reorg_during_the_replay_of_history_reverses_and_fills_anew(chain: Devnet) -> None:
    async def scenario(bot: SteppedBot) -> None:
        trade, block = await first_fill(bot)
        before = hash_at(bot, block - 1)
        await bot.vanish()
        bot.reports.clear()
        last: list[str] = []

        def reorganise(method: str, answer: dict[str, Any]) -> dict[str, Any]:
            """Lets the bot have the old block before the fill's, and removes both before its next request."""
            found = answer.get("result")
            if last == [] and method == "eth_getBlockByNumber" and found is not None and found["hash"] == before:
                last.append(mine_empty(bot, take_back(bot, block - 1), REPLACED))
            return answer

        assert bot.node is not None
        bot.node.edit = reorganise
        await bot.start()
        async with asyncio.timeout(PATIENCE):
            while last == []:  # noqa: ASYNC110 - the proxy tells nobody
                await asyncio.sleep(0.01)
        await bot.reported(last[0])
        await require_filled_anew(bot, trade)

    play(chain, scenario, faults={})


def test_a_fill_from_before_a_reset_that_a_reorg_removed_stays_where_it_is(chain: Devnet) -> None:
    async def scenario(bot: SteppedBot) -> None:
        deposits = dict(bot.book.balances)
        trade, block = await first_fill(bot)
        await bot.end()
        bot.reports.clear()
        last = mine_empty(bot, take_back(bot, block), 2)
        bot.prepared = await sync_to_async(prepare)(replace(BOLD, reset=True), bot.venue)
        await bot.start()
        await bot.reported(last)
        assert await sync_to_async(story)(trade) == [(ReceiptKind.FILL, block)]
        assert {token: held for token, held in bot.book.balances.items() if held > 0} == deposits
        await sync_to_async(books_are_whole)()

    play(chain, scenario)


def test_a_fill_of_an_ended_session_is_taken_back_by_the_next_session_of_its_account(chain: Devnet) -> None:
    async def scenario(bot: SteppedBot) -> None:
        deposits = dict(bot.book.balances)
        trade, block = await first_fill(bot)
        first = bot.session.pk
        await bot.end()
        bot.reports.clear()
        last = mine_empty(bot, take_back(bot, block), 2)
        bot.prepared = await sync_to_async(prepare)(BOLD, bot.venue)
        assert bot.session.pk != first
        await bot.start()
        await bot.reported(last)
        kinds = [kind for kind, _ in await sync_to_async(story)(trade)]
        assert kinds == [ReceiptKind.FILL, ReceiptKind.REVERSAL]
        assert (await sync_to_async(PaperTrade.objects.get)(pk=trade)).status == TradeStatus.CANCELLED
        assert {token: held for token, held in bot.book.balances.items() if held > 0} == deposits
        assert bot.book.positions == {}
        await sync_to_async(books_are_whole)()

    play(chain, scenario)
