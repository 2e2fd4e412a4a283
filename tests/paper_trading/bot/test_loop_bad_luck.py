"""What nodes, pools and tokens do to a running session, each recorded as what it was."""

import pytest
from asgiref.sync import sync_to_async

from chain.client import ChainClient
from chain.devnet import calls
from chain.devnet.codec import creation
from chain.devnet.devnet import Devnet
from chain.hexes import word
from chain.layouts import balance_slot
from chain.slots import SlotFinder
from dex.market.pools import Protocol
from paper_trading.bot.book import Pending
from paper_trading.models import (
    Book,
    FillReceipt,
    LedgerEntry,
    PaperAccount,
    PaperTrade,
    QuarantinedPool,
    TradeStatus,
)
from paper_trading.selectors import check_ledger, verify_chain
from paper_trading.services.verify import verify_receipt
from paper_trading.tokens import NATIVE
from tests.support.stepped_bot import SteppedBot, play

pytestmark = [pytest.mark.anvil, pytest.mark.django_db]
FIRST = {"maxFeePerGas": hex(10**12), "maxPriorityFeePerGas": hex(10**11)}


def receipt_of(trade_id: int) -> FillReceipt:
    return FillReceipt.objects.select_related("trade", "account").get(trade_id=trade_id)


def books_are_whole() -> None:
    for account in PaperAccount.objects.all():
        assert check_ledger(account) == []
        assert verify_chain(account) == []


def native_spent(trade_id: int) -> int:
    entries = LedgerEntry.objects.filter(posting__trade_id=trade_id, book=Book.WALLET, token=NATIVE)
    return -sum(entries.values_list("amount", flat=True))


async def waiting_order(bot: SteppedBot, side: str, *, not_token: str = "") -> Pending:
    def found() -> list[Pending]:
        return [one for one in bot.book.pending if one.side == side and one.token != not_token]

    await bot.step_until(lambda _: found() != [])
    return found()[0]


def test_a_node_without_overrides_leaves_the_model_as_the_only_witness(chain: Devnet) -> None:
    async def scenario(bot: SteppedBot) -> None:
        report = await bot.step_until(lambda report: bool(report.booked))
        receipt = await sync_to_async(receipt_of)(report.booked[0].trade_id)
        assert (receipt.witness, receipt.gas_source) == ("model_only", "tabled")
        assert receipt.fee_paid > 0
        assert (await verify_receipt(receipt, bot.venue.reader)).ok
        await sync_to_async(books_are_whole)()

    without = {"missing": {"eth_simulateV1", "debug_traceCall"}, "without_overrides": True}
    play(chain, scenario, faults=without)


async def drain(bot: SteppedBot, order: Pending) -> None:
    """Somebody buys the same token over the order's first pool for fifty million dollars, before the order's turn."""
    assert bot.devnet is not None
    hop, whale = order.plan.path.hops[0], bot.devnet.world.roles.spare[0]
    client = ChainClient([bot.devnet.url])
    block = await client.block()
    assert block is not None
    layout = await SlotFinder(client).layout(hop.token_in, block)
    await client.close()
    amount = 50_000_000 * 10**6
    bot.rpc.call("anvil_setStorageAt", hop.token_in, balance_slot(layout.balances, whale), "0x" + word(amount))
    contracts = bot.devnet.world.contracts
    if hop.protocol is Protocol.V2:
        router, data = contracts.v2_router, calls.v2_swap(amount, 0, (hop.token_in, hop.token_out), whale)
    else:
        router = contracts.v3_router
        data = calls.v3_swap(hop.token_in, hop.token_out, hop.fee_pips, whale, amount_in=amount, minimum_out=0)
    for to, sent in ((hop.token_in, calls.approve(router)), (router, data)):
        request = {"from": whale, "to": to, "data": sent, "gas": hex(900_000)}
        bot.rpc.call(
            "eth_sendTransaction", request | {"maxFeePerGas": hex(10**12), "maxPriorityFeePerGas": hex(10**11)}
        )


def test_a_pool_that_is_drained_before_the_fill_reverts_the_trade_and_charges_gas(chain: Devnet) -> None:
    async def scenario(bot: SteppedBot) -> None:
        order = await waiting_order(bot, "buy")
        held = dict(bot.book.balances)
        await drain(bot, order)
        report = await bot.step()
        booked = next(one for one in report.booked if one.trade_id == order.trade_id)
        assert booked.fill.status == "reverted"
        assert booked.fill.witness == "both"
        assert booked.receipt_ok is True
        trade = await sync_to_async(PaperTrade.objects.get)(pk=order.trade_id)
        assert trade.status == TradeStatus.REVERTED
        assert await sync_to_async(native_spent)(order.trade_id) == trade.fee_paid > 0
        others = {one.plan.token_out for one in report.booked if one.trade_id != order.trade_id}
        if order.plan.token_out not in others:
            assert bot.book.balances.get(order.plan.token_out, 0) == held.get(order.plan.token_out, 0)
        await sync_to_async(books_are_whole)()

    play(chain, scenario)


def refuse_sales(bot: SteppedBot, token: str, pool: str) -> None:
    """Gives ``token`` the code of one that no longer reaches ``pool``; its balances stay where they are."""
    shape = ["string", "string", "uint8", "uint256"]
    code = bot.rpc.call("eth_call", {"data": creation("HoneypotToken", shape, "x", "x", 18, 0)}, "latest")
    bot.rpc.call("anvil_setCode", token, code)
    bot.rpc.call("anvil_setStorageAt", token, hex(5), "0x" + word(int(pool, 16)))


def test_a_token_that_refuses_to_be_sold_is_disputed_and_its_pools_are_left_alone(chain: Devnet) -> None:
    async def scenario(bot: SteppedBot) -> None:
        order = await waiting_order(bot, "sell", not_token=bot.venue.scope.network.wrapped_native)
        refuse_sales(bot, order.token, order.plan.path.hops[0].pool)
        report = await bot.step()
        booked = next(one for one in report.booked if one.trade_id == order.trade_id)
        assert (booked.fill.status, booked.fill.witness) == ("reverted", "disputed")
        assert booked.fill.node_amount_out == 0
        assert booked.fill.model_amount_out is not None
        assert booked.fill.model_amount_out > 0
        assert await sync_to_async(native_spent)(order.trade_id) == booked.fill.fee_paid > 0
        pools = await sync_to_async(list)(QuarantinedPool.objects.values_list("pool", flat=True))
        assert set(pools) >= {hop.pool for hop in order.plan.path.hops}
        await sync_to_async(books_are_whole)()
        for _ in range(5):
            later = await bot.step()
            thoughts = {thought.token.address: thought for thought in later.thoughts}
            if order.token in thoughts and thoughts[order.token].ordered:
                plans = [one.plan for one in bot.book.pending if one.token == order.token]
                assert all(hop.pool not in pools for plan in plans for hop in plan.path.hops)

    play(chain, scenario)
