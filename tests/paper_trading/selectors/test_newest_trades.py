import pytest
from django.contrib.auth.models import User

from paper_trading.models import PaperAccount, PaperTrade, TradeSide
from paper_trading.selectors.newest_trades import newest_trades
from tests.paper_trading.world import WETH, World, new_account, new_session

pytestmark = pytest.mark.django_db


def world_of(account: PaperAccount) -> World:
    return World(account=account, session=new_session(account))


def order(world: World, count: int = 1) -> None:
    for _ in range(count):
        world.block += 1
        world.trade(TradeSide.BUY, WETH, 1)


def found(user: User, count: int) -> list[int]:
    return [row.id for row in newest_trades(user.pk, count)]


@pytest.mark.parametrize("count", [1, 3, 5, 50])
def test_they_are_those_that_a_look_at_all_trades_finds(books_db: str, count: int) -> None:
    one, two, three = (world_of(new_account(name=name)) for name in ("one", "two", "three"))
    for world, times in ((one, 6), (two, 1), (three, 2), (one, 1), (two, 3)):
        order(world, times)
    expected = list(PaperTrade.objects.order_by("-pk").values_list("pk", flat=True)[:count])
    assert found(one.account.user, count) == expected


def test_nobody_elses_are_among_them() -> None:
    order(world_of(new_account()))
    assert found(User.objects.create(username="mallory"), 5) == []
