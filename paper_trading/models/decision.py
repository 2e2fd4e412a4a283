from django.db import models
from django.utils import timezone

from paper_trading.models.session import BotSession


class Decision(models.Model):
    """What the bot thought of one token at one block; one that did not trade is a record too.

    A decision that stays the same is one row: it holds from ``block_number`` to ``last_block`` and was made ``repeats``
    times. ``edge_bps`` is the expected net edge. ``reasons`` are one-line sentences; ``readings`` are the signals as
    ``{"signal", "score", "confidence", "evidence"}``. The block's hash is part of the key, so that what was decided on
    a block that a reorg took away stays beside what was decided on its successor.
    """

    session = models.ForeignKey(BotSession, on_delete=models.PROTECT, related_name="decisions", db_index=False)
    block_number = models.PositiveBigIntegerField()
    block_hash = models.CharField(max_length=66)
    last_block = models.PositiveBigIntegerField()
    repeats = models.PositiveIntegerField(default=1)
    token = models.CharField(max_length=42)
    action = models.CharField(max_length=80)
    code = models.CharField(max_length=80)
    edge_bps = models.IntegerField()
    confidence_pct = models.SmallIntegerField()
    reasons = models.JSONField(default=list)
    readings = models.JSONField(default=list)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["session", "block_number", "token", "block_hash"], name="one_decision_per_block_and_token"
            ),
        ]
        # In the place of the session's own: PostgreSQL would look for the newest of an old session among all others.
        indexes = [models.Index(fields=["session", "id"], name="decision_of_session")]

    def __str__(self) -> str:
        return f"{self.action} {self.token} at block {self.block_number}: {self.code}"
