"""The blocks of a market for a host that errors interrupt."""

import asyncio
from collections.abc import AsyncIterator

from dex.market.events import BlockUpdate
from paper_trading.bot.market import Market


class Incoming:
    """One block after another. One that comes while the host is busy with an outage waits for it, as does an error:
    the market gives a block, and tells what is wrong, only once.
    """

    def __init__(self, market: Market) -> None:
        self._market = market
        self._updates: AsyncIterator[BlockUpdate] | None = None
        self._coming: asyncio.Future[BlockUpdate | None] | None = None

    def coming(self) -> "asyncio.Future[BlockUpdate | None]":
        """The next block, None at the end of a recording; the same future until it is taken."""
        if self._updates is None:
            self._updates = aiter(self._market.updates())
        if self._coming is None:
            self._coming = asyncio.ensure_future(anext(self._updates, None))
        return self._coming

    def take(self) -> BlockUpdate | None:
        """What has come; raises what the market raised, which is then asked anew."""
        coming, self._coming = self.coming(), None
        try:
            return coming.result()
        except BaseException:
            self._updates = None
            raise

    async def forget(self) -> None:
        """Before the market is opened anew, and at the end."""
        coming, self._coming, self._updates = self._coming, None, None
        if coming is not None:
            coming.cancel()
            await asyncio.gather(coming, return_exceptions=True)  # whatever it was, it was about the market before
