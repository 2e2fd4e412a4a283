"""Which receipts to compute again, and on which chain."""

from collections.abc import AsyncIterator

from asgiref.sync import sync_to_async

from chain.errors import ConfigurationError
from paper_trading.models import BotSession, FillReceipt, ReceiptKind
from paper_trading.services.verify import ChainReader, Verdict, verify_receipt


def receipts_on(chain_key: str, *, trade_id: int | None) -> list[FillReceipt]:
    """The standing fills of one instance of a chain, oldest block first: a fill that was reversed is history.

    Raises ``ConfigurationError`` when ``trade_id`` has none there.
    """
    reversed_hashes = FillReceipt.objects.filter(kind=ReceiptKind.REVERSAL, account__chain_key=chain_key)
    standing = (
        FillReceipt.objects.filter(kind=ReceiptKind.FILL, account__chain_key=chain_key)
        .exclude(hash__in=reversed_hashes.values("reverses"))
        .select_related("trade", "account")
        .order_by("block_number", "account_id", "sequence")
    )
    if trade_id is None:
        return list(standing)
    found = list(standing.filter(trade_id=trade_id))
    if not found:
        raise ConfigurationError(f"trade {trade_id} has no receipt on the chain at hand: {_elsewhere(trade_id)}")
    return found


async def verify_all(chain_key: str, reader: ChainReader, *, trade_id: int | None) -> AsyncIterator[Verdict]:
    for receipt in await sync_to_async(receipts_on)(chain_key, trade_id=trade_id):
        yield await verify_receipt(receipt, reader)


def other_chains(chain_key: str) -> dict[str, int]:
    """How many receipts lie on other chains, or on earlier instances of this one, by what they were traded on."""
    counts: dict[str, int] = {}
    others = FillReceipt.objects.filter(kind=ReceiptKind.FILL).exclude(account__chain_key=chain_key)
    for chain, recording in others.values_list("trade__session__chain", "trade__session__recording"):
        name = recording or chain
        counts[name] = counts.get(name, 0) + 1
    return counts


def _elsewhere(trade_id: int) -> str:
    session = BotSession.objects.filter(trades=trade_id).first()
    if session is None:
        return "there is no such trade"
    return f"it was made on {session.recording or session.chain}, or was never filled"
