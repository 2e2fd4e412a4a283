from django.db import models

from paper_trading.models.session import BotSession
from trading.fields import SignedAmountField


class EquityPoint(models.Model):
    """What a session was worth at the end of one block, in base units of its account's quote token.

    Kept once a minute of block time, and for each block that booked a fill; a curve, never a part of the books.
    """

    session = models.ForeignKey(BotSession, on_delete=models.CASCADE, related_name="equity_points")
    block_number = models.PositiveBigIntegerField()
    block_time = models.DateTimeField()
    equity = SignedAmountField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session", "block_number"], name="one_equity_point_per_block"),
        ]
        indexes = [models.Index(fields=["session", "block_time"], name="equity_by_time")]

    def __str__(self) -> str:
        return f"session {self.session_id} at block {self.block_number}: {self.equity}"
