from django.db import models

from chain.symbols import SYMBOL_LENGTH
from trading.models.chain import Chain


class Token(models.Model):
    """An ERC-20 token. ``address`` is EIP-55 text; ``symbol`` is hostile text, cleaned before it comes here."""

    chain = models.ForeignKey(Chain, on_delete=models.CASCADE, related_name="tokens")
    address = models.CharField(max_length=42)
    symbol = models.CharField(max_length=SYMBOL_LENGTH)
    decimals = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["chain", "address"], name="token_address_per_chain")]

    def __str__(self) -> str:
        return f"{self.symbol} ({self.address})"
