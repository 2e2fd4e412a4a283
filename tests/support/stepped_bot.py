"""The bot's own loop in this process, on a chain that makes a block when the test says so.

A scenario is a coroutine over a ``SteppedBot``; ``play`` runs it from a synchronous test, so that what the loop writes
happens on the test's own database connection and is rolled back with it.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from asgiref.sync import async_to_sync, sync_to_async
from django.conf import settings

from chain.devnet import miner
from chain.devnet.devnet import Devnet
from chain.devnet.driver import Pending as Requests
from chain.devnet.rpc import Rpc
from paper_trading.bot.ai_engine import AIEngine
from paper_trading.bot.book import Book
from paper_trading.bot.host import SessionHost
from paper_trading.bot.launch import Prepared, RunRequest, prepare
from paper_trading.bot.market import Market
from paper_trading.bot.receipts import ReceiptCheck
from paper_trading.bot.report import BlockReport, Booked
from paper_trading.bot.runner import Runner, Watchers
from paper_trading.bot.venue import Venue, VenueRequest, open_venue
from paper_trading.models import BotSession
from paper_trading.services import leases, sessions
from tests.support.faulty_node import FaultyNode, faulty

PATIENCE = 30.0
BOLD = RunRequest(intel=10, overrides=("cooldown_blocks=0", "max_open_positions=8"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A block, what the actors sent for it, and the node's snapshot from before they did."""

    number: int
    timestamp: int
    requests: Requests
    snapshot: str


@dataclass(slots=True)
class SteppedBot:
    """``node`` is the proxy that the bot asks, where there is one."""

    devnet: Devnet | None
    rpc: Rpc
    venue: Venue
    prepared: Prepared
    reports: list[BlockReport] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    sealed: dict[int, Sealed] = field(default_factory=dict)
    node: FaultyNode | None = None
    host: SessionHost | None = None
    runner: Runner | None = None
    _task: asyncio.Task[None] | None = None
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def session(self) -> BotSession:
        return self.prepared.session

    @property
    def book(self) -> Book:
        assert self.runner is not None
        return self.runner.book

    @property
    def booked(self) -> list[Booked]:
        return [booked for report in self.reports for booked in report.booked]

    async def start(self) -> None:
        """A run of the session, which may have been run before."""
        market = Market(
            source=self.venue.source,
            scope=self.venue.scope,
            probe=50 * 10**self.venue.scope.quote.decimals,
            note=self._note,
            clock=self._clock,
        )
        self.host = SessionHost(market=market, note=self._note, alone=True, clock=self._clock)
        token = await sync_to_async(leases.claim)(session_id=self.session.pk, owner=leases.this_owner())
        self.runner = self.host.take(
            session=await sync_to_async(sessions.load)(self.session.pk),
            lease_token=token,
            scope=self.venue.scope,
            engine=AIEngine(self.prepared.settings),
            receipts=ReceiptCheck(self.venue.reader),
            watchers=Watchers(block=self._take, note=self._note),
        )
        self._task = asyncio.create_task(self.host.run())

    async def vanish(self) -> None:
        """Ends the run as ``kill -9`` would: nothing is written any more. The lease is freed as if it had run out."""
        assert self._task is not None
        assert self.runner is not None
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task
        await sync_to_async(leases.release)(session_id=self.session.pk, token=self.runner.lease_token)

    async def end(self) -> None:
        """Asks the run to end and waits for it."""
        assert self._task is not None
        assert self.host is not None
        self.host.stop("the test is over")
        await asyncio.wait_for(self._task, PATIENCE)

    async def step(self) -> BlockReport:
        """One block of the devnet's actors, up to the bot's report on it."""
        assert self.devnet is not None
        snapshot = self.rpc.call("evm_snapshot")
        requests = self.devnet.driver.send()
        block = self.devnet.driver.seal(requests, self.devnet.head.timestamp + 1)
        self.sealed[block.number] = Sealed(
            number=block.number, timestamp=block.timestamp, requests=requests, snapshot=snapshot
        )
        return await self.reported(block.hash)

    async def mine(self, timestamp: int) -> BlockReport:
        """An empty block of our own; the devnet cannot step after this."""
        return await self.reported(miner.mine(self.rpc, timestamp).hash)

    async def reported(self, block_hash: str) -> BlockReport:
        async with asyncio.timeout(PATIENCE):
            while True:
                for report in reversed(self.reports):
                    if report.block.hash == block_hash:
                        return report
                assert self._task is not None
                if self._task.done():
                    self._task.result()
                    raise AssertionError(f"the run ended before block {block_hash}")
                self._news.clear()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._news.wait(), 0.5)

    async def ready(self) -> None:
        """Waits until the run has loaded the market, so that it sees every block from now on."""
        async with asyncio.timeout(PATIENCE):
            while self.host is None or self.host.market.desk is None:  # noqa: ASYNC110 - the host tells nobody
                await asyncio.sleep(0.01)

    async def noted(self, words: str) -> None:
        async with asyncio.timeout(PATIENCE):
            while not any(words in note for note in self.notes):
                self._news.clear()
                await self._news.wait()

    async def step_until(self, reached: Callable[[BlockReport], bool], most: int = 120) -> BlockReport:
        for _ in range(most):
            report = await self.step()
            if reached(report):
                return report
        raise AssertionError(f"not within {most} blocks")

    async def step_until_order(self) -> BlockReport:
        return await self.step_until(lambda report: any(thought.ordered for thought in report.thoughts))

    def _take(self, report: BlockReport) -> None:
        self.reports.append(report)
        self._news.set()

    def _note(self, text: str) -> None:
        self.notes.append(text)
        self._news.set()

    def _clock(self) -> float:
        head = None if self.host is None else self.host.market.head()
        return 0.0 if head is None else float(head.timestamp)


Scenario = Callable[[SteppedBot], Awaitable[None]]


@asynccontextmanager
async def running(bot: SteppedBot) -> AsyncIterator[SteppedBot]:
    """``bot`` started, on a devnet up to its report on the head, and stopped without a trace at the end."""
    await bot.start()
    try:
        if bot.devnet is not None:  # any other chain may have no past that the bot could begin with
            await bot.reported(miner.head(bot.rpc).hash)
        yield bot
    finally:
        assert bot._task is not None
        if not bot._task.done():
            bot._task.cancel()
        with suppress(asyncio.CancelledError):
            await bot._task


def play(
    devnet: Devnet,
    scenario: Scenario,
    *,
    request: RunRequest = BOLD,
    faults: Mapping[str, object] | None = None,
) -> None:
    """Runs ``scenario`` with a bot on ``devnet``; with ``faults``, even empty ones, the bot asks a ``FaultyNode``."""

    async def over(url: str, node: FaultyNode | None) -> None:
        where = VenueRequest(networks_dir=settings.NETWORKS_DIR, rpc_urls=[url], devnet_dir=Path("unused"))
        with Rpc(devnet.url) as rpc:
            async with open_venue(where, lambda _: None) as venue:
                prepared = await sync_to_async(prepare)(request, venue)
                async with running(SteppedBot(devnet, rpc, venue, prepared, node=node)) as bot:
                    await scenario(bot)

    async def whole() -> None:
        if faults is None:
            await over(devnet.url, None)
            return
        async with faulty(devnet.url) as node:
            for name, value in faults.items():
                setattr(node, name, value)
            await over(node.url, node)

    async_to_sync(whole)()
