"""One block for all sessions of a host."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from chain.devnet.errors import DevnetCrashed
from dex.errors import HaltSession, Retryable
from dex.market.events import BlockUpdate
from paper_trading.bot.endings import Endings
from paper_trading.bot.market import Market
from paper_trading.bot.outages import AWAY
from paper_trading.bot.report import BlockReport
from paper_trading.bot.runner import Runner
from paper_trading.services.leases import LeaseLost

AT_ONCE = 64
"""Sessions that think before the first of their ticks are written: the database works while the next ones think."""


@dataclass(slots=True)
class Steps:
    """``ticks_ms`` are the milliseconds from the block's arrival to each session's commit, in no order."""

    arrived: float = field(default_factory=time.perf_counter)
    ticks_ms: list[float] = field(default_factory=list)
    reports: list[tuple[Runner, BlockReport]] = field(default_factory=list)

    def show(self) -> None:
        """Tell the sessions' watchers what came of the block."""
        for runner, report in self.reports:
            if runner.watchers is not None:
                runner.watchers.block(report)


class Stepping:
    """Steps ``runners``, a host's; where it is ``alone`` with them, an error that is no word of ours is raised."""

    def __init__(self, runners: Mapping[int, Runner], *, market: Market, endings: Endings, alone: bool) -> None:
        self._runners = runners
        self._market = market
        self._endings = endings
        self._alone = alone

    async def step(self, update: BlockUpdate, steps: Steps) -> None:
        """Every session that has ``update``, which the market has applied, still before it.

        Raises what all sessions have to wait for; the same block is then stepped again by those that missed it.
        """
        order = self._order(update)
        tasks: list[asyncio.Task[None]] = []
        for start in range(0, len(order), AT_ONCE):
            part = order[start : start + AT_ONCE]
            tasks += [asyncio.create_task(self._step(runner, update, steps)) for runner in part]
            await asyncio.sleep(0)
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome

    def _order(self, update: BlockUpdate) -> Sequence[Runner]:
        """Those that wait for a block's verdict come last: the others need not wait for the node's answers."""
        live = self._market.is_live(update.block)
        needy = [runner for runner in self._runners.values() if runner.needs(update.block, live=live)]
        return sorted(needy, key=lambda runner: runner.waits)

    async def _step(self, runner: Runner, update: BlockUpdate, steps: Steps) -> None:
        try:
            report = await runner.on_block(update, self._market)
        except (Retryable, DevnetCrashed, *AWAY):
            raise
        except LeaseLost as error:
            self._endings.lose(runner, error)
        except HaltSession as error:
            await self._endings.end(runner, str(error), error)
        except Exception as error:
            if self._alone:
                raise
            await self._endings.put_aside(runner, error)
        else:
            steps.ticks_ms.append(1000.0 * (time.perf_counter() - steps.arrived))
            if report is not None:
                steps.reports.append((runner, report))
