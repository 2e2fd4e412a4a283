from django.conf import settings
from django.db import models

from wallet.models.login_session import LoginSession


class StepUp(models.Model):
    """One signed permission to do ``action`` once, with the parameters of ``parameters_digest``, from one login."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    login_session = models.ForeignKey(LoginSession, on_delete=models.CASCADE, related_name="step_ups")
    action = models.CharField(max_length=40)
    parameters_digest = models.CharField(max_length=64)
    granted_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.action} by {self.user_id}"
