"""What is wrong with one session is that session's alone: it rests and halts, and the others never notice."""

from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import IntegrityError, OperationalError
from django.utils import timezone

from paper_trading.bot import admission
from paper_trading.bot.ai_engine import AIEngine
from paper_trading.bot.endings import MOST_FAILURES
from paper_trading.bot.runner import Runner
from paper_trading.intelligence.intel_slider import IntelSettings
from paper_trading.models import BotSession, SessionStatus
from paper_trading.services import sessions
from tests.support.small_desk import LONE
from tests.support.stepped_host import new_session, stepped_host

pytestmark = pytest.mark.django_db(transaction=True)


def booked(row: BotSession) -> bool:
    return row.cursor_block is not None


def has_failed(row: BotSession) -> bool:
    return row.failures > 0


class Broken(AIEngine):
    """Fails for the sessions of level 1."""

    def __init__(self, settings: Any) -> None:
        super().__init__(settings)
        if settings.level == 1:
            self.decide = self._fail  # type: ignore[method-assign]

    def _fail(self, *_: Any, **__: Any) -> Any:
        raise ZeroDivisionError("it divided by nothing")


async def wait_no_longer(pk: int) -> None:
    """Its rest is over."""
    await sync_to_async(BotSession.objects.filter(pk=pk, retry_at__isnull=False).update)(retry_at=timezone.now())


async def test_a_session_that_raises_rests_and_its_neighbour_books_the_same_block(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("paper_trading.bot.upkeep.AIEngine", Broken)
    bad, good = await sync_to_async(lambda: (new_session("bad", intel_level=1), new_session("good")))()
    async with stepped_host() as stepped:
        row = await stepped.until_row(bad.pk, has_failed)
        assert (row.owner, row.failures) == ("", 1)
        assert row.last_error == "ZeroDivisionError: it divided by nothing"
        assert row.retry_at is not None
        assert row.retry_at > timezone.now()
        before = (await sync_to_async(BotSession.objects.get)(pk=good.pk)).cursor_block
        after = await stepped.until_row(good.pk, lambda row: booked(row) and row.cursor_block != before)
        assert after.failures == 0


async def test_a_session_halts_at_its_fifth_failure_in_a_row_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("paper_trading.bot.upkeep.AIEngine", Broken)
    bad = await sync_to_async(new_session)("bad", intel_level=1)
    async with stepped_host() as stepped:
        for failures in range(1, MOST_FAILURES):
            row = await stepped.until_row(bad.pk, lambda row, failures=failures: row.failures == failures)
            assert row.status == SessionStatus.RUNNING
            await wait_no_longer(bad.pk)
        row = await stepped.until_row(bad.pk, lambda row: row.status == SessionStatus.HALTED)
    assert row.end_reason == "failed 5 times: ZeroDivisionError: it divided by nothing"


@pytest.mark.parametrize(
    "columns",
    [{"overrides": {"nonsense": 1}}, {"intel_level": 11}, {"overrides": [1]}, {"tokens": 5}],
    ids=["unknown override", "no such level", "overrides are a list", "tokens are a number"],
)
async def test_a_row_that_cannot_run_halts_and_the_host_goes_on(columns: dict[str, Any]) -> None:
    bad, good = await sync_to_async(lambda: (new_session("bad", **columns), new_session("good")))()
    async with stepped_host() as stepped:
        await stepped.until_row(good.pk, booked)
        row = await stepped.until_row(bad.pk, lambda row: row.status == SessionStatus.HALTED or has_failed(row))
        assert row.end_reason or row.last_error
        before = (await sync_to_async(BotSession.objects.get)(pk=good.pk)).cursor_block
        await stepped.until_row(good.pk, lambda row: row.cursor_block != before)
        assert not any(task.done() for task in stepped.tasks)


async def test_a_token_list_that_names_nothing_here_trades_nothing_and_says_so() -> None:
    """No decision is ever made in it, so that it must not look like a session that is in order."""
    lost = await sync_to_async(new_session)("lost", tokens=["0x" + "99" * 20])
    async with stepped_host() as stepped:
        row = await stepped.until_row(lost.pk, lambda row: booked(row) or not row.is_live)
        assert row.status == SessionStatus.HALTED
        assert row.end_reason


async def test_a_claim_that_the_database_interrupted_is_taken_up_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both are claimed when the database goes away for a moment: they must not stay claimed by nobody."""
    one, other = await sync_to_async(lambda: (new_session("one", intel_level=7), new_session("other")))()
    usual, failed = admission.level, list[int]()

    def level(number: int) -> IntelSettings:
        if number == other.intel_level and not failed:
            failed.append(number)
            raise OperationalError("server closed the connection unexpectedly")
        return usual(number)

    monkeypatch.setattr(admission, "level", level)
    async with stepped_host() as stepped:
        await stepped.until_row(other.pk, booked)
        await stepped.until_row(one.pk, booked)
    assert failed


async def test_a_session_whose_failure_could_not_be_written_is_taken_up_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("paper_trading.bot.upkeep.AIEngine", Broken)
    bad = await sync_to_async(new_session)("bad", intel_level=1)
    usual, refused = sessions.push_back, list[int]()

    def push_back(**named: Any) -> bool:
        if not refused:
            refused.append(1)
            raise OperationalError("server closed the connection unexpectedly")
        return usual(**named)

    monkeypatch.setattr(sessions, "push_back", push_back)
    async with stepped_host() as stepped:
        await stepped.until_row(bad.pk, has_failed)
    assert refused


async def test_one_that_cannot_be_ended_does_not_end_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    bad, good = await sync_to_async(lambda: (new_session("bad"), new_session("good")))()
    usual = Runner.flush

    async def flush(runner: Runner, head: Any) -> None:
        if runner.session.pk == bad.pk:
            raise IntegrityError("a thought was counted below zero")
        await usual(runner, head)

    monkeypatch.setattr(Runner, "flush", flush)
    async with stepped_host() as stepped:
        await stepped.until_row(bad.pk, booked)
        await sync_to_async(BotSession.objects.filter(pk=bad.pk).update)(desired_status=SessionStatus.ENDED)
        await stepped.until_row(bad.pk, lambda row: has_failed(row) or not row.is_live)
        before = (await sync_to_async(BotSession.objects.get)(pk=good.pk)).cursor_block
        await stepped.until_row(good.pk, lambda row: row.cursor_block != before)
        assert not any(task.done() for task in stepped.tasks)


async def test_a_session_that_is_claimed_to_be_stopped_decides_nothing_more() -> None:
    """Its owner stopped it while no host had it: the host that ends it must not trade first."""
    stopped = await sync_to_async(new_session)("stopped", desired_status=SessionStatus.ENDED, stop_reason="enough")
    async with stepped_host() as stepped:
        row = await stepped.until_row(stopped.pk, lambda row: not row.is_live)
        assert (row.status, row.end_reason) == (SessionStatus.ENDED, "enough")
        assert await sync_to_async(row.decisions.count)() == 0


async def test_a_token_that_cannot_be_priced_is_no_reason_to_fail() -> None:
    lone = await sync_to_async(new_session)("lone", tokens=[str(LONE.address)])
    async with stepped_host() as stepped:
        row = await stepped.until_row(lone.pk, booked)
        assert row.failures == 0
