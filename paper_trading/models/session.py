from django.conf import settings
from django.db import models
from django.utils import timezone

from paper_trading.fields import Uint256Field
from paper_trading.models.account import PaperAccount


class SessionStatus(models.TextChoices):
    OPEN = "open"  # wanted, held by no host yet
    RUNNING = "running"
    STOPPING = "stopping"
    ENDED = "ended"
    HALTED = "halted"  # ended because its data or its books could not be trusted


LIVE_STATUSES = (SessionStatus.OPEN, SessionStatus.RUNNING, SessionStatus.STOPPING)


class BotSession(models.Model):
    """One run of the bot on one account, and all that a host needs to carry it on after a crash.

    ``cursor_block``/``cursor_hash`` is the last block that was decided and booked. ``start_equity`` is the account's
    worth at ``started_block`` and ``gas_quote`` the gas of all its booked trades, each in quote units when it was paid;
    both are base units of the account's quote token. ``lease_token`` fences a host that lost its lease.
    """

    account = models.ForeignKey(PaperAccount, on_delete=models.PROTECT, related_name="sessions")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="bot_sessions")
    name = models.CharField(max_length=80, blank=True)
    chain = models.CharField(max_length=40)
    intel_level = models.PositiveSmallIntegerField()
    overrides = models.JSONField(default=dict, blank=True)
    recording = models.TextField(blank=True)

    status = models.CharField(max_length=8, choices=SessionStatus.choices, default=SessionStatus.OPEN)
    desired_status = models.CharField(max_length=8, choices=SessionStatus.choices, default=SessionStatus.RUNNING)
    end_reason = models.TextField(blank=True)

    owner = models.CharField(max_length=120, blank=True)
    lease_token = models.PositiveBigIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)

    started_block = models.PositiveBigIntegerField(null=True, blank=True)
    start_equity = Uint256Field(null=True, blank=True)
    gas_quote = Uint256Field(default=0)
    cursor_block = models.PositiveBigIntegerField(null=True, blank=True)
    cursor_hash = models.CharField(max_length=66, blank=True)
    state = models.JSONField(default=dict, blank=True)
    state_version = models.PositiveIntegerField(default=0)

    created_at = models.DateTimeField(default=timezone.now)
    ends_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account"], condition=models.Q(status__in=LIVE_STATUSES), name="one_live_session_per_account"
            ),
        ]
        indexes = [models.Index(fields=["status", "lease_until"], name="session_claim")]

    def __str__(self) -> str:
        return f"session {self.pk} ({self.status})"

    @property
    def is_live(self) -> bool:
        return self.status in LIVE_STATUSES
