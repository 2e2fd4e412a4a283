import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from paper_trading.models import Decision, PaperTrade, TradeSide
from paper_trading.selectors import owned
from paper_trading.services.statistics import refresh_statistics
from tests.paper_trading.world import WETH, World, block_at, new_world

TRADES = 60


def decided_trades(world: World) -> list[int]:
    """The decisions of trades of one account."""
    decisions = Decision.objects.bulk_create(
        Decision(
            session=world.session,
            block_number=number,
            block_hash=block_at(number).hash,
            last_block=number,
            token=WETH,
            action="buy",
            code="edge",
            edge_bps=1,
            confidence_pct=50,
        )
        for number in range(1, TRADES)
    )
    for decision in decisions:
        world.block = decision.block_number
        trade = world.trade(TradeSide.BUY, WETH, 1_000)
        PaperTrade.objects.filter(pk=trade.pk).update(decision=decision)
    return [decision.pk for decision in decisions]


@pytest.mark.django_db
def test_what_belongs_to_a_few_decisions_is_found_by_them() -> None:
    world = new_world()
    wanted = decided_trades(world)[:3]
    refresh_statistics()
    assert "(decision_id=?)" in owned.trades(world.account.user_id).filter(decision__in=wanted).explain()


def test_postgres_is_told_nothing(books_db: str) -> None:
    with CaptureQueriesContext(connection) as asked:
        refresh_statistics()
    assert len(asked) == (2 if books_db == "sqlite" else 0)
