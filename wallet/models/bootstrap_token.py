from django.db import models
from django.utils import timezone


class BootstrapToken(models.Model):
    """Makes the first wallet that brings it the local owner's. Only its SHA-256 is kept."""

    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"bootstrap token {self.pk}"
