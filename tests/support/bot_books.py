"""What the books say of a stepped bot's trades, and how its chain loses blocks."""

from paper_trading.models import Book, FillReceipt, LedgerEntry, PaperAccount
from paper_trading.selectors import check_ledger, verify_chain
from paper_trading.tokens import NATIVE
from tests.support.stepped_bot import SteppedBot


def story(trade_id: int) -> list[tuple[str, int]]:
    """Kind and block of every receipt of the trade, oldest first."""
    receipts = FillReceipt.objects.filter(trade_id=trade_id).order_by("sequence")
    return [(receipt.kind, receipt.block_number) for receipt in receipts]


def newest_receipt(trade_id: int) -> FillReceipt:
    return FillReceipt.objects.filter(trade_id=trade_id).latest("sequence")


def books_are_whole() -> None:
    for account in PaperAccount.objects.all():
        assert check_ledger(account) == []
        assert verify_chain(account) == []


def native_spent(trade_id: int) -> int:
    entries = LedgerEntry.objects.filter(posting__trade_id=trade_id, book=Book.WALLET, token=NATIVE)
    return -sum(entries.values_list("amount", flat=True))


def take_back(bot: SteppedBot, block: int) -> int:
    """Removes ``block`` and all after it; gives the second in which another one may take its place."""
    assert bot.rpc.call("evm_revert", bot.sealed[block].snapshot) is True
    return bot.sealed[block].timestamp


def mine_empty(bot: SteppedBot, first_second: int, blocks: int) -> str:
    """Empty blocks, one a second, without waiting for the bot; the last one's hash."""
    for second in range(first_second, first_second + blocks):
        bot.rpc.call("evm_mine", hex(second))
    return str(bot.rpc.call("eth_getBlockByNumber", "latest", False)["hash"])


def hash_at(bot: SteppedBot, number: int) -> str:
    return str(bot.rpc.call("eth_getBlockByNumber", hex(number), False)["hash"])
