from django.conf import settings
from django.db import models

from wallet.models.login_session import LoginSession


class Purpose(models.TextChoices):
    LOGIN = "login"
    STEP_UP = "step_up"


class LoginChallenge(models.Model):
    """A message (EIP-4361) that waits for one signature. ``digest`` is the SHA-256 of ``message``.

    ``binding`` is the digest of what only the browser has that asked: a cookie, or for a step-up its login.
    ``action`` holds a step-up's name and parameters. ``consumed_at`` is set once, by the first who answers.
    """

    purpose = models.CharField(max_length=10, choices=Purpose)
    nonce = models.CharField(max_length=32, unique=True)
    message = models.TextField()
    digest = models.CharField(max_length=64, unique=True)
    address = models.CharField(max_length=42)
    chain_id = models.BigIntegerField()
    origin = models.CharField(max_length=300)
    binding = models.CharField(max_length=64)
    action = models.JSONField(null=True, blank=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True)
    login_session = models.ForeignKey(LoginSession, on_delete=models.CASCADE, null=True, blank=True)
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    consumed_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.purpose} of {self.address} ({self.nonce})"
