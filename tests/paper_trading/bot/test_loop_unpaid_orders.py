"""Orders that pay with what is not there: executed like any other, and charged for it."""

from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import transaction

from chain.devnet.devnet import Devnet
from dex.types import BlockRef
from paper_trading.bot.book import Pending
from paper_trading.models import Book, PaperTrade, PostingKind, QuarantinedPool, TradeStatus
from paper_trading.services.postings import draft, pair, write
from paper_trading.services.wallet import lock_wallet
from tests.support.bot_books import books_are_whole, native_spent
from tests.support.stepped_bot import SteppedBot, play

pytestmark = [pytest.mark.anvil, pytest.mark.django_db]


async def waiting_order(bot: SteppedBot) -> Pending:
    await bot.step_until(lambda _: bot.book.pending != ())
    return bot.book.pending[0]


@transaction.atomic
def withdraw(bot: SteppedBot, token: str, amount: int, block: BlockRef) -> None:
    movements = pair(token=token, amount=amount, source=Book.WALLET, target=Book.CAPITAL)
    wallet = lock_wallet(bot.session.account_id)
    write([draft(wallet=wallet, kind=PostingKind.RESET, block=block, movements=movements)])


def test_an_order_that_the_account_cannot_pay_for_reverts_and_is_charged(chain: Devnet) -> None:
    async def scenario(bot: SteppedBot) -> None:
        order = await waiting_order(bot)
        plan, head = order.plan, bot.reports[-1].block
        spare = bot.book.balances[plan.token_in] - (plan.amount_in - 1)
        await bot.vanish()
        await sync_to_async(withdraw)(bot, plan.token_in, spare, head)
        bot.reports.clear()
        await bot.start()
        await bot.reported(head.hash)
        report = await bot.step()
        [booked] = [one for one in report.booked if one.trade_id == order.trade_id]
        assert (booked.fill.status, booked.fill.witness) == ("reverted", "both")
        assert booked.fill.revert_reason in ("TransferHelper: TRANSFER_FROM_FAILED", "STF")
        assert booked.receipt_ok is True
        trade = await sync_to_async(PaperTrade.objects.get)(pk=order.trade_id)
        assert trade.status == TradeStatus.REVERTED
        assert await sync_to_async(native_spent)(order.trade_id) == booked.fill.fee_paid > 0
        assert bot.book.balances[plan.token_in] == plan.amount_in - 1
        await sync_to_async(books_are_whole)()

    play(chain, scenario)


def nothing_left(method: str, answer: dict[str, Any]) -> dict[str, Any]:
    """The balance of the token that was paid with is after the swap what it was before it."""
    blocks = answer.get("result") if method == "eth_simulateV1" else None
    if isinstance(blocks, list) and len(blocks[0]["calls"]) == 5:
        calls = blocks[0]["calls"]
        calls[3]["returnData"] = calls[0]["returnData"]
    return answer


def test_a_swap_that_took_nothing_by_the_tokens_own_account_is_disputed_and_moves_nothing(chain: Devnet) -> None:
    async def scenario(bot: SteppedBot) -> None:
        assert bot.node is not None
        order = await waiting_order(bot)
        held = bot.book.balances[order.plan.token_in]
        bot.node.edit = nothing_left
        report = await bot.step()
        [booked] = [one for one in report.booked if one.trade_id == order.trade_id]
        assert (booked.fill.status, booked.fill.witness) == ("reverted", "disputed")
        assert (booked.fill.amount_in, booked.fill.amount_out) == (0, 0)
        assert booked.receipt_ok is True
        assert await sync_to_async(native_spent)(order.trade_id) == booked.fill.fee_paid > 0
        assert bot.book.balances[order.plan.token_in] == held
        pools = await sync_to_async(list)(QuarantinedPool.objects.values_list("pool", flat=True))
        assert set(pools) >= {hop.pool for hop in order.plan.path.hops}
        bot.node.edit = None
        await bot.step()
        await sync_to_async(books_are_whole)()

    play(chain, scenario, faults={})
