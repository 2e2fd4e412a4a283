"""What a user's money did since a moment."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User

from paper_trading.models import BotSession, EquityPoint, Position, SessionStatus
from paper_trading.selectors.today import Change, changes_since
from tests.paper_trading.world import USDC, WETH, World, new_account, new_session

pytestmark = pytest.mark.usefixtures("books_db")
MIDNIGHT = datetime(2026, 3, 1, tzinfo=UTC)
NOON = MIDNIGHT + timedelta(hours=12)
KEY = (31337, USDC)


@pytest.fixture
def world() -> World:
    account = new_account()
    return World(account=account, session=new_session(account))


def become(session: BotSession, **values: object) -> None:
    BotSession.objects.filter(pk=session.pk).update(**{"status": SessionStatus.RUNNING, **values})


def point(session: BotSession, block: int, at: datetime, equity: int) -> None:
    EquityPoint.objects.create(session=session, block_number=block, block_time=at, equity=equity)


def changes(user: User) -> dict[tuple[int, str], Change]:
    return changes_since(user.pk, MIDNIGHT)


def test_a_session_of_yesterday_is_measured_from_its_last_point_before_midnight(world: World) -> None:
    become(world.session, created_at=MIDNIGHT - timedelta(hours=5), start_equity=1_000, equity=1_700)
    point(world.session, 1, MIDNIGHT - timedelta(hours=2), 1_200)
    point(world.session, 2, MIDNIGHT - timedelta(minutes=1), 1_500)
    point(world.session, 3, MIDNIGHT + timedelta(minutes=1), 1_600)
    assert changes(world.account.user) == {KEY: Change(worth=200, sessions=1)}


def test_one_of_today_is_measured_from_its_start(world: World) -> None:
    become(world.session, created_at=MIDNIGHT + timedelta(hours=1), start_equity=1_000, equity=900)
    assert changes(world.account.user)[KEY].worth == -100


def test_one_that_ended_today_counts_and_one_that_ended_before_does_not(world: World) -> None:
    over = {"status": SessionStatus.ENDED, "start_equity": 1_000, "equity": 1_100}
    become(world.session, created_at=NOON, ended_at=NOON, **over)
    early = new_session(new_account(name="second"))
    become(early, created_at=MIDNIGHT - timedelta(days=1), ended_at=MIDNIGHT - timedelta(hours=1), **over)
    assert changes(world.account.user)[KEY] == Change(worth=100, sessions=1)


def test_sessions_of_one_quote_token_add_up_and_others_stand_apart(world: World) -> None:
    other = new_account(name="ether", deposits={WETH: 1})
    type(other).objects.filter(pk=other.pk).update(quote_token=WETH)
    for account, equity in ((world.account, 1_010), (new_account(name="second"), 1_002), (other, 900)):
        session = world.session if account == world.account else new_session(account)
        become(session, created_at=NOON, start_equity=1_000, equity=equity)
    found = changes(world.account.user)
    assert found[KEY].worth == 12
    assert found[31337, WETH].worth == -100


def test_what_is_not_valued_yet_is_not_worth_nothing(world: World) -> None:
    become(world.session, created_at=NOON, start_equity=None, equity=None)
    assert changes(world.account.user) == {}


def test_only_round_trips_that_were_closed_since_then_are_realised(world: World) -> None:
    for paid, got in ((1_000, 1_300), (1_000, 950), (1_000, 5_000)):
        world.buy(WETH, paid, 10)
        world.sell(WETH, 10, got)
    Position.objects.update(closed_at=NOON)
    Position.objects.filter(result=4_000).update(closed_at=MIDNIGHT - timedelta(seconds=1))
    found = changes(world.account.user)[KEY]
    assert (found.realised, found.round_trips, found.wins) == (250, 2, 1)


def test_nobody_elses_count(world: World) -> None:
    become(world.session, created_at=NOON, start_equity=1_000, equity=900)
    world.buy(WETH, 10, 10)
    world.sell(WETH, 10, 30)
    Position.objects.update(closed_at=NOON)
    assert changes(User.objects.create(username="mallory")) == {}
