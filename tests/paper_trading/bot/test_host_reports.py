"""Only a host that can take sessions says so: others leave it a share, and starts count on it."""

import asyncio

import pytest
from asgiref.sync import sync_to_async

from chain.errors import NodeUnavailable
from paper_trading.models import BotHost
from tests.support.stepped_host import SteppedHost, SteppedSource, new_session, stepped_host

pytestmark = pytest.mark.django_db(transaction=True)


async def reported() -> list[str]:
    return await sync_to_async(lambda: list(BotHost.objects.values_list("chain", flat=True)))()


async def has_renewed(stepped: SteppedHost) -> None:
    """Leases are renewed, and the host reported, at the beginning of each look."""
    for _ in range(3):
        stepped.upkeep.nudge()
        await asyncio.sleep(0.1)


async def test_one_that_follows_its_chain_is_reported_with_it() -> None:
    async with stepped_host() as stepped:
        await stepped.until(lambda: stepped.head() > 0)
        stepped.upkeep._next_renewal = 0.0
        await has_renewed(stepped)
        assert await reported() == [stepped.host.market.scope.network.name]


async def test_one_that_takes_no_sessions_is_not() -> None:
    async with stepped_host(most=0) as stepped:
        await stepped.until(lambda: stepped.head() > 0)
        stepped.upkeep._next_renewal = 0.0
        await has_renewed(stepped)
        assert await reported() == []


async def test_one_that_has_no_market_yet_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*_: object) -> None:
        raise NodeUnavailable("no node answers")

    monkeypatch.setattr(SteppedSource, "start", away)
    session = await sync_to_async(new_session)("waiting")
    async with stepped_host() as stepped:
        await stepped.until(lambda: stepped.notes != [])
        stepped.upkeep._next_renewal = 0.0
        await has_renewed(stepped)
        assert await reported() == []
        await sync_to_async(session.refresh_from_db)()
        assert session.owner == ""
