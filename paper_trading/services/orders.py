"""An order's life up to its fill: placed, then expired or cancelled if no block takes it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import OuterRef, Subquery

from paper_trading.models import BotSession, Decision, PaperAccount, PaperTrade, TradeStatus
from paper_trading.services.announcements import order_given_up, order_placed
from paper_trading.services.decisions import NewOrder
from trading.bulk import insert_rows, write_values
from trading.plan_json import dump

WAITING = (TradeStatus.PENDING, TradeStatus.UNBOOKED)
"""An order waits for its block, for the first time or because a reorg took the one away that it had."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placing:
    """The order that carries ``decision`` out. Of ``session`` only its id, account id and user id are asked."""

    session: BotSession
    decision: Decision
    order: NewOrder


def place_orders(placings: Sequence[Placing]) -> list[PaperTrade]:
    """A pending trade for each, in a number of statements that does not grow with theirs; the database refuses a
    second one for the same decision.

    The sessions are locked by the caller; their accounts are locked here, so that each numbers its trades alone.
    """
    if not placings:
        return []
    numbers = _newest_numbers({placing.session.account_id for placing in placings})
    trades = []
    for placing in placings:
        numbers[placing.session.account_id] += 1
        trades.append(_trade(placing, numbers[placing.session.account_id]))
    insert_rows(trades)
    for placing, trade in zip(placings, trades, strict=True):
        order_placed(trade=trade, session=placing.session)
    return trades


def _newest_numbers(account_ids: Collection[int]) -> dict[int, int]:
    accounts = PaperAccount.objects.filter(pk__in=account_ids).order_by("pk")
    held = list(accounts.select_for_update().values_list("pk", flat=True))
    # A second statement: the first one may have waited for the lock, and would answer as of before.
    newest = PaperTrade.objects.filter(account=OuterRef("pk")).order_by("-sequence").values("sequence")[:1]
    found = accounts.annotate(newest=Subquery(newest)).values_list("pk", "newest")
    return dict.fromkeys(held, 0) | {pk: number for pk, number in found if number is not None}


def _trade(placing: Placing, sequence: int) -> PaperTrade:
    plan = placing.order.plan
    return PaperTrade(
        session_id=placing.session.pk,
        account_id=placing.session.account_id,
        decision=placing.decision,
        sequence=sequence,
        side=placing.order.side,
        token_in=plan.token_in,
        token_out=plan.token_out,
        exit_reason=placing.order.exit_reason,
        plan=dump(plan),
        decided_block=plan.decided_at.number,
        deadline=plan.deadline,
        amount_in=plan.amount_in,
        quoted_out=plan.quoted_out,
        minimum_out=plan.minimum_out,
    )


def order_of(decision: Decision) -> int | None:
    """The trade that came of a decision, whatever became of it since."""
    return PaperTrade.objects.filter(decision=decision).values_list("pk", flat=True).first()


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenUp:
    """A pending order that no block will take: expired by its deadline, or cancelled."""

    trade_id: int
    status: TradeStatus
    reason: str


@transaction.atomic
def give_up(orders: Sequence[GivenUp]) -> None:
    """Expired or cancelled before a block took them: nothing is charged. Changes nothing of one that is booked."""
    if not orders:
        return
    why = {order.trade_id: order for order in orders}
    told = ("session_id", "sequence", "side", "status", "token_in", "token_out", "account__user_id")
    waiting = PaperTrade.objects.filter(pk__in=why, status__in=WAITING).select_related("account").only(*told)
    trades = list(waiting.order_by("pk").select_for_update(of=("self",)))
    outcomes = {trade.pk: (why[trade.pk].status, why[trade.pk].reason) for trade in trades}
    write_values(PaperTrade, ("status", "revert_reason"), outcomes)
    for trade in trades:
        status, reason = outcomes[trade.pk]
        order_given_up(trade=trade, status=status, reason=reason)
