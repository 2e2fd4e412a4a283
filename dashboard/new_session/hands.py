"""Who would run a new session."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db.models import QuerySet

from api.statements import compiled
from paper_trading.errors import BackgroundUnavailable
from paper_trading.models import BotHost
from paper_trading.selectors.rows import Row
from paper_trading.services.hand_over import require_hosts
from paper_trading.services.hosts import living_hosts
from paper_trading.services.workers import worker_queues_lately


@dataclass(frozen=True, slots=True, kw_only=True)
class Hands:
    """``missing`` is one line about what a start would be refused for; ``hosts`` take sessions of the chain now: rows
    of ``pk`` and how many they run. ``unserved`` says that no worker takes what a start puts into the queue."""

    missing: str
    hosts: Sequence[Row]
    unserved: bool = False


def hands(chain: str, *, ask_workers: bool) -> Hands:
    """Asking the workers takes a second; they are believed unasked."""
    try:
        require_hosts()
    except BackgroundUnavailable as error:
        return Hands(missing=str(error), hosts=[])
    workers = worker_queues_lately(ask=ask_workers) if settings.REDIS_URL else None
    unserved = workers is not None and not any(settings.PAPER_TRADING_QUEUE in queues for queues in workers)
    return Hands(missing="", hosts=_hosts(chain), unserved=unserved)


@compiled
def _hosts(chain: str) -> QuerySet[BotHost, Row]:
    return living_hosts(chain=chain).order_by("sessions", "pk").values_list("pk", "sessions", named=True)
