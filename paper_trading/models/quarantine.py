from django.db import models
from django.utils import timezone

from paper_trading.models.session import BotSession


class QuarantinedPool(models.Model):
    """A pool that the session no longer trades on: its model and the node gave different answers."""

    session = models.ForeignKey(BotSession, on_delete=models.PROTECT, related_name="quarantined_pools")
    pool = models.CharField(max_length=42)
    block_number = models.PositiveBigIntegerField()
    reason = models.TextField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["session", "pool"], name="pool_quarantined_once")]

    def __str__(self) -> str:
        return f"{self.pool} since block {self.block_number}"
