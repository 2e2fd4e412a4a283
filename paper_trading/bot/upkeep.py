"""What a host does beside the blocks: keeps its leases, hears what owners want, takes sessions that nobody runs."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from asgiref.sync import sync_to_async
from django.db import close_old_connections

from dex.errors import DexError
from paper_trading.bot import admission
from paper_trading.bot.ai_engine import AIEngine
from paper_trading.bot.host import LOOK_SECONDS, SessionHost
from paper_trading.bot.outages import AWAY, first_line
from paper_trading.bot.pace import Pace
from paper_trading.bot.receipts import ReceiptCheck
from paper_trading.bot.runner import Watchers
from paper_trading.bot.scope import TradingScope
from paper_trading.models import SessionCommand, SessionStatus
from paper_trading.services import leases, sessions
from paper_trading.services.hosts import report_host
from paper_trading.services.leases import LEASE, RENEW_SECONDS, LeaseLost, Wish
from paper_trading.services.nudge import listen, nudge
from paper_trading.services.statistics import refresh_statistics

logger = logging.getLogger(__name__)

COUNT_BLOCKS = 10
"""With many sessions, repeated thoughts are counted so often only; each session has its own turn."""

SHARE_SECONDS = 5.0
STATISTICS_SECONDS = 3_600.0
"""Most of all for a run that began with empty tables."""

STOPPED = "stopped by its owner"
GOOD_BLOCKS = 20
"""After so many blocks without one, a session's failures are forgotten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look into the database."""

    wishes: dict[int, Wish]
    commands: dict[int, tuple[SessionCommand, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """The session that a terminal shows, however often its host has to take it up anew."""

    session_id: int
    scope: TradingScope
    receipts: ReceiptCheck
    watchers: Watchers


class Upkeep:
    """Runs beside ``host`` until it is cancelled. Up to ``most`` sessions are claimed; 0 takes none."""

    def __init__(self, host: SessionHost, *, owner: str, pace: Pace, most: int = 0, shown: Shown | None = None) -> None:
        self._host = host
        self._owner = owner
        self._pace = pace
        self._most = most
        self._shown = shown
        self._nudged = asyncio.Event()
        self._renewed_at = self._next_renewal = time.monotonic()
        self._next_sharing = self._renewed_at + SHARE_SECONDS
        self._next_statistics = self._renewed_at + STATISTICS_SECONDS

    def nudge(self) -> None:
        """Look at once; to be called in the event loop."""
        self._nudged.set()

    async def run(self) -> None:
        """Raises ``LeaseLost`` never: a session that is lost is dropped."""
        while True:
            try:
                for step in (self._look, self._share, self._admit, self._count):
                    await self._renew_if_due()
                    await step()
            except AWAY as error:
                logger.warning("the database does not answer: %s", first_line(error))
                # Being slow is no reason to doubt: only who asked and was not answered may have lost the sessions.
                self._host.in_doubt = time.monotonic() - self._renewed_at > LEASE.total_seconds() / 2
                await sync_to_async(close_old_connections)()
            await self._wait()

    async def _renew_if_due(self) -> None:
        if time.monotonic() >= self._next_renewal:
            await self._renew()
            self._next_renewal = time.monotonic() + RENEW_SECONDS

    async def _wait(self) -> None:
        with suppress(TimeoutError):
            # Not wait_for: in Python 3.11 that one loses a cancellation which comes together with a nudge.
            async with asyncio.timeout(LOOK_SECONDS):
                await self._nudged.wait()
        self._nudged.clear()

    async def _renew(self) -> None:
        asked_at = time.monotonic()
        await sync_to_async(leases.renew_all)(owner=self._owner)
        self._renewed_at, self._host.in_doubt = asked_at, False
        # Only who can take sessions is counted on by the others and by those who start some.
        if self._most > 0 and self._host.market.head() is not None:
            await sync_to_async(report_host)(
                name=self._owner,
                chain=self._host.market.scope.network.name,
                sessions=len(self._host.runners),
                pace=self._pace.summary(),
            )
        await self._forgive()

    async def _forgive(self) -> None:
        good = [
            runner
            for runner in self._host.runners.values()
            if runner.session.failures > 0 and runner.good_blocks >= GOOD_BLOCKS
        ]
        if good:
            await sync_to_async(sessions.forget_failures)(session_ids=[runner.session.pk for runner in good])
        for runner in good:
            runner.session.failures = 0

    async def _look(self) -> None:
        known = {session_id: runner.lease_token for session_id, runner in self._host.runners.items()}
        look = await sync_to_async(_look)(self._owner, known.keys())
        for session_id, token in known.items():
            wish = look.wishes.get(session_id)
            if wish is None or wish.lease_token != token:
                if session_id in self._host.runners and self._host.runners[session_id].lease_token == token:
                    self._host.endings.drop(session_id)
                continue
            self._hear(session_id, wish, look.commands.get(session_id, ()))
        for session_id, wish in look.wishes.items():
            if session_id not in known and session_id not in self._host.runners:
                # Claimed and lost sight of when the database went away: nobody else may take what we renew for ever.
                await sync_to_async(leases.release)(session_id=session_id, token=wish.lease_token)

    def _hear(self, session_id: int, wish: Wish, commands: tuple[SessionCommand, ...]) -> None:
        runner = self._host.runners.get(session_id)
        if runner is None:
            return
        if wish.stop and runner.stop_reason == "":
            runner.stop(wish.stop_reason or STOPPED)
            self._host.wake()
        if runner.trader is not None:
            runner.trader.paused = wish.paused
            runner.trader.hear(commands)

    async def _share(self) -> None:
        """Give sessions to a host that came later: at first those whose orders nobody has to settle."""
        if self._most == 0 or time.monotonic() < self._next_sharing:
            return
        self._next_sharing = time.monotonic() + SHARE_SECONDS
        spare = await sync_to_async(admission.spare)(
            chain=self._host.market.scope.network.name, owner=self._owner, held=len(self._host.runners)
        )
        idle = [runner for runner in self._host.runners.values() if not runner.waits and runner.watchers is None]
        for runner in idle[:spare]:
            self._host.endings.drop(runner.session.pk)
            await sync_to_async(leases.release)(session_id=runner.session.pk, token=runner.lease_token)
        if spare > 0:
            # Not in the database's thread, which blocks wait for: Redis may take its time, or be away.
            await asyncio.to_thread(nudge)

    async def _count(self) -> None:
        if time.monotonic() >= self._next_statistics:
            self._next_statistics = time.monotonic() + STATISTICS_SECONDS
            await sync_to_async(refresh_statistics)()

    async def _admit(self) -> None:
        """A few at a time: the ticks of those that run already come in between, and so do the leases."""
        while self._most > 0 and (head := self._host.market.head()) is not None and not self._host.is_leaving:
            await self._renew_if_due()
            admitted = await sync_to_async(admission.admit)(
                owner=self._owner,
                scope=self._host.market.scope,
                block=head,
                held=len(self._host.runners),
                most=self._most,
            )
            for one in admitted:
                await self._take(one)
            if not admitted:
                return

    async def _take(self, one: admission.Admitted) -> None:
        if one.settings is None:
            await self._refuse(one)
            return
        logger.info("session %s is run by %s", one.session.pk, self._owner)
        shown = self._shown if self._shown is not None and self._shown.session_id == one.session.pk else None
        runner = self._host.take(
            session=one.session,
            lease_token=one.lease_token,
            scope=one.scope if shown is None else shown.scope,
            engine=AIEngine(one.settings),
            receipts=ReceiptCheck(None) if shown is None else shown.receipts,
            watchers=None if shown is None else shown.watchers,
            count_blocks=COUNT_BLOCKS if shown is None else 1,
        )
        if one.session.desired_status == SessionStatus.ENDED:
            runner.stop(one.session.stop_reason or STOPPED)

    async def _refuse(self, one: admission.Admitted) -> None:
        """A reason of ours is for good; anything else may be another one's fault, and is tried again later."""
        if one.problem is not None and not isinstance(one.problem, DexError):
            await self._host.endings.push_back(one.session, one.lease_token, one.problem)
            return
        logger.error("session %s cannot run: %s", one.session.pk, one.problem)
        try:
            await sync_to_async(sessions.end)(
                session=one.session, lease_token=one.lease_token, reason=str(one.problem), halted=True
            )
        except LeaseLost:
            return


def _look(owner: str, session_ids: Collection[int]) -> Look:
    return Look(wishes=dict(leases.wishes(owner=owner)), commands=admission.waiting_commands(list(session_ids)))


@asynccontextmanager
async def kept_up(host: SessionHost, *, pace: Pace, most: int = 0, shown: Shown | None = None) -> AsyncIterator[None]:
    """``host`` with its upkeep beside it: leases are renewed and owners heard for as long as the block runs."""
    upkeep = Upkeep(host, owner=leases.this_owner(), pace=pace, most=most, shown=shown)
    loop = asyncio.get_running_loop()

    def on_nudge() -> None:
        loop.call_soon_threadsafe(upkeep.nudge)

    listener = listen(on_nudge)
    task = asyncio.create_task(upkeep.run())
    task.add_done_callback(lambda _: host.leave())  # its error is raised below: without leases nothing may go on
    try:
        yield
    finally:
        # Not waited for: the sessions are handed back first.
        closing = loop.run_in_executor(None, listener.close)
        closing.add_done_callback(lambda _: None)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
