"""A host of its own in a worker: every session of its chain that nobody runs, until it is told to leave."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress

from asgiref.sync import sync_to_async
from django.db import connection

from dex.types import BlockRef
from paper_trading.bot.garbage import collected_between_blocks
from paper_trading.bot.host import Measure, SessionHost
from paper_trading.bot.market import Market
from paper_trading.bot.outages import AWAY
from paper_trading.bot.pace import Pace
from paper_trading.bot.run import PROBE_PARTS
from paper_trading.bot.upkeep import Shown, kept_up
from paper_trading.bot.venue import Venue, VenueRequest, open_venue
from paper_trading.bot.writers import WriterThreads
from paper_trading.models import BotSession
from paper_trading.services import leases
from paper_trading.services.hosts import report_stopped
from paper_trading.services.nudge import nudge
from paper_trading.services.results import SessionProgress, mirror, progress_of

logger = logging.getLogger(__name__)

MOST_SESSIONS = 1000
MOST_REPLAYED = 2000
MIRROR_SECONDS = 5.0
WRITERS = 2


async def run_background(
    request: VenueRequest, *, on_ready: Callable[[SessionHost], None], measure: Measure = lambda block, ticks_ms: None
) -> None:
    """Raises every ``DexError`` of opening the venue, and ``DevnetCrashed``; ``on_ready`` may keep the host to end it.

    ``measure`` hears what the host's own ``Pace`` does. However it ends, others may take its sessions at once.
    """
    async with AsyncExitStack() as stack:
        venue = await stack.enter_async_context(open_venue(request, logger.info))
        collect = stack.enter_context(collected_between_blocks())
        pace = Pace()

        def take(block: BlockRef, ticks_ms: Sequence[float]) -> None:
            pace.take(block, ticks_ms)
            measure(block, ticks_ms)
            collect()

        deposit = venue.scope.deposits.get(venue.scope.quote.address, 0)
        host = open_host(venue, probe=max(1, deposit // PROBE_PARTS), note=logger.warning, measure=take)
        on_ready(host)
        async with taking_sessions(host, pace=pace):
            await host.run()


def open_host(venue: Venue, *, probe: int, note: Callable[[str], None], measure: Measure) -> SessionHost:
    """A host for many sessions; ``probe`` as in ``Market``."""
    market = Market(source=venue.source, scope=venue.scope, probe=probe, note=note, most_replayed=MOST_REPLAYED)
    writer = WriterThreads(WRITERS) if connection.vendor == "postgresql" else None
    return SessionHost(market=market, note=note, alone=False, health=venue.health, measure=measure, writer=writer)


@asynccontextmanager
async def taking_sessions(host: SessionHost, *, pace: Pace, shown: Shown | None = None) -> AsyncIterator[None]:
    """``host`` takes every session of its chain that nobody runs, and hands back at the end what it still has."""
    owner = leases.this_owner()
    mirroring = asyncio.create_task(_mirror(owner))
    try:
        async with kept_up(host, pace=pace, most=MOST_SESSIONS, shown=shown):
            yield
    finally:
        mirroring.cancel()
        try:
            with suppress(asyncio.CancelledError):
                await mirroring
        finally:
            await sync_to_async(_hand_back)(owner)


def _hand_back(owner: str) -> None:
    released = leases.release_all(owner=owner)
    report_stopped(name=owner)
    nudge()
    logger.info("%s handed %d sessions back", owner, released)


async def _mirror(owner: str) -> None:
    """Keep the results of the sessions' tasks true; the last word on one is written when it is ours no more."""
    ours: set[int] = set()
    while True:
        with suppress(*AWAY):
            rows = await sync_to_async(_rows)(owner, ours)
            await asyncio.to_thread(mirror, [row for _, row in rows])
            ours = {session_id for session_id, row in rows if row.ended_at is None}
        await asyncio.sleep(MIRROR_SECONDS)


def _rows(owner: str, before: set[int]) -> list[tuple[int, SessionProgress]]:
    held = BotSession.objects.filter(owner=owner)
    gone = BotSession.objects.filter(pk__in=before).exclude(owner=owner)
    return [(session.pk, progress_of(session)) for session in (*held, *gone)]
