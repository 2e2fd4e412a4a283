from django.db import models
from django.utils import timezone

from paper_trading.models.account import PaperAccount
from paper_trading.models.append_only import AppendOnly, AppendOnlyQuerySet
from paper_trading.models.trade import PaperTrade
from trading.fields import Uint256Field


class ReceiptKind(models.TextChoices):
    FILL = "fill"
    REVERSAL = "reversal"


class FillReceipt(AppendOnly):
    """All that anyone with a node needs to compute the fill again; ``hash`` chains the account's receipts.

    A ``reversal`` repeats the fill that a reorg took away, names its hash in ``reverses``, and its block is the one at
    which the reversal was booked. A trade that is filled again gets another receipt. ``amount_in`` and ``amount_out``
    are what moved, so 0 in a revert. The three balances are the wallet's just before the fill (of ``token_in``,
    ``token_out`` and the native token): gas depends on them. ``base_fee`` and ``tip`` are wei per gas, ``tip`` what was
    really paid; ``l1_fee`` and ``fee_paid`` are wei. ``witness`` and ``status`` are those of ``services.fill``.
    """

    trade = models.ForeignKey(PaperTrade, on_delete=models.PROTECT, related_name="receipts")
    account = models.ForeignKey(PaperAccount, on_delete=models.PROTECT, related_name="receipts")
    sequence = models.PositiveBigIntegerField()
    kind = models.CharField(max_length=8, choices=ReceiptKind.choices, default=ReceiptKind.FILL)
    reverses = models.CharField(max_length=66, blank=True)
    chain_id = models.PositiveBigIntegerField()
    block_number = models.PositiveBigIntegerField()
    block_hash = models.CharField(max_length=66)
    decision_block = models.PositiveBigIntegerField()
    decision_hash = models.CharField(max_length=66)
    sender = models.CharField(max_length=42)
    router = models.CharField(max_length=42)
    calldata = models.TextField()
    token_in = models.CharField(max_length=42)
    token_out = models.CharField(max_length=42)
    amount_in = Uint256Field()
    amount_out = Uint256Field()
    minimum_out = Uint256Field()
    balance_in = Uint256Field()
    balance_out = Uint256Field()
    native_balance = Uint256Field()
    model_amount_out = Uint256Field(null=True, blank=True)
    node_amount_out = Uint256Field(null=True, blank=True)
    witness = models.CharField(max_length=10)
    status = models.CharField(max_length=8)
    revert_reason = models.TextField(blank=True)
    gas_used = models.PositiveBigIntegerField()
    gas_source = models.CharField(max_length=12)
    base_fee = Uint256Field(null=True, blank=True)
    tip = Uint256Field()
    l1_fee = Uint256Field()
    fee_paid = Uint256Field()
    previous_hash = models.CharField(max_length=66)
    hash = models.CharField(max_length=66)
    created_at = models.DateTimeField(default=timezone.now)

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "sequence"], name="receipt_sequence_per_account"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} receipt {self.sequence} {self.hash[:10]}"
