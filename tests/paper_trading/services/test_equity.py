"""The curve of a session's worth is written with its ticks, and taken back with their blocks."""

from datetime import UTC, datetime

import pytest

from paper_trading.models import EquityPoint
from paper_trading.services import ticks
from paper_trading.services.leases import LeaseLost, claim
from paper_trading.services.ticks import SessionTick, Tick, commit, commit_all
from tests.paper_trading.world import World, block_at, new_world


@pytest.fixture
def world(books_db: str) -> World:
    made = new_world()
    claim(session_id=made.session.pk, owner="the test")
    made.session.refresh_from_db()
    return made


def commit_at(world: World, number: int, equity: int | None, **more: object) -> None:
    tick = Tick(block=block_at(number), equity=equity, **more)  # type: ignore[arg-type]
    commit(session_id=world.session.pk, lease_token=world.session.lease_token, tick=tick)


def curve(world: World) -> list[tuple[int, int]]:
    points = EquityPoint.objects.filter(session=world.session).order_by("block_number")
    return list(points.values_list("block_number", "equity"))


def test_a_point_stands_at_its_block_with_its_time(world: World) -> None:
    commit_at(world, 5, -3)
    point = EquityPoint.objects.get(session=world.session)
    assert (point.block_number, point.equity) == (5, -3)
    assert point.block_time == datetime.fromtimestamp(block_at(5).timestamp, tz=UTC)


def test_a_tick_without_one_leaves_the_curve_as_it_is(world: World) -> None:
    commit_at(world, 5, 100)
    commit_at(world, 6, None)
    assert curve(world) == [(5, 100)]


def test_a_block_that_is_stepped_again_has_one_point(world: World) -> None:
    commit_at(world, 5, 100)
    commit_at(world, 5, 90)
    assert curve(world) == [(5, 90)]


def test_points_of_blocks_that_a_reorg_took_away_go_with_them(world: World) -> None:
    for number, equity in ((4, 1), (5, 2), (6, 3)):
        commit_at(world, number, equity)
    commit_at(world, 5, None, removed=(block_at(5), block_at(6)), moves_cursor=False)
    assert curve(world) == [(4, 1)]


def test_who_lost_the_session_draws_nothing(world: World) -> None:
    [lost] = commit_all(
        [SessionTick(session_id=world.session.pk, lease_token=99, tick=Tick(block=block_at(5), equity=1))]
    )
    assert isinstance(lost, LeaseLost)
    assert curve(world) == []


def test_a_tick_that_fails_leaves_no_point(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("the database is gone")

    monkeypatch.setattr(ticks, "store_thoughts", fail)
    with pytest.raises(RuntimeError):
        commit_at(world, 5, 100)
    assert curve(world) == []
