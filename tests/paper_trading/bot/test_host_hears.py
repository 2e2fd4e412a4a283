"""Orders by hand reach a session by looks into the database, which its ticks may overtake."""

from typing import Any

import pytest
from asgiref.sync import sync_to_async

from paper_trading.bot.upkeep import Upkeep
from paper_trading.models import BotSession, CommandKind, CommandStatus, PaperTrade, SessionCommand
from tests.support.small_desk import DOLLAR, WETH
from tests.support.stepped_host import SteppedHost, new_session, stepped_host

pytestmark = pytest.mark.django_db(transaction=True)


def buy(session: BotSession) -> SessionCommand:
    """As a look into the database finds it."""
    return SessionCommand.objects.create(
        session=session, user=session.user, kind=CommandKind.BUY, token=WETH.address, amount=100 * DOLLAR
    )


async def carry_out(stepped: SteppedHost, command: SessionCommand) -> None:
    """Blocks until it is ordered and nothing waits any more."""
    done = SessionCommand.objects.filter(pk=command.pk, status=CommandStatus.DONE)
    await stepped.until(lambda: command.session_id in stepped.host.runners)
    runner = stepped.host.runners[command.session_id]
    for _ in range(20):
        await stepped.block()
        if runner.trader is not None and not runner.book.pending and await done.aexists():
            return
    raise AssertionError("it is not carried out")


async def test_what_a_tick_carried_out_since_the_look_is_not_done_again(monkeypatch: pytest.MonkeyPatch) -> None:
    session = await sync_to_async(new_session)("obedient")
    seen = await sync_to_async(buy)(session)
    usual, late = Upkeep._hear, list[int]()

    def hear_late(upkeep: Upkeep, session_id: int, wish: Any, _: Any) -> None:
        usual(upkeep, session_id, wish, (seen,))
        late.append(session_id)

    monkeypatch.setattr(Upkeep, "_hear", hear_late)
    async with stepped_host() as stepped:
        await carry_out(stepped, seen)
        late.clear()
        stepped.upkeep.nudge()
        await stepped.until(lambda: late != [])
        runner = stepped.host.runners[session.pk]
        before = runner.good_blocks
        stepped.source.mine()
        await stepped.until(lambda: runner.good_blocks > before or session.pk not in stepped.host.runners)
    await session.arefresh_from_db()
    assert (session.failures, await PaperTrade.objects.acount()) == (0, 1)
