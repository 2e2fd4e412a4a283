from django.conf import settings
from django.db import models
from django.utils import timezone

from paper_trading.models.session import BotSession


class RequestKind(models.TextChoices):
    START = "start"
    STOP = "stop"


class SessionRequest(models.Model):
    """What a request to start or to stop came to, by the ``key`` that its caller gave it (Idempotency-Key).

    ``asked`` is the digest of what a start asked for; a stop is told apart by its session.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    kind = models.CharField(max_length=5, choices=RequestKind.choices)
    key = models.CharField(max_length=80)
    asked = models.CharField(max_length=64, blank=True)
    session = models.ForeignKey(BotSession, on_delete=models.CASCADE, related_name="requests")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "kind", "key"], name="one_session_per_request_key")]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"
