"""Writing the chain of receipts; ``receipt_digest`` says how anyone computes its hashes."""

from dataclasses import dataclass

from dex.types import BlockRef
from paper_trading.models import FillReceipt, PaperAccount, PaperTrade, ReceiptKind
from paper_trading.receipt_digest import receipt_hash
from paper_trading.selectors import last_receipt_of, receipt_fields, verify_chain
from paper_trading.selectors.receipts import Link, last_links
from paper_trading.services.fill import Fill

__all__ = ["WalletBefore", "append_reversal", "fill_receipt", "receipt_hash", "verify_chain"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WalletBefore:
    """What the wallet held just before a fill: base units of the trade's two tokens, and wei."""

    token_in: int
    token_out: int
    native: int


def fill_receipt(
    *, account: PaperAccount, trade: PaperTrade, fill: Fill, wallet: WalletBefore, after: Link
) -> FillReceipt:
    """The receipt of a fill ``after`` the account's last one, still to be written; ``account`` is locked."""
    receipt = FillReceipt(
        trade=trade,
        kind=ReceiptKind.FILL,
        chain_id=int(trade.plan["chain_id"]),
        block_number=fill.block.number,
        block_hash=fill.block.hash,
        decision_block=trade.decided_block,
        decision_hash=trade.plan["decided_at"]["hash"],
        sender=trade.plan["sender"],
        router=trade.plan["router"],
        calldata=trade.plan["calldata"],
        token_in=trade.token_in,
        token_out=trade.token_out,
        amount_in=fill.amount_in,
        amount_out=fill.amount_out,
        minimum_out=trade.minimum_out,
        balance_in=wallet.token_in,
        balance_out=wallet.token_out,
        native_balance=wallet.native,
        model_amount_out=fill.model_amount_out,
        node_amount_out=fill.node_amount_out,
        witness=fill.witness.value,
        status=fill.status.value,
        revert_reason=fill.reason,
        gas_used=fill.gas_used,
        gas_source=fill.gas_source.value,
        base_fee=fill.base_fee,
        tip=fill.tip,
        l1_fee=fill.l1_fee,
        fee_paid=fill.fee_paid,
    )
    return _chained(receipt, account, after)


def append_reversal(*, account: PaperAccount, trade: PaperTrade, block: BlockRef) -> FillReceipt:
    """Says that the trade's last fill is no longer on the chain, as seen at ``block``; ``account`` is locked."""
    receipt = last_receipt_of(trade)
    if receipt is None or receipt.kind != ReceiptKind.FILL:
        raise ValueError(f"trade {trade.sequence} has no fill to reverse")
    receipt.reverses = receipt.hash
    receipt.pk = None
    receipt._state.adding = True
    receipt.kind = ReceiptKind.REVERSAL
    receipt.block_number = block.number
    receipt.block_hash = block.hash
    _chained(receipt, account, last_links([account.pk])[account.pk]).save(force_insert=True)
    return receipt


def _chained(receipt: FillReceipt, account: PaperAccount, after: Link) -> FillReceipt:
    receipt.account = account
    receipt.sequence = after.sequence + 1
    receipt.previous_hash = after.hash
    receipt.hash = receipt_hash(receipt_fields(receipt))
    return receipt
