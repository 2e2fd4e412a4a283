"""How far behind its chain a page is."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from trading.networks import networks
from trading.selectors.markets import newest_markets

MARKET = "market:"
LEAST_SECONDS = 3.0
STALE_BLOCKS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainState:
    """``age_ms`` is how long ago the newest block was taken in, ``patience_ms`` from when on it is too long ago."""

    name: str
    block: int
    age_ms: int
    patience_ms: int
    problem: str

    @property
    def is_stale(self) -> bool:
        return self.age_ms > self.patience_ms


def chain_state(topics: Iterable[str], now: datetime) -> ChainState | None:
    """Of the chain whose market is among ``topics``; None where there is none, or nobody ever followed it."""
    asked = [topic.removeprefix(MARKET) for topic in topics if topic.startswith(MARKET)]
    if not asked:
        return None
    found = next((market for market in newest_markets() if market.chain__name == asked[0]), None)
    if found is None:
        return None
    network = networks().get(asked[0])
    seconds = LEAST_SECONDS if network is None else max(LEAST_SECONDS, STALE_BLOCKS * network.block_time)
    return ChainState(
        name=asked[0],
        block=found.head_number,
        age_ms=max(0, int((now - found.observed_at).total_seconds() * 1000)),
        patience_ms=int(seconds * 1000),
        problem=found.problem,
    )
