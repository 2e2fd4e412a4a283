from django.conf import settings
from django.db import models
from django.utils import timezone

from paper_trading.models.session import BotSession
from trading.fields import Uint256Field


class CommandKind(models.TextChoices):
    BUY = "buy"
    SELL = "sell"
    EXIT_ALL = "exit_all"


class CommandStatus(models.TextChoices):
    WAITING = "waiting"
    DONE = "done"  # its orders are placed; what became of them is in the trades
    REFUSED = "refused"


class SessionCommand(models.Model):
    """What its owner tells a running session to do; carried out at the next block and done in the tick that orders it.

    ``amount`` is base units of what is given: the quote token for a buy, ``token`` for a sale, None for all of the
    position. ``trades`` are the ids of the orders that came of it. ``key`` is the caller's, so that a repeated request
    is the same command.
    """

    session = models.ForeignKey(BotSession, on_delete=models.PROTECT, related_name="commands")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=CommandKind.choices)
    token = models.CharField(max_length=42, blank=True)
    amount = Uint256Field(null=True, blank=True)
    key = models.CharField(max_length=80, blank=True)
    status = models.CharField(max_length=7, choices=CommandStatus.choices, default=CommandStatus.WAITING)
    reason = models.TextField(blank=True)
    trades = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session", "key"], condition=~models.Q(key=""), name="one_command_per_key"),
        ]
        indexes = [
            models.Index(fields=["session"], condition=models.Q(status="waiting"), name="command_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk} ({self.status})"
