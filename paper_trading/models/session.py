from django.conf import settings
from django.db import models
from django.utils import timezone

from paper_trading.models.account import PaperAccount
from trading.fields import SignedAmountField, Uint256Field


class SessionStatus(models.TextChoices):
    QUEUED = "queued"  # handed to the broker; no host may take it before its task has run
    OPEN = "open"  # wanted, held by no host yet
    RUNNING = "running"
    STOPPING = "stopping"
    ENDED = "ended"
    HALTED = "halted"  # ended because its data or its books could not be trusted


LIVE_STATUSES = (SessionStatus.QUEUED, SessionStatus.OPEN, SessionStatus.RUNNING, SessionStatus.STOPPING)
CLAIMABLE_STATUSES = (SessionStatus.OPEN, SessionStatus.RUNNING, SessionStatus.STOPPING)

STOPPED_AT_TERMINAL = "stopped by the user"
"""The end reason of what its user stopped with a signal: no ``stop_reason`` tells of that."""


class BotSession(models.Model):
    """One run of the bot on one account, and all that a host needs to carry it on after a crash.

    - What is wanted: ``chain``, ``intel_level``, ``overrides``, ``tokens`` (addresses to trade, empty for all listed),
      ``entries_paused`` (sell only), ``runtime`` (seconds from its first run, None until it is stopped) and
      ``desired_status`` with ``stop_reason``. ``foreground`` names the one process that may run it, where a terminal
      watches; ``task_id`` is the task that handed it over.
    - Who runs it: ``owner``, fenced by ``lease_token``, until ``lease_until``. After a failure it rests until
      ``retry_at``; ``failures`` counts them in a row.
    - How far it is: ``cursor_block``/``cursor_hash`` is the last block that was decided and booked. ``start_equity`` is
      the account's worth at ``started_block`` and ``gas_quote`` the gas of all its booked trades, in quote units when
      it was paid. ``equity`` and ``worths`` (exit worth as text by position id, null where it cannot be sold whole) are
      as of the cursor. All of them are base units of the account's quote token.
    """

    account = models.ForeignKey(PaperAccount, on_delete=models.PROTECT, related_name="sessions")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="bot_sessions")
    name = models.CharField(max_length=80, blank=True)
    chain = models.CharField(max_length=40)
    intel_level = models.PositiveSmallIntegerField()
    overrides = models.JSONField(default=dict, blank=True)
    tokens = models.JSONField(default=list, blank=True)
    recording = models.TextField(blank=True)
    entries_paused = models.BooleanField(default=False)
    runtime = models.PositiveIntegerField(null=True, blank=True)
    foreground = models.CharField(max_length=120, blank=True)
    task_id = models.CharField(max_length=64, blank=True)

    status = models.CharField(max_length=8, choices=SessionStatus.choices, default=SessionStatus.OPEN)
    desired_status = models.CharField(max_length=8, choices=SessionStatus.choices, default=SessionStatus.RUNNING)
    stop_reason = models.TextField(blank=True)
    end_reason = models.TextField(blank=True)

    owner = models.CharField(max_length=120, blank=True)
    lease_token = models.PositiveBigIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveSmallIntegerField(default=0)
    retry_at = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True)

    started_block = models.PositiveBigIntegerField(null=True, blank=True)
    start_equity = Uint256Field(null=True, blank=True)
    gas_quote = Uint256Field(default=0)
    cursor_block = models.PositiveBigIntegerField(null=True, blank=True)
    cursor_hash = models.CharField(max_length=66, blank=True)
    equity = SignedAmountField(null=True, blank=True)
    worths = models.JSONField(default=dict, blank=True)
    state = models.JSONField(default=dict, blank=True)
    state_version = models.PositiveIntegerField(default=0)

    created_at = models.DateTimeField(default=timezone.now)
    ends_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account"], condition=models.Q(status__in=LIVE_STATUSES), name="one_live_session_per_account"
            ),
        ]
        # Renewing writes lease_until every two seconds: it stays out of every index.
        indexes = [
            models.Index(fields=["status", "owner"], name="session_claim"),
            models.Index(fields=["user", "-id"], name="session_newest"),
        ]

    def __str__(self) -> str:
        return f"session {self.pk} ({self.status})"

    @property
    def is_live(self) -> bool:
        return self.status in LIVE_STATUSES
