from io import StringIO

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from paper_trading.models import BotSession, Decision, Position, TradeSide
from tests.paper_trading.world import WETH, World, block_at, new_session, new_world


@pytest.fixture
def world(books_db: str) -> World:
    return new_world()


def test_an_account_has_one_live_session(world: World) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        new_session(world.account)


@pytest.mark.parametrize("status", ["ended", "halted"])
def test_an_account_may_have_another_session_after_the_last(world: World, status: str) -> None:
    BotSession.objects.update(status=status)
    assert new_session(world.account).is_live


def test_a_decision_makes_one_trade(world: World) -> None:
    world.trade(TradeSide.BUY, WETH, 1_000)
    with pytest.raises(IntegrityError), transaction.atomic():
        world.trade(TradeSide.BUY, WETH, 1_000)


def test_a_token_has_one_open_position(world: World) -> None:
    world.buy(WETH, 1_000, 10)
    first = Position.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        Position.objects.create(
            session=world.session,
            account=world.account,
            generation=1,
            token=WETH,
            opened_block=1,
            opened_at=first.opened_at,
        )


def decide(world: World, *, fork: int) -> Decision:
    return Decision.objects.create(
        session=world.session,
        block_number=5,
        block_hash=block_at(5, fork=fork).hash,
        last_block=5,
        token=WETH,
        action="hold",
        code="no_edge",
        edge_bps=-3,
        confidence_pct=40,
    )


def test_a_token_has_one_decision_per_block_and_another_after_a_reorg(world: World) -> None:
    decide(world, fork=0)
    decide(world, fork=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        decide(world, fork=1)


def test_the_migrations_make_these_models(db: None) -> None:
    call_command("makemigrations", "paper_trading", check=True, dry_run=True, stdout=StringIO())
