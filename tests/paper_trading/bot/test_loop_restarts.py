"""What a bot finds when it was away: orders that blocks took meanwhile, half a block of its own, another watch list."""

from dataclasses import replace

import pytest
from asgiref.sync import sync_to_async

from chain.devnet.devnet import Devnet
from dex.types import Address, BlockRef
from paper_trading.bot.book import Pending
from paper_trading.bot.commits import Commits
from paper_trading.bot.report import BlockReport
from paper_trading.intelligence.base import Action
from paper_trading.models import Decision, PaperTrade, ReceiptKind, TradeSide, TradeStatus
from paper_trading.services import leases
from paper_trading.services.ticks import Tick, Written
from tests.support.bot_books import books_are_whole, hash_at, mine_empty, newest_receipt, story
from tests.support.stepped_bot import SteppedBot, play

pytestmark = [pytest.mark.anvil, pytest.mark.django_db]
AWAY = 300
"""Empty blocks: more than a market keeps."""


class Crash(Exception):
    """A defect that nothing in the loop knows of."""


def covering_block(bot: SteppedBot, order: Pending) -> int:
    """The first block after the decision whose base fee and second the order's own limits cover."""
    number = order.plan.decided_at.number + 1
    while True:
        block = bot.rpc.call("eth_getBlockByNumber", hex(number), False)
        assert int(block["timestamp"], 16) <= order.plan.deadline
        if int(block["baseFeePerGas"], 16) <= order.plan.max_fee_per_gas:
            return number
        number += 1


def decided_between(bot: SteppedBot, after: int, before: int) -> int:
    thoughts = Decision.objects.filter(session=bot.session, block_number__gt=after, block_number__lt=before)
    return thoughts.count()


def test_an_order_is_filled_where_it_would_have_been_however_long_the_bot_was_off(chain: Devnet) -> None:
    async def scenario(bot: SteppedBot) -> None:
        left = await bot.step_until_order()
        order = bot.book.pending[0]
        await bot.vanish()
        bot.reports.clear()
        last = mine_empty(bot, bot.sealed[left.block.number].timestamp + 1, AWAY)
        block = covering_block(bot, order)
        await bot.start()
        await bot.reported(last)
        trade = await sync_to_async(PaperTrade.objects.get)(pk=order.trade_id)
        assert trade.status == TradeStatus.FILLED
        assert await sync_to_async(story)(order.trade_id) == [(ReceiptKind.FILL, block)]
        receipt = await sync_to_async(newest_receipt)(order.trade_id)
        assert (receipt.block_hash, receipt.witness) == (hash_at(bot, block), "both")
        head = left.block.number + AWAY
        assert await sync_to_async(decided_between)(bot, left.block.number, head) == 0
        await sync_to_async(books_are_whole)()

    play(chain, scenario)


def crash_with_the_fill(monkeypatch: pytest.MonkeyPatch, trade: int) -> list[BlockRef]:
    """The first block that fills ``trade`` ends the run before anything of it is written; only that one, which is
    kept in the list."""
    commit, crashed = Commits.commit, list[BlockRef]()

    async def crashing(self: Commits, *, session_id: int, lease_token: int, tick: Tick) -> Written:
        if crashed == [] and trade in [filled.trade_id for filled in tick.fills]:
            crashed.append(tick.block)
            raise Crash
        return await commit(self, session_id=session_id, lease_token=lease_token, tick=tick)

    monkeypatch.setattr(Commits, "commit", crashing)
    return crashed


def tokens_decided_at(bot: SteppedBot, block_hash: str) -> list[str]:
    """One for every stored row, so that a token that was decided twice shows twice."""
    rows = Decision.objects.filter(session=bot.session, block_hash=block_hash)
    return sorted(rows.values_list("token", flat=True))


def test_a_block_whose_fill_was_lost_in_a_crash_is_booked_and_decided_whole_and_once(
    chain: Devnet, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario(bot: SteppedBot) -> None:
        await bot.step_until_order()
        trade = bot.book.pending[0].trade_id
        crashed = crash_with_the_fill(monkeypatch, trade)
        with pytest.raises(Crash):
            await bot.step_until(lambda _: False)
        assert bot.host is not None
        await sync_to_async(leases.release)(session_id=bot.session.pk, token=bot.runner.lease_token)
        head = crashed[0].hash
        assert await sync_to_async(story)(trade) == []
        assert await sync_to_async(tokens_decided_at)(bot, head) == []
        bot.reports.clear()
        await bot.start()
        again = await bot.reported(head)
        fills = await sync_to_async(story)(trade)
        assert fills == [(ReceiptKind.FILL, again.block.number)]
        assert again.thoughts != ()
        decided = await sync_to_async(tokens_decided_at)(bot, head)
        assert decided == sorted(thought.token.address for thought in again.thoughts)
        orders = await sync_to_async(PaperTrade.objects.count)()
        await bot.vanish()
        bot.reports.clear()
        await bot.start()
        assert (await bot.reported(head)).thoughts == ()
        assert await sync_to_async(tokens_decided_at)(bot, head) == decided
        assert await sync_to_async(PaperTrade.objects.count)() == orders
        assert await sync_to_async(story)(trade) == fills
        await sync_to_async(books_are_whole)()

    play(chain, scenario)


def ordered_buys(reports: list[BlockReport]) -> set[Address]:
    return {
        thought.token.address
        for report in reports
        for thought in report.thoughts
        if thought.ordered and thought.decision.action is Action.BUY
    }


def test_a_run_that_watches_less_sells_what_it_holds_of_the_rest_and_buys_none_of_it(chain: Devnet) -> None:
    async def scenario(bot: SteppedBot) -> None:
        scope = bot.venue.scope
        [native] = [token for token in scope.watched if token.address == scope.network.wrapped_native]
        await bot.step_until(lambda _: bool(bot.book.positions.keys() - {native.address}))
        [token, *_] = bot.book.positions.keys() - {native.address}
        await bot.vanish()
        bot.reports.clear()
        bot.venue = replace(bot.venue, scope=replace(scope, watched=(native,)))
        await bot.start()
        await bot.ready()

        def sold(report: BlockReport) -> bool:
            return any(one.side == TradeSide.SELL and one.token.address == token for one in report.booked)

        left = await bot.step_until(sold, most=300)
        assert token not in {held.token.address for held in left.held}
        for _ in range(10):
            await bot.step()
        assert ordered_buys(bot.reports) <= {native.address}
        await sync_to_async(books_are_whole)()

    play(chain, scenario)
