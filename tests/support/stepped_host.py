"""A background host in this process, on the small market, whose next block comes when the test says so."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace

from asgiref.sync import sync_to_async
from django.contrib.auth.models import User

from chain.source import MarketStart
from dex.market.events import BlockUpdate
from dex.types import BlockRef
from paper_trading.bot.host import SessionHost
from paper_trading.bot.market import Market
from paper_trading.bot.pace import Pace
from paper_trading.bot.scope import TradingScope
from paper_trading.bot.upkeep import Shown, Upkeep
from paper_trading.models import BotSession, PaperAccount
from paper_trading.services import leases
from paper_trading.services.accounts import open_account
from paper_trading.tokens import NATIVE
from tests.support.small_desk import DOLLAR, FIRST, GWEI, NETWORK, ONE, SCOPE, USD, block, quiet, start

PATIENCE = 30.0
LIVE: TradingScope = replace(SCOPE, deposits={USD.address: 10_000 * DOLLAR, NATIVE: ONE})


class SteppedSource:
    """The small market, which nobody trades on."""

    chain_id = NETWORK.chain_id
    witness = None

    def __init__(self) -> None:
        self.number = FIRST
        self._coming: asyncio.Queue[BlockUpdate | Exception] = asyncio.Queue()

    async def head(self) -> BlockRef:
        return block(self.number)

    async def suggested_tip(self) -> int:
        return GWEI // 10

    async def start(self, at_block: int | None = None) -> MarketStart:
        self._coming = asyncio.Queue()
        return replace(start(), block=block(self.number))

    async def updates(self) -> AsyncIterator[BlockUpdate]:
        while True:
            came = await self._coming.get()
            if isinstance(came, Exception):
                raise came
            yield came

    async def close(self) -> None:
        return

    def mine(self) -> None:
        self.number += 1
        self._coming.put_nowait(quiet(self.number))

    def fail(self, error: Exception) -> None:
        """The node says ``error`` in the place of the next block."""
        self._coming.put_nowait(error)


@dataclass(slots=True)
class SteppedHost:
    source: SteppedSource
    host: SessionHost
    upkeep: Upkeep
    notes: list[str]
    tasks: list["asyncio.Task[None]"] = field(default_factory=list)

    async def block(self) -> None:
        """One block, and a look into the database; returns once every session that can has booked it or fallen out."""
        self.source.mine()
        self.upkeep.nudge()
        await self.until(lambda: self.head() == self.source.number)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Waits for something in this process."""
        async with asyncio.timeout(PATIENCE):
            while not condition():
                for task in self.tasks:
                    if task.done():
                        task.result()
                        raise AssertionError("the host or its upkeep ended")
                await asyncio.sleep(0.01)

    async def until_row(self, pk: int, condition: Callable[[BotSession], bool]) -> BotSession:
        """The session once ``condition`` holds; new blocks come and the host looks meanwhile."""
        async with asyncio.timeout(PATIENCE):
            while True:
                row = await sync_to_async(BotSession.objects.get)(pk=pk)
                if condition(row):
                    return row
                if self.head() == self.source.number:
                    self.source.mine()
                self.upkeep.nudge()
                await asyncio.sleep(0.02)

    def head(self) -> int:
        head = self.host.market.head()
        return 0 if head is None else head.number


@asynccontextmanager
async def stepped_host(*, most: int = 100, shown: Shown | None = None) -> AsyncIterator[SteppedHost]:
    """Runs and admits up to ``most`` sessions; it is cancelled at the end."""
    source, notes = SteppedSource(), list[str]()
    market = Market(
        source=source,
        scope=LIVE,
        probe=50 * DOLLAR,
        note=notes.append,
        clock=lambda: float(block(source.number).timestamp),
    )
    host = SessionHost(market=market, note=notes.append, alone=False)
    upkeep = Upkeep(host, owner=leases.this_owner(), pace=Pace(), most=most, shown=shown)
    stepped = SteppedHost(source=source, host=host, upkeep=upkeep, notes=notes)
    stepped.tasks += [asyncio.create_task(host.run()), asyncio.create_task(upkeep.run())]
    try:
        yield stepped
    finally:
        for task in stepped.tasks:
            task.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await asyncio.wait_for(task, PATIENCE)
        await sync_to_async(lambda: None)()  # after whatever the database's thread was still at


def new_session(name: str, **columns: object) -> BotSession:
    """A session that waits for a host, on an account of the small market."""
    account = _account(name)
    return BotSession.objects.create(
        account=account, user=account.user, chain=NETWORK.name, **({"intel_level": 8} | columns)
    )


def _account(name: str) -> PaperAccount:
    return open_account(
        user=User.objects.get_or_create(username="alice")[0],
        name=name,
        chain_id=NETWORK.chain_id,
        chain_key=LIVE.chain_key,
        quote_token=USD.address,
        deposits={str(token): amount for token, amount in LIVE.deposits.items()},
        block=block(FIRST),
    )
