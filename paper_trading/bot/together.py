"""A foreground run whose host takes its chain's background sessions too: a dashboard beside it starts some."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import replace
from typing import Any

from asgiref.sync import sync_to_async

from dex.errors import DexError, HaltSession
from paper_trading.bot.background import open_host, taking_sessions
from paper_trading.bot.host import SessionHost
from paper_trading.bot.launch import RunRequest, prepare
from paper_trading.bot.outages import AWAY
from paper_trading.bot.pace import Pace
from paper_trading.bot.run import Outcome, RunView, open_view, outcome_of, probe_of, shown_by, take, with_signals
from paper_trading.bot.venue import Venue, VenueRequest, open_venue
from paper_trading.models import BotSession, SessionStatus
from paper_trading.services import leases, sessions

LOOK_SECONDS = 0.2
Stays = Callable[[Outcome], Awaitable[bool]]


class StillOpen(DexError):
    """The run was ended while its session rested after a failure: the next start takes it up."""


async def run_together(request: RunRequest, venue_request: VenueRequest, view: RunView, *, stays: Stays) -> Outcome:
    """Like ``run``, on a node. ``stays`` is asked when the session has ended by itself whether the others go on here,
    up to a signal; those that are left then are handed back for the next host. A session that fails is tried again, as
    in every host of many.
    """
    async with open_venue(venue_request, view.note) as venue:
        prepared = await sync_to_async(prepare)(request, venue)
        pace = Pace()
        host = open_host(venue, probe=probe_of(prepared, venue), note=view.note, measure=pace.take)
        shown = shown_by(view, prepared, venue)
        await take(host, prepared, shown)
        open_view(view, prepared, venue)
        ending = Ending(host, prepared.session, venue=venue, note=view.note, stays=stays)
        with_signals(ending.stop)
        async with taking_sessions(host, pace=pace, shown=shown):
            outcome = await ending.follow(host.run())
    if outcome.session.status == SessionStatus.HALTED:
        raise HaltSession(outcome.session.end_reason)
    return outcome


class Ending:
    """Sees one session of ``host`` through to its end, and ends the host with it or at the next signal."""

    def __init__(
        self,
        host: SessionHost,
        session: BotSession,
        *,
        venue: Venue,
        note: Callable[[str], None],
        stays: Stays,
    ) -> None:
        self._host = host
        self._session_id = session.pk
        self._venue = venue
        self._note = note
        self._stays = stays
        self._asked = False

    def stop(self, reason: str) -> None:
        """The first word to stop."""
        self._asked = True
        runner = self._host.runners.get(self._session_id)
        if runner is None:
            self._host.leave()
        else:
            runner.stop(reason)
            self._host.wake()

    async def follow(self, running: Coroutine[Any, Any, None]) -> Outcome:
        """Until the host has left; raises what ended it, ``LeaseLost``, and ``StillOpen``."""
        seen = asyncio.create_task(self._see())
        try:
            await running
        finally:
            seen.cancel()
            await asyncio.gather(seen, return_exceptions=True)
        others = len(self._host.runners.keys() - {self._session_id})
        if not seen.cancelled():
            return replace(seen.result(), others=others)
        session = await self._gone()  # it may have ended in the same moment
        if session is None or session.is_live:
            raise StillOpen(f"session {self._session_id} stays open: the next start takes it up")
        return replace(await self._outcome(session), others=others)

    async def _see(self) -> Outcome:
        stays = False
        try:
            outcome = await self._outcome(await self._ended())
            stays = not self._asked and await self._stays(outcome) and not self._asked
        finally:
            if not stays:
                self._host.leave()
        return outcome

    async def _outcome(self, session: BotSession) -> Outcome:
        return await outcome_of(session, self._venue, self._host.market.desk)

    async def _ended(self) -> BotSession:
        failures = 0
        while True:
            with suppress(*AWAY):
                session = await self._gone()
                if session is not None and not session.is_live:
                    return session
                if session is not None and session.failures > failures:
                    failures = session.failures
                    self._note(f"session {session.pk} failed and is tried again: {session.last_error}")
            await asyncio.sleep(LOOK_SECONDS)

    async def _gone(self) -> BotSession | None:
        """The session while nobody here runs it."""
        if self._session_id in self._host.runners:
            return None
        session = await sync_to_async(sessions.load)(self._session_id)
        if session.is_live and session.foreground != leases.this_owner():
            raise leases.LeaseLost(f"session {session.pk} was taken over by another process")
        return session
