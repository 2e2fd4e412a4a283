"""The chains that are, or were, followed."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from api.statements import compiled
from trading.models import Market
from trading.selectors.rows import MARKET, Row

LOCAL_CHAIN = "devnet"
LEAST_PATIENCE = timedelta(seconds=10)
PATIENCE_BLOCKS = 5
FOLLOWED = timedelta(minutes=1)
"""A market row that is not older is written by a process that follows the chain now."""


def newest_market_id(*, chain_id: int) -> int | None:
    """The instance of the chain that was seen last."""
    return next(iter(_seen_last(chain_id)), None)


@compiled
def _seen_last(chain_id: int) -> QuerySet[Market, int]:
    seen = Market.objects.filter(chain__chain_id=chain_id).order_by("-observed_at", "-pk")
    return seen.values_list("pk", flat=True)[:1]


@compiled
def newest_markets() -> QuerySet[Market, Row]:
    """Of every chain, the instance that was seen last, by the chain's name; rows of ``rows.MARKET``."""
    place = Window(RowNumber(), partition_by=F("chain"), order_by=[F("observed_at").desc(), F("id").desc()])
    newest = Market.objects.annotate(place=place).filter(place=1).order_by("chain__name")
    return newest.values_list(*MARKET, named=True)


def is_stale(market: Row, *, block_time: float, now: datetime) -> bool:
    """Whether nobody has followed it for so long that its prices mean little: five blocks, or ten seconds if longer."""
    unseen: timedelta = now - market.observed_at
    return unseen > max(LEAST_PATIENCE, timedelta(seconds=PATIENCE_BLOCKS * block_time))


def usual_chain() -> str | None:
    """What is meant where no chain is named: the local one where no node is set, else the id of the one chain that is
    followed, or was where none is; None where that is not one."""
    if not settings.RPC_URLS:
        return LOCAL_CHAIN
    seen = dict(Market.objects.order_by("observed_at").values_list("chain__chain_id", "observed_at"))
    followed = {chain_id for chain_id, at in seen.items() if at >= timezone.now() - FOLLOWED}
    candidates = followed or seen.keys()
    return str(next(iter(candidates))) if len(candidates) == 1 else None
