"""One tick of one session becomes one database transaction: all of it is booked, or nothing is."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import F

from dex.routing.plan import SwapPlan
from dex.types import Address, BlockRef
from paper_trading.intelligence.base import Decision as Thought
from paper_trading.models import (
    BotSession,
    Decision,
    PaperTrade,
    Position,
    QuarantinedPool,
    TradeSide,
    TradeStatus,
)
from paper_trading.selectors import booked_in_blocks
from paper_trading.services.booking import book_fill, unbook_trade
from paper_trading.services.fill import Fill
from paper_trading.services.leases import LeaseLost, fenced
from paper_trading.services.orders import give_up, place_order


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrder:
    """A plan that was decided at the tick's block and waits for the block that takes it."""

    plan: SwapPlan
    side: TradeSide
    exit_reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A thought about one token. ``row_id`` names the stored decision that it only repeats, ``repeats`` how often."""

    token: Address
    block: BlockRef
    thought: Thought
    order: NewOrder | None = None
    row_id: int | None = None
    repeats: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """A pending order that a block took; everything that ends in ``quote`` is base units of the quote token.

    ``pool_fee_quote``, ``impact_quote`` and ``drift_quote`` explain the fill (see ``PaperTrade``).
    """

    trade_id: int
    fill: Fill
    gas_quote: int
    pool_fee_quote: int = 0
    impact_quote: int = 0
    drift_quote: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenUp:
    """A pending order that no block will take: expired by its deadline, or cancelled."""

    trade_id: int
    status: TradeStatus
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """``removed`` are blocks that a reorg took away: what was booked in them is taken back and waits once more."""

    block: BlockRef
    removed: tuple[BlockRef, ...] = ()
    fills: tuple[Filled, ...] = ()
    given_up: tuple[GivenUp, ...] = ()
    decided: tuple[Decided, ...] = ()
    quarantined: Mapping[Address, str] = field(default_factory=dict)
    peaks: Mapping[int, int] = field(default_factory=dict)

    @property
    def moves_money(self) -> bool:
        return bool(
            self.removed
            or self.fills
            or self.given_up
            or self.quarantined
            or any(decided.order is not None for decided in self.decided)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """Row ids that the tick created, by token: decisions and the orders that came of them."""

    decisions: Mapping[Address, int]
    orders: Mapping[Address, int]


def commit(*, session_id: int, lease_token: int, tick: Tick) -> Written:
    """Write ``tick``; raises ``LeaseLost`` with nothing written when the session is somebody else's by now."""
    with transaction.atomic():
        moved = fenced(session_id=session_id, token=lease_token).update(
            cursor_block=tick.block.number, cursor_hash=tick.block.hash, state_version=F("state_version") + 1
        )
        if moved != 1:
            raise LeaseLost(f"session {session_id} was taken over by another process")
        session = BotSession.objects.select_related("account").get(pk=session_id)
        # A signed transaction outlives a reorg: an un-booked trade is filled by whatever block takes it next.
        for trade in booked_in_blocks(session.account, [gone.hash for gone in tick.removed]):
            unbook_trade(trade=trade, block=tick.block)
        for filled in tick.fills:
            trade = PaperTrade.objects.get(pk=filled.trade_id)
            book_fill(session=session, trade=trade, fill=filled.fill, gas_quote=filled.gas_quote)
            PaperTrade.objects.filter(pk=trade.pk).update(
                pool_fee_quote=filled.pool_fee_quote,
                impact_quote=filled.impact_quote,
                drift_quote=filled.drift_quote,
            )
        for order in tick.given_up:
            give_up(trade_id=order.trade_id, status=order.status, reason=order.reason)
        for pool, reason in tick.quarantined.items():
            QuarantinedPool.objects.get_or_create(
                session=session, pool=pool, defaults={"block_number": tick.block.number, "reason": reason}
            )
        for position_id, worth in tick.peaks.items():
            Position.objects.filter(pk=position_id).update(peak_worth=worth)
        return _record(session, tick.decided)


def _record(session: BotSession, decided: tuple[Decided, ...]) -> Written:
    decisions: dict[Address, int] = {}
    orders: dict[Address, int] = {}
    for item in decided:
        if item.row_id is not None:
            Decision.objects.filter(pk=item.row_id).update(
                last_block=item.block.number, repeats=F("repeats") + item.repeats
            )
            continue
        row = _insert_decision(session, item)
        decisions[item.token] = row.pk
        if item.order is not None:
            order = item.order
            orders[item.token] = place_order(
                session=session, plan=order.plan, side=order.side, decision=row, exit_reason=order.exit_reason
            ).pk
    return Written(decisions=decisions, orders=orders)


def _insert_decision(session: BotSession, item: Decided) -> Decision:
    thought = item.thought
    return Decision.objects.create(
        session=session,
        block_number=item.block.number,
        block_hash=item.block.hash,
        last_block=item.block.number,
        token=item.token,
        action=thought.action.value,
        code=thought.code,
        edge_bps=round(thought.edge_bps),
        confidence_pct=round(100 * thought.confidence),
        reasons=list(thought.reasons),
        readings=[
            {
                "signal": reading.signal,
                "score": reading.score,
                "confidence": reading.confidence,
                "expected_move_bps": reading.expected_move_bps,
                "reason": reading.reason,
                "evidence": [
                    {"name": evidence.name, "value": evidence.value, "unit": evidence.unit}
                    for evidence in reading.evidence
                ],
            }
            for reading in thought.readings
        ],
    )
