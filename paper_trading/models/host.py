from django.db import models
from django.utils import timezone


class BotHost(models.Model):
    """A process that takes background sessions of ``chain``, by the name that its leases carry.

    Alive while ``heartbeat_at`` is recent. ``pace`` tells of its newest blocks: ``block``, ``behind_seconds``, and
    ``tick_p50_ms`` and ``tick_p99_ms`` from a block's arrival to a session's commit.
    """

    name = models.CharField(max_length=120, unique=True)
    chain = models.CharField(max_length=40, blank=True)
    started_at = models.DateTimeField(default=timezone.now)
    heartbeat_at = models.DateTimeField(default=timezone.now)
    stopped_at = models.DateTimeField(null=True, blank=True)
    sessions = models.PositiveIntegerField(default=0)
    pace = models.JSONField(default=dict, blank=True)

    def __str__(self) -> str:
        return f"host {self.name} with {self.sessions} sessions"
