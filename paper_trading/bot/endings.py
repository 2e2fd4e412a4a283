"""How a session leaves its host: at its end, halted, to rest after a failure, or to another process."""

import logging
from contextlib import suppress
from datetime import timedelta

from asgiref.sync import sync_to_async

from dex.errors import HaltSession
from paper_trading.bot.market import Market
from paper_trading.bot.outages import AWAY, first_line
from paper_trading.bot.runner import Runner
from paper_trading.models import BotSession
from paper_trading.services import sessions
from paper_trading.services.leases import LeaseLost

logger = logging.getLogger(__name__)

MOST_FAILURES = 5
LONGEST_REST = 60.0


class Endings:
    """Takes sessions out of ``runners``, a host's, once the database knows what became of them.

    Where the host is ``alone`` with its session, whatever goes wrong is the caller's to tell: it is raised at once, or
    kept as ``error``, the first that ended a session or lost it. Otherwise a session that fails rests, and halts after
    ``MOST_FAILURES`` failures in a row.
    """

    def __init__(self, runners: dict[int, Runner], *, market: Market, alone: bool) -> None:
        self.error: Exception | None = None
        self._runners = runners
        self._market = market
        self._alone = alone

    async def end(self, runner: Runner, reason: str, error: HaltSession | None = None) -> None:
        """``error`` halts it: what its last blocks left unwritten is not to be trusted then."""
        try:
            if error is None:
                await runner.flush(self._market.head())
            await sync_to_async(sessions.end)(
                session=runner.session, lease_token=runner.lease_token, reason=reason, halted=error is not None
            )
        except LeaseLost as lost:
            self.lose(runner, lost)
            return
        except AWAY:
            raise
        except Exception as failure:
            if self._alone:
                raise
            await self.put_aside(runner, failure)
            return
        logger.info("session %s %s: %s", runner.session.pk, "halted" if error else "ended", reason)
        self.error = self.error or error
        self._forget(runner)

    async def end_all(self, reason: str) -> None:
        """Those that were asked to stop before end with the reason that they were given."""
        for runner in tuple(self._runners.values()):
            await self.end(runner, runner.stop_reason or reason)

    async def halt_all(self, error: HaltSession) -> None:
        """For a market that cannot be trusted: neither can anything that would be decided on it."""
        for runner in tuple(self._runners.values()):
            await self.end(runner, str(error), error)

    async def put_aside(self, runner: Runner, error: Exception) -> None:
        """Let a session that failed rest, so that no other one notices."""
        await self.push_back(runner.session, runner.lease_token, error)
        self._forget(runner)

    async def push_back(self, session: BotSession, lease_token: int, error: Exception) -> None:
        """The same for a claimed session that has not become a runner."""
        logger.error("session %s failed", session.pk, exc_info=error)
        rest = timedelta(seconds=min(2.0 ** (session.failures + 1), LONGEST_REST))
        with suppress(LeaseLost):
            await sync_to_async(sessions.push_back)(
                session=session,
                lease_token=lease_token,
                error=f"{type(error).__name__}: {first_line(error)}",
                rest=rest,
                most=MOST_FAILURES,
            )

    def lose(self, runner: Runner, error: LeaseLost) -> None:
        if self._runners.get(runner.session.pk) is runner:
            self.drop(runner.session.pk)
        self.error = self.error or error

    def _forget(self, runner: Runner) -> None:
        """But for one that took its place in the meantime: the session may have been claimed anew."""
        if self._runners.get(runner.session.pk) is runner:
            del self._runners[runner.session.pk]

    def drop(self, session_id: int) -> None:
        """Somebody else runs it now."""
        if self._runners.pop(session_id, None) is None:
            return
        logger.info("session %s is left to another process", session_id)
        if self._alone:
            self.error = self.error or LeaseLost(f"session {session_id} was taken over by another process")
