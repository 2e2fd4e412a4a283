from django.db import models
from django.utils import timezone

from paper_trading.models.account import PaperAccount
from paper_trading.models.decision import Decision
from paper_trading.models.position import Position
from paper_trading.models.session import BotSession
from trading.fields import SignedAmountField, Uint256Field


class TradeSide(models.TextChoices):
    BUY = "buy"
    SELL = "sell"


class TradeStatus(models.TextChoices):
    PENDING = "pending"
    FILLED = "filled"
    REVERTED = "reverted"  # the router refused: only gas was paid
    EXPIRED = "expired"  # no block before the deadline could include it: nothing was paid
    CANCELLED = "cancelled"
    UNBOOKED = "unbooked"  # a reorg took its block away: its entries are reversed


BOOKED_STATUSES = (TradeStatus.FILLED, TradeStatus.REVERTED)


class PaperTrade(models.Model):
    """One order and what became of it.

    ``plan`` is the exact ``SwapPlan`` as ``trading.plan_json`` writes it. ``amount_in`` is the plan's until a fill
    says what really left the wallet; ``quoted_out`` and ``minimum_out`` are the plan's. ``fee_paid`` is wei and
    ``gas_quote`` the same fee in the quote token. ``pool_fee_quote``, ``impact_quote`` and ``drift_quote`` say, in the
    quote token and rounded, what of the fill went to the pools, to its own size, and to the market's move since the
    decision; they explain the amounts and are no part of the books. Rows are unique per decision unless a reorg
    un-booked them.
    """

    session = models.ForeignKey(BotSession, on_delete=models.PROTECT, related_name="trades", db_index=False)
    account = models.ForeignKey(PaperAccount, on_delete=models.PROTECT, related_name="trades")
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, null=True, blank=True, related_name="trades")
    position = models.ForeignKey(Position, on_delete=models.PROTECT, null=True, blank=True, related_name="trades")
    sequence = models.PositiveBigIntegerField()
    side = models.CharField(max_length=4, choices=TradeSide.choices)
    token_in = models.CharField(max_length=42)
    token_out = models.CharField(max_length=42)
    status = models.CharField(max_length=9, choices=TradeStatus.choices, default=TradeStatus.PENDING)
    exit_reason = models.CharField(max_length=80, blank=True)
    disputed = models.BooleanField(default=False)

    plan = models.JSONField()
    decided_block = models.PositiveBigIntegerField()
    deadline = models.PositiveBigIntegerField()
    amount_in = Uint256Field()
    quoted_out = Uint256Field()
    minimum_out = Uint256Field()

    block_number = models.PositiveBigIntegerField(null=True, blank=True)
    block_hash = models.CharField(max_length=66, blank=True)
    block_time = models.DateTimeField(null=True, blank=True)
    amount_out = Uint256Field(null=True, blank=True)
    revert_reason = models.TextField(blank=True)
    gas_used = models.PositiveBigIntegerField(default=0)
    fee_paid = Uint256Field(default=0)
    gas_quote = Uint256Field(default=0)
    pool_fee_quote = SignedAmountField(default=0)
    impact_quote = SignedAmountField(default=0)
    drift_quote = SignedAmountField(default=0)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "sequence"], name="trade_sequence_per_account"),
            models.UniqueConstraint(
                fields=["session", "decided_block", "token_in", "token_out"],
                condition=~models.Q(status=TradeStatus.UNBOOKED),
                name="one_trade_per_decision",
            ),
        ]
        indexes = [
            models.Index(fields=["session", "status"], name="trade_by_status"),
            models.Index(fields=["session", "token_in", "token_out", "block_number"], name="trade_newest"),
            models.Index(fields=["session", "id"], name="trade_of_session"),
            models.Index(fields=["account", "block_time"], name="trade_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.side} {self.sequence} ({self.status})"

    @property
    def is_booked(self) -> bool:
        return self.status in BOOKED_STATUSES

    @property
    def token(self) -> str:
        """The token that is bought or sold, as against the quote token."""
        return self.token_out if self.side == TradeSide.BUY else self.token_in
