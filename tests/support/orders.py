"""Orders as a tick places them, one at a time."""

from dex.routing.plan import SwapPlan
from paper_trading.models import BotSession, Decision, PaperTrade, TradeSide
from paper_trading.services.decisions import NewOrder
from paper_trading.services.orders import Placing, place_orders


def place_order(
    *, session: BotSession, plan: SwapPlan, side: TradeSide, decision: Decision, exit_reason: str
) -> PaperTrade:
    order = NewOrder(plan=plan, side=side, exit_reason=exit_reason)
    return place_orders([Placing(session=session, decision=decision, order=order)])[0]
