from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.fixtures import DjangoAssertNumQueries

from paper_trading.models import BotSession, EquityPoint, SessionStatus
from paper_trading.selectors.equity import (
    MOST_POINTS,
    UNSETTLED,
    Point,
    account_curve,
    falls,
    forget_curves,
    session_curve,
)
from paper_trading.selectors.stretches import MOST_STRETCHES, NOTHING, Place
from paper_trading.services.accounts import reset_account
from tests.paper_trading.world import World, block_at, new_session, new_world
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
    assert MOST_STRETCHES < len(session_curve(user_of(world), world.session.pk)) <= MOST_POINTS


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


def test_an_account_goes_on_with_what_its_earlier_sessions_paid_for_gas(world: World) -> None:
    points(world.session, {1: 1_000, 2: 880})
    BotSession.objects.filter(pk=world.session.pk).update(status=SessionStatus.ENDED, gas_quote=120)
    second = new_session(world.account)
    points(second, {3: 1_000, 4: 990})
    BotSession.objects.filter(pk=second.pk).update(status=SessionStatus.ENDED, gas_quote=10)
    points(new_session(world.account), {5: 1_000})
    assert [point.equity for point in account_curve(user_of(world), world.account.pk)] == [1_000, 880, 880, 870, 870]
    assert [point.equity for point in session_curve(user_of(world), second.pk)] == [1_000, 990]


def test_gas_that_was_taken_back_is_back_on_the_curve(world: World) -> None:
    points(world.session, {1: 1_000})
    BotSession.objects.filter(pk=world.session.pk).update(status=SessionStatus.ENDED, gas_quote=120)
    points(new_session(world.account), {3: 1_000})
    assert account_curve(user_of(world), world.account.pk)[-1].equity == 880
    BotSession.objects.filter(pk=world.session.pk).update(gas_quote=100)
    assert account_curve(user_of(world), world.account.pk)[-1].equity == 900


def test_an_account_begins_anew_with_a_reset(world: World) -> None:
    points(world.session, {1: 10, 2: 20})
    assert len(account_curve(user_of(world), world.account.pk)) == 2
    BotSession.objects.filter(pk=world.session.pk).update(status=SessionStatus.ENDED)
    reset_account(account=world.account, deposits={world.account.quote_token: 500}, block=block_at(3))
    assert account_curve(user_of(world), world.account.pk) == []
    points(new_session(world.account), {4: 500})
    assert account_curve(user_of(world), world.account.pk) == [Point(at(4), 500)]
    assert len(session_curve(user_of(world), world.session.pk)) == 2


@given(st.lists(st.integers(0, 2_000), min_size=2, max_size=1_500), st.integers(1, 40))
def test_however_long_the_deepest_fall_is_kept(worths: list[int], parts: int) -> None:
    places = [Place(block, block, at(block), worth) for block, worth in enumerate(worths)]
    curve, size = NOTHING, -(-len(places) // parts)
    for start in range(0, len(places), size):
        curve = curve.with_places(places[start : start + size])
    whole, thinned = (falls([Point(place.at, place.equity) for place in every]) for every in (places, curve.places()))
    assert max(fall.bps for fall in thinned) == max(fall.bps for fall in whole)


def test_what_belongs_to_somebody_else_has_no_curve(world: World) -> None:
    points(world.session, {1: 10})
    mallory = user_named("mallory").pk
    assert session_curve(mallory, world.session.pk) == []
    assert account_curve(mallory, world.account.pk) == []


def test_a_curve_that_is_read_first_is_two_queries(
    world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    points(world.session, {block: block for block in range(1_000)})
    with django_assert_num_queries(2):
        session_curve(user_of(world), world.session.pk)


def test_one_without_news_is_one_query(world: World, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    points(world.session, {block: block for block in range(1_000)})
    session_curve(user_of(world), world.session.pk)
    with django_assert_num_queries(1):
        session_curve(user_of(world), world.session.pk)


def test_a_new_point_is_two_queries(world: World, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    points(world.session, {block: block for block in range(1_000)})
    session_curve(user_of(world), world.session.pk)
    points(world.session, {1_000: 7})
    with django_assert_num_queries(2):
        assert session_curve(user_of(world), world.session.pk)[-1] == Point(at(1_000), 7)


def grown(world: World, steps: int) -> BotSession:
    """A curve that is looked at while it grows by chance, with a reorg before each look."""
    chance, last = Random(3), 0
    for _ in range(steps):
        EquityPoint.objects.filter(session=world.session, block_number__gt=last - chance.randrange(20)).delete()
        newest = EquityPoint.objects.order_by("block_number").last()
        start = 1 if newest is None else newest.block_number + 1
        last = start + chance.randrange(1, 400)
        points(world.session, {block: chance.randrange(1, 10**12) for block in range(start, last)})
        session_curve(user_of(world), world.session.pk)
        account_curve(user_of(world), world.account.pk)
    return world.session


def test_a_curve_that_grew_is_the_one_that_is_read_at_once(world: World) -> None:
    session = grown(world, 12)
    kept = session_curve(user_of(world), session.pk)
    forget_curves()
    assert kept == session_curve(user_of(world), session.pk)
    assert len(kept) > MOST_STRETCHES


def test_a_session_that_starts_anew_at_lower_blocks_is_added(world: World) -> None:
    grown(world, 4)
    BotSession.objects.filter(pk=world.session.pk).update(status=SessionStatus.ENDED)
    second = new_session(world.account)
    for worths in ({}, {5: 10_000}, {6: -9, 700: 3}):
        points(second, worths)
        kept = account_curve(user_of(world), world.account.pk)
        forget_curves()
        assert kept == account_curve(user_of(world), world.account.pk)


def test_what_a_reorg_took_away_is_gone(world: World) -> None:
    points(world.session, {block: block for block in range(3 * UNSETTLED)} | {3 * UNSETTLED - 9: 10**9})
    assert max(point.equity for point in session_curve(user_of(world), world.session.pk)) == 10**9
    EquityPoint.objects.filter(block_number__gte=3 * UNSETTLED - 9).delete()
    points(world.session, {3 * UNSETTLED: 1})
    assert max(point.equity for point in session_curve(user_of(world), world.session.pk)) < 10**9


def test_falls_are_told_from_the_highest_point_before() -> None:
    curve = [Point(START, equity) for equity in (-5, 200, 150, 300, 0)]
    assert [fall.bps for fall in falls(curve)] == [0, 0, 2_500, 0, 10_000]
    assert [fall.amount for fall in falls(curve)] == [5, 0, 50, 0, 300]
