from datetime import UTC, datetime, timedelta

import pytest
from pytest_django.fixtures import DjangoAssertNumQueries

from paper_trading.models import BotSession, EquityPoint, SessionStatus
from paper_trading.selectors.equity import (
    MOST_POINTS,
    Point,
    account_curve,
    account_mark,
    falls,
    session_curve,
    session_mark,
)
from tests.paper_trading.world import World, new_session, new_world
from tests.support.api_client import user_named

pytestmark = pytest.mark.django_db
START = datetime(2026, 5, 1, tzinfo=UTC)


@pytest.fixture
def world() -> World:
    return new_world()


def at(block: int) -> datetime:
    return START + timedelta(seconds=12 * block)


def points(session: BotSession, worths: dict[int, int]) -> None:
    EquityPoint.objects.bulk_create(
        EquityPoint(session=session, block_number=block, block_time=at(block), equity=equity)
        for block, equity in worths.items()
    )


def user_of(world: World) -> int:
    return world.account.user_id


def test_a_short_curve_is_whole_and_oldest_first(world: World) -> None:
    points(world.session, {3: 30, 1: 10, 2: -20})
    assert session_curve(user_of(world), world.session.pk) == [Point(at(1), 10), Point(at(2), -20), Point(at(3), 30)]


def test_a_long_curve_is_thinned(world: World) -> None:
    points(world.session, {block: block % 97 for block in range(5_000)})
    assert MOST_POINTS // 2 < len(session_curve(user_of(world), world.session.pk)) <= MOST_POINTS


def test_its_ends_its_peak_and_its_deepest_point_are_kept(world: World) -> None:
    points(world.session, dict.fromkeys(range(5000), 100) | {1_234: 900, 3_210: -7})
    curve = session_curve(user_of(world), world.session.pk)
    for kept in (Point(at(0), 100), Point(at(1_234), 900), Point(at(3_210), -7), Point(at(4_999), 100)):
        assert kept in curve


def test_it_may_start_later(world: World) -> None:
    points(world.session, {1: 10, 2: 20})
    assert session_curve(user_of(world), world.session.pk, at(2)) == [Point(at(2), 20)]


def test_an_account_has_the_points_of_all_its_sessions(world: World) -> None:
    points(world.session, {1: 10, 2: 20})
    BotSession.objects.filter(pk=world.session.pk).update(status=SessionStatus.ENDED)
    points(new_session(world.account), {2: 21, 3: 30})
    curve = account_curve(user_of(world), world.account.pk)
    assert curve == [Point(at(1), 10), Point(at(2), 21), Point(at(3), 30)]


def test_what_belongs_to_somebody_else_has_no_curve(world: World) -> None:
    points(world.session, {1: 10})
    mallory = user_named("mallory").pk
    assert session_curve(mallory, world.session.pk) == []
    assert account_curve(mallory, world.account.pk) == []
    assert session_mark(mallory, world.session.pk) is None
    assert account_mark(mallory, world.account.pk) is None


def test_the_mark_changes_with_a_new_point(world: World) -> None:
    before = account_mark(user_of(world), world.account.pk)
    points(world.session, {1: 10})
    newest = EquityPoint.objects.get()
    assert before == (world.session.pk, None)
    assert account_mark(user_of(world), world.account.pk) == (world.session.pk, newest.pk)
    assert session_mark(user_of(world), world.session.pk) == (world.session.pk, newest.pk)


def test_a_curve_is_four_queries(world: World, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    points(world.session, {block: block for block in range(1_000)})
    with django_assert_num_queries(4):
        session_curve(user_of(world), world.session.pk)


def test_falls_are_told_from_the_highest_point_before() -> None:
    curve = [Point(START, equity) for equity in (-5, 200, 150, 300, 0)]
    assert [fall.bps for fall in falls(curve)] == [0, 0, 2_500, 0, 10_000]
    assert [fall.amount for fall in falls(curve)] == [5, 0, 50, 0, 300]
