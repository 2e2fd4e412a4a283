"""An order's life up to its fill: placed, then expired or cancelled if no block takes it."""

from django.db.models import Max

from dex.routing.plan import SwapPlan
from paper_trading.models import BotSession, Decision, PaperTrade, TradeSide, TradeStatus
from paper_trading.services.announcements import order_given_up, order_placed
from trading.plan_json import dump

WAITING = (TradeStatus.PENDING, TradeStatus.UNBOOKED)
"""An order waits for its block, for the first time or because a reorg took the one away that it had."""


def place_order(
    *, session: BotSession, plan: SwapPlan, side: TradeSide, decision: Decision, exit_reason: str
) -> PaperTrade:
    """A pending trade for ``plan``; the database refuses a second one for the same decision.

    ``session`` comes from ``booking.lock_session``: trades are numbered under the account's lock.
    """
    account = session.account
    newest = PaperTrade.objects.filter(account=account).aggregate(newest=Max("sequence"))["newest"]
    trade = PaperTrade.objects.create(
        session=session,
        account=account,
        decision=decision,
        sequence=1 if newest is None else newest + 1,
        side=side,
        token_in=plan.token_in,
        token_out=plan.token_out,
        exit_reason=exit_reason,
        plan=dump(plan),
        decided_block=plan.decided_at.number,
        deadline=plan.deadline,
        amount_in=plan.amount_in,
        quoted_out=plan.quoted_out,
        minimum_out=plan.minimum_out,
    )
    order_placed(trade=trade, session=session)
    return trade


def order_of(decision: Decision) -> int | None:
    """The trade that came of a decision, whatever became of it since."""
    return PaperTrade.objects.filter(decision=decision).values_list("pk", flat=True).first()


def give_up(*, trade_id: int, status: TradeStatus, reason: str) -> None:
    """Expired or cancelled before a block took it: nothing is charged. Changes nothing once it is booked."""
    waiting = PaperTrade.objects.filter(pk=trade_id, status__in=WAITING)
    told = ("session_id", "sequence", "side", "status", "token_in", "token_out", "account__user_id")
    trade = waiting.select_related("account").only(*told).first()
    if trade is not None and waiting.update(status=status, revert_reason=reason) == 1:
        order_given_up(trade=trade, status=status, reason=reason)
