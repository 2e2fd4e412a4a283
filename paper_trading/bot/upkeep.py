"""What a host does beside the blocks: keeps its leases, hears what owners want, takes sessions that nobody runs."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from asgiref.sync import sync_to_async
from django.db import close_old_connections

from paper_trading.bot import admission
from paper_trading.bot.ai_engine import AIEngine
from paper_trading.bot.host import AWAY, LOOK_SECONDS, SessionHost
from paper_trading.bot.pace import Pace
from paper_trading.bot.receipts import ReceiptCheck
from paper_trading.models import SessionCommand
from paper_trading.services import leases, sessions
from paper_trading.services.hosts import report_host
from paper_trading.services.leases import LEASE, RENEW_SECONDS, LeaseLost, Wish
from paper_trading.services.nudge import listen

logger = logging.getLogger(__name__)

COUNT_BLOCKS = 10
"""With many sessions, repeated thoughts are counted so often only; each session has its own turn."""

GOOD_BLOCKS = 20
"""After so many blocks without one, a session's failures are forgotten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look into the database."""

    wishes: dict[int, Wish]
    commands: dict[int, tuple[SessionCommand, ...]]


class Upkeep:
    """Runs beside ``host`` until it is cancelled. ``claims`` are taken up to ``most`` sessions; 0 takes none."""

    def __init__(self, host: SessionHost, *, owner: str, pace: Pace, most: int = 0) -> None:
        self._host = host
        self._owner = owner
        self._pace = pace
        self._most = most
        self._nudged = asyncio.Event()
        self._renewed_at = time.monotonic()

    def nudge(self) -> None:
        """Look at once; to be called in the event loop."""
        self._nudged.set()

    async def run(self) -> None:
        """Raises ``LeaseLost`` never: a session that is lost is dropped."""
        next_renewal = time.monotonic()
        while True:
            try:
                if time.monotonic() >= next_renewal:
                    await self._renew()
                    next_renewal = time.monotonic() + RENEW_SECONDS
                await self._look()
            except AWAY as error:
                logger.warning("the database does not answer: %s", str(error).splitlines()[:1])
                await sync_to_async(close_old_connections)()
            self._host.in_doubt = time.monotonic() - self._renewed_at > LEASE.total_seconds() / 2
            await self._wait()

    async def _wait(self) -> None:
        try:
            await asyncio.wait_for(self._nudged.wait(), LOOK_SECONDS)
        except TimeoutError:
            return
        self._nudged.clear()

    async def _renew(self) -> None:
        asked_at = time.monotonic()
        await sync_to_async(leases.renew_all)(owner=self._owner)
        self._renewed_at = asked_at
        await sync_to_async(report_host)(name=self._owner, sessions=len(self._host.runners), pace=self._pace.summary())
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
                    self._host.drop(session_id)
                continue
            self._hear(session_id, wish, look.commands.get(session_id, ()))
        if self._most > 0 and not self._host.is_leaving and self._host.market.head() is not None:
            await self._admit()

    def _hear(self, session_id: int, wish: Wish, commands: tuple[SessionCommand, ...]) -> None:
        runner = self._host.runners.get(session_id)
        if runner is None:
            return
        if wish.stop and runner.stop_reason == "":
            runner.stop(wish.stop_reason or "stopped by its owner")
            self._host.wake()
        if runner.trader is not None:
            runner.trader.paused = wish.paused
            runner.trader.commands = commands

    async def _admit(self) -> None:
        """A few at a time: the ticks of those that run already come in between."""
        while (head := self._host.market.head()) is not None and not self._host.is_leaving:
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
        self._host.take(
            session=one.session,
            lease_token=one.lease_token,
            scope=one.scope,
            engine=AIEngine(one.settings),
            receipts=ReceiptCheck(None),
            count_blocks=COUNT_BLOCKS,
        )

    async def _refuse(self, one: admission.Admitted) -> None:
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
async def kept_up(host: SessionHost, *, pace: Pace, most: int = 0) -> AsyncIterator[None]:
    """``host`` with its upkeep beside it: leases are renewed and owners heard for as long as the block runs."""
    upkeep = Upkeep(host, owner=leases.this_owner(), pace=pace, most=most)
    loop = asyncio.get_running_loop()

    def on_nudge() -> None:
        loop.call_soon_threadsafe(upkeep.nudge)

    listener = listen(on_nudge)
    task = asyncio.create_task(upkeep.run())
    task.add_done_callback(lambda _: host.wake())
    try:
        yield
    finally:
        await asyncio.to_thread(listener.close)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
