"""What comes in the moment in which the node or the database goes away is not lost."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import OperationalError

from chain.errors import NodeUnavailable
from dex.errors import HaltSession
from dex.market.events import BlockUpdate
from paper_trading.bot.market import TIP_BLOCKS
from paper_trading.bot.stepping import Stepping, Steps
from paper_trading.models import SessionStatus
from paper_trading.services import sessions
from tests.support.small_desk import FIRST
from tests.support.stepped_host import SteppedSource, new_session, stepped_host
from trading.models import Market

pytestmark = pytest.mark.django_db(transaction=True)

Step = Callable[[Stepping, BlockUpdate, Steps], Awaitable[None]]
GONE = "server closed the connection unexpectedly"


def interrupted_by(came: Callable[[SteppedSource], None], source: Callable[[], SteppedSource], usual: Step) -> Step:
    """Steps as ever, but the database goes away as sessions are stepped between two blocks, just as ``came`` comes."""
    failed: list[int] = []

    async def step(stepping: Stepping, update: BlockUpdate, steps: Steps) -> None:
        if stepping._runners and not failed:
            failed.append(update.block.number)
            came(source())
            await asyncio.sleep(0.05)
            raise OperationalError(GONE)
        await usual(stepping, update, steps)

    return step


async def test_a_block_that_came_while_the_database_went_away_is_stepped(monkeypatch: pytest.MonkeyPatch) -> None:
    async with stepped_host() as stepped:
        await stepped.until(lambda: stepped.head() > 0)
        await stepped.block()
        step = interrupted_by(SteppedSource.mine, lambda: stepped.source, Stepping.step)
        monkeypatch.setattr(Stepping, "step", step)
        session = await sync_to_async(new_session)("late")
        stepped.upkeep.nudge()
        await stepped.until(lambda: stepped.head() == FIRST + 2)
        await stepped.until(lambda: stepped.host.runners[session.pk].good_blocks > 0)
        await sync_to_async(session.refresh_from_db)()
        assert session.cursor_block == FIRST + 2


async def test_a_word_to_halt_that_came_while_the_database_went_away_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    async with stepped_host() as stepped:
        await stepped.until(lambda: stepped.head() > 0)
        await stepped.block()
        step = interrupted_by(_halt, lambda: stepped.source, Stepping.step)
        monkeypatch.setattr(Stepping, "step", step)
        session = await sync_to_async(new_session)("late")
        halted = await stepped.until_row(session.pk, lambda row: row.status == SessionStatus.HALTED)
    assert halted.end_reason == "the node serves another chain"


def _halt(source: SteppedSource) -> None:
    source.fail(HaltSession("the node serves another chain"))


async def test_a_block_in_which_a_session_could_not_be_ended_is_stepped_by_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The database goes away as the host ends what has to end before it steps the block."""
    usual, refused = sessions.end, list[int]()

    def end(**named: Any) -> None:
        if not refused:
            refused.append(1)
            raise OperationalError(GONE)
        usual(**named)

    monkeypatch.setattr(sessions, "end", end)
    ending, other = await sync_to_async(lambda: (new_session("ending"), new_session("other")))()
    async with stepped_host() as stepped:
        await stepped.until(lambda: len(stepped.host.runners) == 2 and stepped.head() > 0)
        await stepped.block()
        await stepped.until(lambda: all(one.good_blocks == 1 for one in stepped.host.runners.values()))
        stepped.host.runners[ending.pk].stop("enough")  # nobody is woken: the next block finds it stopping
        stepped.source.mine()
        await stepped.until(lambda: other.pk in stepped.host.runners and ending.pk not in stepped.host.runners)
        await stepped.until(lambda: stepped.host.runners[other.pk].good_blocks == 2)
        await sync_to_async(other.refresh_from_db)()
    assert (refused, other.cursor_block) == ([1], FIRST + 2)


async def test_a_block_after_which_the_node_names_no_tip_is_stepped(monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*_: object) -> int:
        raise NodeUnavailable("no node answers")

    session = await sync_to_async(new_session)("steady")
    async with stepped_host() as stepped:
        await stepped.until(lambda: session.pk in stepped.host.runners and stepped.head() > 0)
        monkeypatch.setattr(SteppedSource, "suggested_tip", away)
        for _ in range(TIP_BLOCKS + 1):
            await stepped.block()
        await stepped.until(lambda: stepped.host.runners[session.pk].good_blocks == TIP_BLOCKS + 1)
        assert any("the tip stays at" in note for note in stepped.notes)


async def test_after_an_error_of_the_node_its_next_block_is_stepped() -> None:
    session = await sync_to_async(new_session)("steady")
    async with stepped_host() as stepped:
        await stepped.until(lambda: session.pk in stepped.host.runners and stepped.head() > 0)
        stepped.source.fail(NodeUnavailable("no node answers"))
        await stepped.until(lambda: any("no node answers" in note for note in stepped.notes))
        stepped.source.mine()
        await stepped.until(lambda: stepped.host.runners[session.pk].good_blocks == 1)
        await sync_to_async(session.refresh_from_db)()
    assert session.cursor_block == FIRST + 1


async def _until_market_says(problem: str) -> None:
    async with asyncio.timeout(20):
        while await sync_to_async(lambda: list(Market.objects.values_list("problem", flat=True)))() != [problem]:  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def test_why_nothing_is_traded_stands_with_the_market_until_the_next_block() -> None:
    async with stepped_host() as stepped:
        await stepped.until(lambda: stepped.head() > 0)
        await stepped.block()
        await _until_market_says("")
        stepped.source.fail(NodeUnavailable("no node answers"))
        await _until_market_says("no node answers")
        await stepped.until(lambda: stepped.head() > 0)
        await stepped.block()
        await _until_market_says("")
