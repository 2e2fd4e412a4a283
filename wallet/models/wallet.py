from django.conf import settings
from django.db import models
from django.utils import timezone


class Wallet(models.Model):
    """An address of a user, with its checksum. Whoever holds the key of one with ``can_login`` logs in as the user;
    the others are only looked at."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="wallets")
    address = models.CharField(max_length=42)
    label = models.CharField(max_length=80, blank=True)
    can_login = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["address"], condition=models.Q(can_login=True), name="wallet_one_login_per_address"
            ),
            models.UniqueConstraint(fields=["user", "address"], name="wallet_once_per_user"),
        ]

    def __str__(self) -> str:
        return f"{self.label} {self.address}".strip()
