from django.conf import settings
from django.db import models
from django.utils import timezone

UNOPENED = ""
"""The ``chain_key`` of an account whose chain instance no host has seen yet."""


class PaperAccount(models.Model):
    """Money on paper, on one instance of one chain.

    ``chain_key`` names that instance: the genesis hash of a node's chain, or the digest of a recording. Two devnets
    share a chain id but never an account. An account that is asked for before any host follows the chain is
    ``UNOPENED`` and holds nothing: the host that runs its first session books ``deposits``, a list of ``SYMBOL=AMOUNT``
    texts that stand in the place of the usual ones. ``generation`` counts resets; everything booked before one stays
    readable.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="paper_accounts")
    name = models.CharField(max_length=80)
    chain_id = models.PositiveBigIntegerField()
    chain_key = models.CharField(max_length=80, blank=True, default=UNOPENED)
    address = models.CharField(max_length=42, blank=True)
    quote_token = models.CharField(max_length=42)
    deposits = models.JSONField(default=list, blank=True)
    generation = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "chain_id", "chain_key", "name"], name="account_name_per_chain"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.address})"

    @property
    def is_opened(self) -> bool:
        return self.chain_key != UNOPENED
