"""How far behind its chain a page is."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from trading.networks import networks
from trading.selectors.markets import newest_markets
from trading.selectors.rows import Row

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
    def height(self) -> str:
        return f"{self.block:,}"

    @property
    def is_stale(self) -> bool:
        return self.age_ms > self.patience_ms


def chain_states(topics: Iterable[str], now: datetime) -> list[ChainState]:
    """Of every chain whose market is among ``topics``, in their order; nothing of those that nobody ever followed."""
    asked = [topic.removeprefix(MARKET) for topic in topics if topic.startswith(MARKET)]
    if not asked:
        return []
    seen = {market.chain__name: market for market in newest_markets()}
    return [_state(seen[name], now) for name in dict.fromkeys(asked) if name in seen]


def patience_of(chain: str) -> float:
    """Seconds after which a chain that says nothing is behind: a few of its blocks."""
    network = networks().get(chain)
    return LEAST_SECONDS if network is None else max(LEAST_SECONDS, STALE_BLOCKS * network.block_time)


def _state(market: Row, now: datetime) -> ChainState:
    return ChainState(
        name=market.chain__name,
        block=market.head_number,
        age_ms=max(0, int((now - market.observed_at).total_seconds() * 1000)),
        patience_ms=int(patience_of(market.chain__name) * 1000),
        problem=market.problem,
    )
