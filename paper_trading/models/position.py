from django.db import models
from django.utils import timezone

from paper_trading.models.account import PaperAccount
from paper_trading.models.session import BotSession
from trading.fields import SignedAmountField, Uint256Field


def remaining_cost(*, cost: int, quantity: int, bought: int) -> int:
    """What ``quantity`` of the units ``bought`` for ``cost`` have cost, at average cost, rounded down."""
    return 0 if bought == 0 else cost * quantity // bought


class PositionStatus(models.TextChoices):
    OPEN = "open"
    CLOSED = "closed"


class Position(models.Model):
    """Holding one token, from the first buy to the sale of the last unit.

    ``quantity`` and ``bought`` are base units of ``token``; ``cost``, ``proceeds``, ``fees_quote``, ``peak_worth`` and
    ``result`` are base units of the account's quote token. ``cost`` is all that was paid for ``bought`` and
    ``fees_quote`` the gas of every trade, reverted ones included. Both start from ``inherited_quantity`` and
    ``inherited_cost`` where a deposit was taken over as a position. ``result`` is proceeds - cost - fees once closed,
    ``closed_at`` the time of the block of the trade, or of the reset, that closed it.
    Each booking adds its trade, un-booking computes everything but ``peak_worth`` anew from the trades that are left,
    and ``check_ledger`` does so for all.
    """

    session = models.ForeignKey(BotSession, on_delete=models.PROTECT, related_name="positions")
    account = models.ForeignKey(PaperAccount, on_delete=models.PROTECT, related_name="positions")
    generation = models.PositiveIntegerField()
    token = models.CharField(max_length=42)
    status = models.CharField(max_length=6, choices=PositionStatus.choices, default=PositionStatus.OPEN)
    inherited_quantity = Uint256Field(default=0)
    inherited_cost = Uint256Field(default=0)
    quantity = Uint256Field(default=0)
    bought = Uint256Field(default=0)
    cost = Uint256Field(default=0)
    proceeds = Uint256Field(default=0)
    fees_quote = Uint256Field(default=0)
    peak_worth = Uint256Field(default=0)
    result = SignedAmountField(null=True, blank=True)
    exit_reason = models.CharField(max_length=80, blank=True)
    opened_block = models.PositiveBigIntegerField()
    opened_at = models.DateTimeField()
    closed_block = models.PositiveBigIntegerField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "token"],
                condition=models.Q(status=PositionStatus.OPEN),
                name="one_open_position_per_token",
            ),
        ]
        indexes = [
            models.Index(fields=["account", "status", "token"], name="position_by_status"),
            models.Index(fields=["account", "closed_at"], name="position_by_close"),
        ]

    def __str__(self) -> str:
        return f"{self.status} position of {self.quantity} {self.token}"

    @property
    def remaining_cost(self) -> int:
        """What the units still held have cost, at average cost, rounded down."""
        return remaining_cost(cost=self.cost, quantity=self.quantity, bought=self.bought)
