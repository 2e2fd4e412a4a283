"""The chains that are, or were, followed."""

from datetime import datetime, timedelta

from django.db.models import F, QuerySet, Window
from django.db.models.functions import RowNumber

from trading.models import Market

LEAST_PATIENCE = timedelta(seconds=10)
PATIENCE_BLOCKS = 5


def newest_market(*, chain_id: int) -> Market | None:
    """The instance of the chain that was seen last."""
    return Market.objects.select_related("chain").filter(chain__chain_id=chain_id).order_by("-observed_at").first()


def newest_markets() -> QuerySet[Market]:
    """Of every chain, the instance that was seen last."""
    place = Window(RowNumber(), partition_by=F("chain"), order_by=[F("observed_at").desc(), F("id").desc()])
    return Market.objects.select_related("chain").annotate(place=place).filter(place=1)


def is_stale(market: Market, *, block_time: float, now: datetime) -> bool:
    """Whether nobody has followed it for so long that its prices mean little: five blocks, or ten seconds if longer."""
    return now - market.observed_at > max(LEAST_PATIENCE, timedelta(seconds=PATIENCE_BLOCKS * block_time))
