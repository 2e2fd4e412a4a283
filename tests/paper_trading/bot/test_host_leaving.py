"""A host that is told to leave does so, whatever it waits for, and who takes its sessions over goes on at once."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from paper_trading.bot.decider import Decider
from paper_trading.bot.runner import Runner
from tests.support.small_desk import FIRST
from tests.support.stepped_host import SteppedHost, SteppedSource, new_session, stepped_host

pytestmark = pytest.mark.django_db(transaction=True)

SOON = 10.0
"""Seconds; what these tests wait for would otherwise take for ever."""


async def leaves(stepped: SteppedHost) -> bool:
    stepped.host.leave()
    done, _ = await asyncio.wait({stepped.tasks[0]}, timeout=SOON)
    return stepped.tasks[0] in done


def never(begun: asyncio.Event) -> Callable[..., Awaitable[Any]]:
    async def wait(*_: Any, **__: Any) -> Any:
        begun.set()
        await asyncio.Event().wait()

    return wait


async def test_a_node_that_never_answers_while_the_market_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    begun = asyncio.Event()
    monkeypatch.setattr(SteppedSource, "start", never(begun))
    async with stepped_host() as stepped:
        await asyncio.wait_for(begun.wait(), SOON)
        assert await leaves(stepped)


async def test_a_node_that_never_answers_in_the_middle_of_a_block(monkeypatch: pytest.MonkeyPatch) -> None:
    begun = asyncio.Event()
    monkeypatch.setattr(Runner, "on_block", never(begun))
    await sync_to_async(new_session)("stuck")
    async with stepped_host() as stepped:
        await stepped.until(lambda: stepped.host.runners != {})
        stepped.source.mine()
        await asyncio.wait_for(begun.wait(), SOON)
        assert await leaves(stepped)


async def test_a_block_that_is_being_worked_on_is_finished(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, usual = asyncio.Event(), Runner.on_block

    async def slowly(runner: Runner, *arguments: Any) -> Any:
        begun.set()
        await asyncio.sleep(0.2)
        return await usual(runner, *arguments)

    monkeypatch.setattr(Runner, "on_block", slowly)
    session = await sync_to_async(new_session)("slow")
    async with stepped_host() as stepped:
        await stepped.until(lambda: stepped.host.runners != {})
        stepped.source.mine()
        await asyncio.wait_for(begun.wait(), SOON)
        assert await leaves(stepped)
        await sync_to_async(session.refresh_from_db)()
        assert session.cursor_block == stepped.source.number


async def test_a_session_that_comes_between_two_blocks_is_stepped_on_the_one_that_is_there() -> None:
    async with stepped_host() as stepped:
        await stepped.until(lambda: stepped.head() > 0)
        await stepped.block()
        late = await sync_to_async(new_session)("late")
        stepped.upkeep.nudge()
        await stepped.until(lambda: [one.good_blocks for one in stepped.host.runners.values()] == [1])
        await sync_to_async(late.refresh_from_db)()
        assert late.cursor_block == stepped.source.number == FIRST + 1


async def test_a_session_decides_once_on_a_block_whoever_ran_it_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """The host that gave it away had decided on this block: the one that takes it over waits for the next."""
    decided: list[int] = []
    usual = Decider.decide

    def decide(*arguments: Any, **named: Any) -> Any:
        decided.append(1)
        return usual(*arguments, **named)

    monkeypatch.setattr(Decider, "decide", decide)
    session = await sync_to_async(new_session)("moved")
    async with stepped_host() as stepped:
        await stepped.until(lambda: stepped.head() > 0 and session.pk in stepped.host.runners)
        await stepped.block()
        first = stepped.host.runners[session.pk]
        await stepped.until(lambda: first.good_blocks == 1)
        stepped.host.endings.drop(session.pk)  # its lease is given back by the next look, and then claimed anew
        stepped.upkeep.nudge()
        await stepped.until(lambda: stepped.host.runners.get(session.pk, first) is not first)
        await stepped.until(lambda: stepped.host.runners[session.pk].good_blocks == 1)
    assert decided == [1]
