"""The session that a terminal shows, on a host that runs others beside it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from paper_trading.bot.ai_engine import AIEngine
from paper_trading.bot.receipts import ReceiptCheck
from paper_trading.bot.report import BlockReport
from paper_trading.bot.run import Outcome
from paper_trading.bot.runner import Watchers
from paper_trading.bot.together import Ending, StillOpen
from paper_trading.bot.upkeep import Shown
from paper_trading.bot.venue import Venue
from paper_trading.models import BotSession, SessionStatus
from paper_trading.services import control, leases
from paper_trading.services.chain_readers import NodeReader
from paper_trading.services.leases import LeaseLost
from tests.support.small_desk import FIRST, block
from tests.support.stepped_host import LIVE, SteppedHost, new_session, stepped_host

pytestmark = pytest.mark.django_db(transaction=True)


def own(name: str, **columns: Any) -> BotSession:
    return new_session(name, foreground=leases.this_owner(), **columns)


def booked(row: BotSession) -> bool:
    return row.cursor_block is not None


class Seen:
    """What the terminal was told."""

    def __init__(self) -> None:
        self.blocks: list[BlockReport] = []
        self.notes: list[str] = []
        self.ends: list[Outcome] = []
        self.goes_on = False

    def shown(self, session: BotSession) -> Shown:
        watchers = Watchers(block=self.blocks.append, note=self.notes.append)
        return Shown(session_id=session.pk, scope=LIVE, receipts=ReceiptCheck(None), watchers=watchers)

    async def stays(self, outcome: Outcome) -> bool:
        self.ends.append(outcome)
        return self.goes_on


@asynccontextmanager
async def followed(
    session: BotSession, seen: Seen
) -> AsyncIterator[tuple[SteppedHost, Ending, "asyncio.Task[Outcome]"]]:
    async with stepped_host(shown=seen.shown(session)) as stepped:
        source: Any = stepped.source
        venue = Venue(
            source=source,
            scope=LIVE,
            reader=NodeReader(source),
            opened_at=block(FIRST),
            total_blocks=None,
            name="small",
        )
        ending = Ending(stepped.host, session, venue=venue, note=seen.notes.append, stays=seen.stays)
        [running, _] = stepped.tasks

        async def run() -> None:
            await asyncio.shield(running)

        following = asyncio.create_task(ending.follow(run()))
        await stepped.until_row(session.pk, booked)
        yield stepped, ending, following
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)


async def test_a_session_that_failed_is_taken_up_again_and_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    failing = [True]

    class Broken(AIEngine):
        def decide(self, *given: Any, **named: Any) -> Any:
            if failing:
                raise ZeroDivisionError("it divided by nothing")
            return super().decide(*given, **named)

    monkeypatch.setattr("paper_trading.bot.upkeep.AIEngine", Broken)
    session, seen = await sync_to_async(own)("shown"), Seen()
    async with stepped_host(shown=seen.shown(session)) as stepped:
        await stepped.until_row(session.pk, lambda row: row.failures == 1)
        failing.clear()
        await sync_to_async(BotSession.objects.filter(pk=session.pk).update)(retry_at=timezone.now())
        before = len(seen.blocks)
        await stepped.until_row(session.pk, lambda _: len(seen.blocks) > before)


async def test_a_session_beside_is_run_and_not_shown() -> None:
    session, beside, seen = *(await sync_to_async(lambda: (own("shown"), new_session("beside")))()), Seen()
    async with stepped_host(shown=seen.shown(session)) as stepped:
        await stepped.until_row(beside.pk, booked)
        await stepped.until(lambda: len(stepped.host.runners) == 2)
        assert stepped.host.runners[beside.pk].watchers is None


async def test_the_run_ends_with_its_session_where_nobody_stays() -> None:
    session, seen = await sync_to_async(own)("shown"), Seen()
    async with followed(session, seen) as (_, ending, following):
        ending.stop("enough")
        outcome = await asyncio.wait_for(following, 30)
    assert (outcome.session.status, outcome.session.end_reason) == (SessionStatus.ENDED, "enough")
    assert seen.ends == []  # whoever told it to end waits for nothing more


async def test_after_an_end_from_outside_the_others_go_on_up_to_the_next_signal() -> None:
    def two() -> tuple[BotSession, BotSession]:
        return own("shown"), new_session("beside")

    (session, beside), seen = await sync_to_async(two)(), Seen()
    seen.goes_on = True
    async with followed(session, seen) as (stepped, ending, following):
        await stepped.until_row(beside.pk, booked)
        await sync_to_async(control.request_stop)(session=session, reason="by the API")
        await stepped.until_row(session.pk, lambda row: not row.is_live)
        await stepped.until(lambda: len(seen.ends) == 1)
        before = (await sync_to_async(BotSession.objects.get)(pk=beside.pk)).cursor_block
        await stepped.until_row(beside.pk, lambda row: row.cursor_block != before)
        assert not following.done()
        ending.stop("enough")
        outcome = await asyncio.wait_for(following, 30)
    assert (outcome.session.end_reason, outcome.others) == ("by the API", 1)


async def test_a_run_that_is_told_to_end_while_its_session_rests_says_that_it_is_open() -> None:
    session, seen = await sync_to_async(own)("shown"), Seen()
    async with followed(session, seen) as (stepped, ending, following):
        runner = stepped.host.runners[session.pk]
        await stepped.host.endings.put_aside(runner, ZeroDivisionError("it divided by nothing"))
        await stepped.until(lambda: len(seen.notes) == 1)
        assert seen.notes == [
            f"session {session.pk} failed and is tried again: ZeroDivisionError: it divided by nothing"
        ]
        ending.stop("enough")
        with pytest.raises(StillOpen, match="stays open"):
            await asyncio.wait_for(following, 30)


async def test_a_session_that_another_process_took_over_ends_the_run() -> None:
    session, seen = await sync_to_async(own)("shown"), Seen()
    async with followed(session, seen) as (stepped, _, following):
        await sync_to_async(BotSession.objects.filter(pk=session.pk).update)(
            owner="elsewhere/1", foreground="elsewhere/1", lease_token=99
        )
        stepped.upkeep.nudge()
        with pytest.raises(LeaseLost, match="was taken over"):
            await asyncio.wait_for(following, 30)
