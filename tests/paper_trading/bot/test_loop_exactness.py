"""A paper fill is what the chain does when the same calldata is really sent as the last transaction of that block."""

from dataclasses import replace

import pytest
from asgiref.sync import sync_to_async

from chain.client import ChainClient
from chain.devnet import miner
from chain.devnet.devnet import Devnet
from chain.hexes import word
from chain.layouts import allowance_slot, balance_slot
from chain.slots import SlotFinder
from paper_trading.models import FillReceipt, ReceiptKind
from tests.support.stepped_bot import SteppedBot, play

pytestmark = [pytest.mark.anvil, pytest.mark.django_db]
FILLS = 6
GAS = hex(2_000_000)


async def fund(bot: SteppedBot, receipt: FillReceipt) -> None:
    """Writes into the chain's own state what the paper account has: tokens, allowance, and ether for the real gas."""
    assert bot.devnet is not None
    client = ChainClient([bot.devnet.url])
    slots, block = SlotFinder(client), await client.block()
    assert block is not None
    for token, held in ((receipt.token_in, receipt.balance_in), (receipt.token_out, receipt.balance_out)):
        layout = await slots.layout(token, block)
        planted = {balance_slot(layout.balances, receipt.sender): held}
        if token == receipt.token_in:
            planted[allowance_slot(layout.allowances, receipt.sender, receipt.router)] = receipt.amount_in
        for slot, value in planted.items():
            bot.rpc.call("anvil_setStorageAt", token, slot, "0x" + word(value))
    bot.rpc.call("anvil_setBalance", receipt.sender, hex(10**20))
    bot.rpc.call("anvil_impersonateAccount", receipt.sender)
    await client.close()


def balance(bot: SteppedBot, token: str, owner: str) -> int:
    data = "0x70a08231" + word(int(owner, 16))
    return int(bot.rpc.call("eth_call", {"to": token, "data": data}, "latest"), 16)


async def really(bot: SteppedBot, receipt: FillReceipt) -> tuple[int, int, int, bool]:
    """Amount in, amount out, gas and success of the receipt's calldata, sent after all others of its block."""
    block = bot.sealed[receipt.block_number]
    assert bot.rpc.call("evm_revert", block.snapshot) is True
    # Going back uses the snapshot up, and another fill may lie in the same block.
    bot.sealed[receipt.block_number] = replace(block, snapshot=bot.rpc.call("evm_snapshot"))
    await fund(bot, receipt)
    before = [balance(bot, token, receipt.sender) for token in (receipt.token_in, receipt.token_out)]
    bot.rpc.call("evm_setBlockGasLimit", hex(30_000_000))
    miner.send(bot.rpc, list(block.requests.values()))
    request = {"from": receipt.sender, "to": receipt.router, "data": receipt.calldata, "gas": GAS}
    fees = {"maxFeePerGas": hex(10**12), "maxPriorityFeePerGas": "0x1"}
    sent = bot.rpc.call("eth_sendTransaction", request | fees)
    mined = miner.mine(bot.rpc, block.timestamp)
    assert mined.tx_hashes[-1] == sent
    done = bot.rpc.call("eth_getTransactionReceipt", sent)
    after = [balance(bot, token, receipt.sender) for token in (receipt.token_in, receipt.token_out)]
    return before[0] - after[0], after[1] - before[1], int(done["gasUsed"], 16), done["status"] == "0x1"


def test_receipts_equal_the_real_transactions_to_the_unit(chain: Devnet) -> None:
    async def scenario(bot: SteppedBot) -> None:
        await bot.step_until(lambda _: len(bot.booked) >= FILLS)
        await bot.vanish()
        fills = FillReceipt.objects.filter(kind=ReceiptKind.FILL).order_by("-sequence")
        for receipt in await sync_to_async(list)(fills):  # newest first: going back ends later snapshots
            assert await really(bot, receipt) == (
                receipt.amount_in,
                receipt.amount_out,
                receipt.gas_used,
                receipt.status == "filled",
            )

    play(chain, scenario)
