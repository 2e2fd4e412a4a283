"""Reorgs that take away a block in which a trade was booked."""

import pytest
from asgiref.sync import sync_to_async

from chain.devnet.devnet import Devnet
from paper_trading.models import FillReceipt, PaperAccount, PaperTrade, ReceiptKind, TradeStatus
from paper_trading.selectors import check_ledger, verify_chain
from tests.support.stepped_bot import SteppedBot, play

pytestmark = [pytest.mark.anvil, pytest.mark.django_db]


def story(trade_id: int) -> list[tuple[str, int]]:
    receipts = FillReceipt.objects.filter(trade_id=trade_id).order_by("sequence")
    return [(receipt.kind, receipt.block_number) for receipt in receipts]


def books_are_whole() -> None:
    for account in PaperAccount.objects.all():
        assert check_ledger(account) == []
        assert verify_chain(account) == []


async def first_fill(bot: SteppedBot) -> tuple[int, int]:
    """Trade and block."""
    report = await bot.step_until(lambda report: bool(report.booked))
    return report.booked[0].trade_id, report.block.number


def take_back(bot: SteppedBot, block: int) -> int:
    """Removes ``block`` and all after it; gives the second in which another one may take its place."""
    assert bot.rpc.call("evm_revert", bot.sealed[block].snapshot) is True
    return bot.sealed[block].timestamp


def test_a_fill_whose_block_is_removed_is_reversed_and_filled_anew(chain: Devnet) -> None:
    async def scenario(bot: SteppedBot) -> None:
        trade, block = await first_fill(bot)
        second = take_back(bot, block)
        report = await bot.mine(second)
        assert [booked.trade_id for booked in report.booked] == [trade]
        assert await sync_to_async(story)(trade) == [
            (ReceiptKind.FILL, block),
            (ReceiptKind.REVERSAL, block),
            (ReceiptKind.FILL, block),
        ]
        hashes = await sync_to_async(list)(FillReceipt.objects.filter(trade_id=trade).values_list("block_hash"))
        assert hashes[0] != hashes[2]
        await sync_to_async(books_are_whole)()

    play(chain, scenario)


def test_an_unbooked_trade_waits_again_until_a_block_takes_it(chain: Devnet) -> None:
    async def scenario(bot: SteppedBot) -> None:
        trade, block = await first_fill(bot)
        plan = bot.booked[0].plan
        take_back(bot, block)
        report = await bot.mine(plan.deadline + 1)
        assert report.booked == ()
        ended = await sync_to_async(PaperTrade.objects.get)(pk=trade)
        assert ended.status == TradeStatus.EXPIRED
        assert await sync_to_async(story)(trade) == [(ReceiptKind.FILL, block), (ReceiptKind.REVERSAL, block)]
        assert bot.book.balances[plan.token_in] >= plan.amount_in
        await sync_to_async(books_are_whole)()

    play(chain, scenario)


def test_what_a_reorg_removed_while_the_bot_was_off_is_filled_anew(chain: Devnet) -> None:
    async def scenario(bot: SteppedBot) -> None:
        trade, block = await first_fill(bot)
        await bot.vanish()
        second = take_back(bot, block)
        bot.reports.clear()
        bot.rpc.call("evm_mine", hex(second))
        await bot.start()
        await bot.mine(second + 1)
        assert trade in [booked.trade_id for booked in bot.booked]
        kinds = [kind for kind, _ in await sync_to_async(story)(trade)]
        assert kinds == [ReceiptKind.FILL, ReceiptKind.REVERSAL, ReceiptKind.FILL]
        await sync_to_async(books_are_whole)()

    play(chain, scenario)


def test_a_node_that_lags_behind_the_books_takes_nothing_back(chain: Devnet) -> None:
    async def scenario(bot: SteppedBot) -> None:
        assert bot.node is not None
        trade, block = await first_fill(bot)
        newest = bot.reports[-1].block.hash
        await bot.vanish()
        bot.reports.clear()
        bot.node.lag = 1
        await bot.start()
        await bot.noted("waiting for")
        bot.node.lag = 0
        report = await bot.reported(newest)
        assert report.booked == ()
        assert await sync_to_async(story)(trade) == [(ReceiptKind.FILL, block)]

    play(chain, scenario, faults={})


def test_a_run_taken_up_at_the_block_where_it_was_left_decides_nothing_twice(chain: Devnet) -> None:
    async def scenario(bot: SteppedBot) -> None:
        report = await bot.step_until_order()
        orders = await sync_to_async(PaperTrade.objects.count)()
        await bot.vanish()
        bot.reports.clear()
        await bot.start()
        again = await bot.reported(report.block.hash)
        assert again.thoughts == ()
        assert await sync_to_async(PaperTrade.objects.count)() == orders
        assert (await bot.step()).booked != ()

    play(chain, scenario)
