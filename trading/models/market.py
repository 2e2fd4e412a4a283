from django.db import models
from django.utils import timezone

from trading.fields import Uint256Field
from trading.models.chain import Chain


class Market(models.Model):
    """One instance of a chain as the process that follows it last saw it.

    ``chain_key`` names the instance: the genesis hash. ``prices`` are mid prices in whole quote tokens per whole token
    by token address, for display and statistics; a token without a price is left out. ``base_fee`` and ``tip`` are wei
    per gas. ``observed_at`` is when the row was written, by the database's clock of its writer: with ``head_time`` it
    says how far behind the follower is.
    """

    chain = models.ForeignKey(Chain, on_delete=models.CASCADE, related_name="markets")
    chain_key = models.CharField(max_length=80, unique=True)
    node = models.CharField(max_length=200, blank=True)
    quote_token = models.CharField(max_length=42)
    head_number = models.PositiveBigIntegerField()
    head_hash = models.CharField(max_length=66)
    head_time = models.DateTimeField()
    base_fee = Uint256Field(null=True, blank=True)
    tip = Uint256Field(default=0)
    prices = models.JSONField(default=dict)
    problem = models.TextField(blank=True)
    observed_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.chain.name} at block {self.head_number}"


class Candle(models.Model):
    """Mid prices of one token in one minute, in whole quote tokens per whole token; statistics, never booked.

    ``opened_at`` is the minute's start by block time. ``volume`` is token base units that were swapped in our pools.
    Wider candles are added up from these.
    """

    market = models.ForeignKey(Market, on_delete=models.CASCADE, related_name="candles")
    token = models.CharField(max_length=42)
    opened_at = models.DateTimeField()
    open = models.FloatField()
    high = models.FloatField()
    low = models.FloatField()
    close = models.FloatField()
    volume = Uint256Field(default=0)
    trades = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["market", "token", "opened_at"], name="one_candle_per_minute"),
        ]

    def __str__(self) -> str:
        return f"{self.token} {self.opened_at:%Y-%m-%d %H:%M}"
