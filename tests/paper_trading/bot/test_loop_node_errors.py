"""A node that answers with errors in the middle of a run: the run goes on, and says what is missing."""

from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from chain.devnet.devnet import Devnet
from paper_trading.models import FillReceipt, ReceiptKind
from tests.support.bot_books import books_are_whole, story
from tests.support.stepped_bot import SteppedBot, play

pytestmark = [pytest.mark.anvil, pytest.mark.django_db]
Answer = dict[str, Any]


def failing_once(nth: int) -> Callable[[str, Answer], Answer]:
    """The ``nth`` simulation from now on is answered with an internal error."""
    seen = 0

    def edit(method: str, answer: Answer) -> Answer:
        nonlocal seen
        if method != "eth_simulateV1":
            return answer
        seen += 1
        if seen != nth:
            return answer
        return {"jsonrpc": "2.0", "id": answer["id"], "error": {"code": -32603, "message": "internal error"}}

    return edit


async def require_booked(bot: SteppedBot, trade: int, *, within: int) -> None:
    for _ in range(within):
        if await sync_to_async(story)(trade) != []:
            break
        await bot.step()
    assert [kind for kind, _ in await sync_to_async(story)(trade)] == [ReceiptKind.FILL]


def test_a_simulation_that_fails_once_neither_ends_the_run_nor_loses_the_order(chain: Devnet) -> None:
    async def scenario(bot: SteppedBot) -> None:
        assert bot.node is not None
        for nth in (1, 2):  # the fill's own simulation; the check of its receipt
            await bot.step_until_order()
            trade = bot.book.pending[0].trade_id
            bot.notes.clear()
            bot.reports.clear()
            bot.node.edit = failing_once(nth)
            report = await bot.step()
            if nth == 1:
                noted = [one for one in bot.reports if one.notes]
                assert noted != [] or bot.notes != []
                assert not any(thought.ordered for one in noted for thought in one.thoughts)
                assert trade in [one.trade_id for one in bot.book.pending] or report.booked != ()
            await require_booked(bot, trade, within=3)
            assert trade in [one.trade_id for one in bot.booked]
        await bot.step_until_order()
        await sync_to_async(books_are_whole)()

    play(chain, scenario, faults={})


def test_a_block_whose_gas_measurement_fails_is_reported_with_its_trades(chain: Devnet) -> None:
    async def scenario(bot: SteppedBot) -> None:
        assert bot.node is not None
        head = (await bot.step_until_order()).block.hash
        trade = bot.book.pending[0].trade_id
        await bot.vanish()  # a new run knows no path's gas and measures after the next block
        bot.reports.clear()
        await bot.start()
        await bot.reported(head)
        bot.node.edit = failing_once(3)  # after the fill and the check of its receipt
        await bot.step()
        await require_booked(bot, trade, within=3)
        assert trade in [one.trade_id for one in bot.booked]

    play(chain, scenario, faults={})


def test_a_node_that_loses_simulation_for_good_is_asked_in_another_way(chain: Devnet) -> None:
    async def scenario(bot: SteppedBot) -> None:
        assert bot.node is not None
        await bot.step_until_order()
        trade = bot.book.pending[0].trade_id
        bot.node.missing.add("eth_simulateV1")
        await bot.step()
        await require_booked(bot, trade, within=5)
        receipt = await sync_to_async(FillReceipt.objects.get)(trade_id=trade)
        assert (receipt.witness, receipt.gas_source) == ("both", "traced")
        await bot.step_until_order()
        await sync_to_async(books_are_whole)()

    play(chain, scenario, faults={})


def test_a_node_without_a_suggested_tip_is_traded_on(chain: Devnet) -> None:
    async def scenario(bot: SteppedBot) -> None:
        report = await bot.step_until(lambda report: bool(report.booked))
        assert report.booked[0].receipt_ok is True

    play(chain, scenario, faults={"missing": {"eth_maxPriorityFeePerGas"}})
