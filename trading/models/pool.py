from django.db import models

from dex.market.pools import Protocol
from trading.models.chain import Chain
from trading.models.token import Token


class Pool(models.Model):
    """What is fixed about a pool; its state lives in the market, never here.

    ``fee_pips`` is parts per million, as last loaded. ``tick_spacing`` is null for V2.
    """

    chain = models.ForeignKey(Chain, on_delete=models.CASCADE, related_name="pools")
    address = models.CharField(max_length=42)
    protocol = models.CharField(max_length=4, choices=[(protocol.value, protocol.name) for protocol in Protocol])
    token0 = models.ForeignKey(Token, on_delete=models.PROTECT, related_name="pools_as_token0")
    token1 = models.ForeignKey(Token, on_delete=models.PROTECT, related_name="pools_as_token1")
    fee_pips = models.PositiveIntegerField()
    tick_spacing = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["chain", "address"], name="pool_address_per_chain")]

    def __str__(self) -> str:
        return f"{self.protocol} pool {self.address}"
