from django.conf import settings
from django.db import models

from wallet.models.api_token import ApiToken
from wallet.models.login_session import LoginSession


class SocketTicket(models.Model):
    """Opens one WebSocket, once: browsers can send no header with it. Made for a login or for a token."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    login_session = models.ForeignKey(LoginSession, on_delete=models.CASCADE, null=True, blank=True)
    token = models.ForeignKey(ApiToken, on_delete=models.CASCADE, null=True, blank=True)
    digest = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"socket ticket {self.pk}"
