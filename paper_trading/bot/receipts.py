"""Computes a receipt again right after it was booked, so that the user sees whether it checks out."""

from asgiref.sync import sync_to_async

from chain.errors import RpcError
from dex.errors import Retryable
from paper_trading.models import FillReceipt
from paper_trading.services.verify import ChainReader, verify_receipt


class ReceiptCheck:
    """``reader`` is None where checking each trade would cost too much; ``verify_trade`` does it afterwards."""

    def __init__(self, reader: ChainReader | None) -> None:
        self._reader = reader

    async def check(self, trade_id: int) -> bool | None:
        """Whether the trade's newest receipt is what the chain gives now; None where it could not be asked."""
        if self._reader is None:
            return None
        receipt = await sync_to_async(_newest)(trade_id)
        try:
            return (await verify_receipt(receipt, self._reader)).ok
        except (Retryable, RpcError):
            return None


def _newest(trade_id: int) -> FillReceipt:
    return FillReceipt.objects.select_related("trade", "account").filter(trade_id=trade_id).latest("sequence")
