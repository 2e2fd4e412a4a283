"""Tells readers outside this process what a block changed: the cache, and the feed's topics of how things are."""

import asyncio
from collections.abc import Mapping

from django.utils import timezone

from paper_trading.feed.envelope import gas_topic, market_topic
from paper_trading.feed.publisher import publish_state
from paper_trading.services.live_cache import MarketValues, WorthValues, market_values, put_market, put_worths
from paper_trading.services.ticks import Valued
from trading.models import Market


class Telling:
    """Works in a thread of its own, so that a slow Redis holds up no block; what comes meanwhile is told together."""

    def __init__(self, chain: str) -> None:
        self._chain = chain
        self._market: tuple[str, MarketValues] | None = None
        self._worths: dict[int, WorthValues] = {}
        self._task: asyncio.Task[None] | None = None

    def take(self, market: Market, valued: Mapping[int, Valued]) -> None:
        """The market as it was just written, and the sessions whose worth was."""
        market.observed_at = timezone.now()
        self._market = (market.chain_key, market_values(market))
        for session_id, valuation in valued.items():
            equity = None if valuation.equity is None else str(valuation.equity)
            self._worths[session_id] = WorthValues(block=market.head_number, equity=equity, worths=valuation.worths)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._tell())

    def close(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _tell(self) -> None:
        while self._market is not None:
            market, self._market = self._market, None
            worths, self._worths = self._worths, {}
            await asyncio.to_thread(self._send, *market, worths)

    def _send(self, chain_key: str, values: MarketValues, worths: Mapping[int, WorthValues]) -> None:
        put_market(chain_key, values)
        put_worths(worths)
        publish_state(market_topic(self._chain), "market", values)
        gas = {"block": values["block"], "base_fee": values["base_fee"], "tip": values["tip"]}
        publish_state(gas_topic(self._chain), "gas", gas)
