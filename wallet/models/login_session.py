from django.conf import settings
from django.db import models
from django.utils import timezone

from api.permissions import SCOPES
from wallet.models.wallet import Wallet


class LoginSession(models.Model):
    """A browser that somebody logged in with. ``key_digest`` finds it by its session cookie, see ``session_digest``.

    ``last_seen_at`` is up to a minute late. ``chain_id`` is the chain that the wallet was on. ``client_address`` and
    ``user_agent`` are what the client says of itself, cut and printable.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="logins")
    wallet = models.ForeignKey(Wallet, on_delete=models.CASCADE, related_name="logins")
    chain_id = models.BigIntegerField()
    key_digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    last_seen_at = models.DateTimeField(default=timezone.now)
    ends_at = models.DateTimeField()
    client_address = models.CharField(max_length=64)
    user_agent = models.CharField(max_length=200, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"login {self.pk} from {self.client_address}"

    @property
    def scopes(self) -> frozenset[str]:
        """Who is here in person may do whatever a token may."""
        return frozenset(SCOPES)
