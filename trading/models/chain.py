from django.db import models


class Chain(models.Model):
    """One chain id, with the name that our network file gives it."""

    chain_id = models.PositiveBigIntegerField(unique=True)
    name = models.CharField(max_length=40)

    def __str__(self) -> str:
        return self.name
