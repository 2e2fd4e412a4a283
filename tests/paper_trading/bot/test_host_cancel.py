"""An upkeep that is cancelled ends, whatever else comes in the same moment."""

import asyncio

import pytest

from tests.support.stepped_host import stepped_host

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("steps", range(5))
async def test_a_nudge_in_the_moment_of_the_end_is_no_reason_to_go_on(steps: int) -> None:
    async with stepped_host() as stepped:
        upkeep = stepped.tasks[1]
        await stepped.until(lambda: stepped.head() > 0)
        await asyncio.sleep(0.3)  # it waits for the next look by now
        stepped.upkeep.nudge()
        for _ in range(steps):
            await asyncio.sleep(0)
        upkeep.cancel()
        done, _ = await asyncio.wait({upkeep}, timeout=2.5)
        assert done
