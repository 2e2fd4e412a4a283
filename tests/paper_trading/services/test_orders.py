import pytest
from django.db import IntegrityError, transaction

from dex.types import Address
from paper_trading.models import Decision, PaperTrade, TradeSide, TradeStatus
from paper_trading.services.booking import lock_session, unbook_trade
from paper_trading.services.orders import GivenUp, give_up, order_of
from tests.paper_trading.world import USDC, WBTC, WETH, World, block_at, new_world, plan_for
from tests.support.orders import place_order
from trading.plan_json import load


@pytest.fixture
def world(books_db: str) -> World:
    return new_world()


def decision(world: World, token: Address = WETH) -> Decision:
    return Decision.objects.create(
        session=world.session,
        block_number=5,
        block_hash=block_at(5).hash,
        last_block=5,
        token=token,
        action="buy",
        code="edge",
        edge_bps=3,
        confidence_pct=40,
    )


def place(world: World, token: Address = WETH, *, reason: str = "") -> PaperTrade:
    made = Decision.objects.filter(token=token).first()
    return place_order(
        session=lock_session(world.session.pk),
        plan=plan_for(world.account, USDC, token, 3_000, block_at(5)),
        side=TradeSide.BUY,
        decision=decision(world, token) if made is None else made,
        exit_reason=reason,
    )


def test_an_order_holds_the_plan_exactly(world: World) -> None:
    trade = PaperTrade.objects.get(pk=place(world, reason="take profit").pk)
    plan = plan_for(world.account, USDC, WETH, 3_000, block_at(5))
    assert load(trade.plan) == plan
    assert (trade.deadline, trade.quoted_out, trade.minimum_out) == (plan.deadline, 1000, 990)
    assert (trade.status, trade.exit_reason) == ("pending", "take profit")


def test_orders_are_numbered_without_gaps(world: World) -> None:
    assert [place(world).sequence, place(world, WBTC).sequence] == [1, 2]


def test_a_decision_has_one_order(world: World) -> None:
    first = place(world)
    with pytest.raises(IntegrityError), transaction.atomic():
        place(world)
    assert order_of(Decision.objects.get()) == first.pk


def test_a_decision_without_an_order_has_none(world: World) -> None:
    assert order_of(decision(world)) is None


@pytest.mark.parametrize("status", [TradeStatus.EXPIRED, TradeStatus.CANCELLED])
def test_a_waiting_order_is_given_up_with_a_reason(world: World, status: TradeStatus) -> None:
    trade = place(world)
    give_up([GivenUp(trade_id=trade.pk, status=status, reason="no block took it")])
    trade.refresh_from_db()
    assert (trade.status, trade.revert_reason) == (status, "no block took it")


def test_an_unbooked_trade_can_be_given_up(world: World) -> None:
    trade = world.buy(WETH, 3_000, 100)
    unbook_trade(trade=trade, block=world.next_block())
    give_up([GivenUp(trade_id=trade.pk, status=TradeStatus.EXPIRED, reason="")])
    assert PaperTrade.objects.get().status == "expired"


def test_a_booked_trade_is_not_given_up(world: World) -> None:
    trade = world.buy(WETH, 3_000, 100)
    give_up([GivenUp(trade_id=trade.pk, status=TradeStatus.CANCELLED, reason="")])
    assert PaperTrade.objects.get().status == "filled"
