"""Positions of a database that is older than their ``closed_at``."""

from importlib import import_module

from django.apps import apps

from paper_trading.models import PaperTrade, Position
from tests.paper_trading.world import WBTC, WETH, new_world

MIGRATION = import_module("paper_trading.migrations.0002_background_sessions")


def test_closed_positions_get_the_time_of_their_newest_booked_trade(books_db: str) -> None:
    world = new_world()
    world.buy(WETH, 1_000, 10)
    world.sell(WETH, 4, 500)
    sale = world.sell(WETH, 6, 600)
    world.buy(WBTC, 100, 1)
    Position.objects.update(closed_at=None)
    MIGRATION.fill_closed_at(apps, None)
    times = dict(Position.objects.values_list("token", "closed_at"))
    assert times == {WETH: PaperTrade.objects.get(pk=sale.pk).block_time, WBTC: None}
