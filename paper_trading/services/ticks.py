"""One tick of one session becomes one database transaction: all of it is booked, or nothing is."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import F

from dex.types import Address, BlockRef
from paper_trading.models import BotSession, Position, QuarantinedPool, TradeStatus
from paper_trading.selectors import booked_in_blocks
from paper_trading.services.booking import FillCosts, book_locked, lock_session, unbook_locked
from paper_trading.services.decisions import Decided, NewOrder, store_decisions
from paper_trading.services.fill import Fill
from paper_trading.services.leases import LeaseLost, fenced
from paper_trading.services.orders import give_up, order_of, place_order
from paper_trading.services.wallet import LockedWallet

__all__ = ["Decided", "Filled", "GivenUp", "NewOrder", "Tick", "Written", "commit"]

AFTER_THE_END = "a reorg took its block away after its session had ended"


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

    @property
    def costs(self) -> FillCosts:
        return FillCosts(
            gas_quote=self.gas_quote,
            pool_fee_quote=self.pool_fee_quote,
            impact_quote=self.impact_quote,
            drift_quote=self.drift_quote,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenUp:
    """A pending order that no block will take: expired by its deadline, or cancelled."""

    trade_id: int
    status: TradeStatus
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """``removed`` are blocks that a reorg took away: what was booked in them is taken back and waits once more.

    ``moves_cursor`` is False while the block's decisions are still to come: a restart must then see the block again.
    """

    block: BlockRef
    moves_cursor: bool = True
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
    """Write ``tick``; raises ``LeaseLost`` with nothing written when the session is somebody else's by now.

    A decision about a token at a block that has one is the same decision: a host that starts again at the block of its
    cursor neither records it nor places its order twice.
    """
    with transaction.atomic():
        _move_cursor(session_id, lease_token, tick)
        if not tick.moves_money:
            _raise_peaks(tick)
            return Written(decisions=store_decisions(session_id, tick.block, tick.decided).ids, orders={})
        session = lock_session(session_id)
        wallet = LockedWallet(session.account)
        _take_back(session, wallet, tick)
        for filled in tick.fills:
            book_locked(session=session, wallet=wallet, trade_id=filled.trade_id, fill=filled.fill, costs=filled.costs)
        for order in tick.given_up:
            give_up(trade_id=order.trade_id, status=order.status, reason=order.reason)
        for pool, reason in tick.quarantined.items():
            QuarantinedPool.objects.get_or_create(
                session=session, pool=pool, defaults={"block_number": tick.block.number, "reason": reason}
            )
        _raise_peaks(tick)
        return _record(session, tick)


def _move_cursor(session_id: int, lease_token: int, tick: Tick) -> None:
    cursor = {"cursor_block": tick.block.number, "cursor_hash": tick.block.hash} if tick.moves_cursor else {}
    moved = fenced(session_id=session_id, token=lease_token).update(state_version=F("state_version") + 1, **cursor)
    if moved != 1:
        raise LeaseLost(f"session {session_id} was taken over by another process")


def _take_back(session: BotSession, wallet: LockedWallet, tick: Tick) -> None:
    """A signed transaction outlives a reorg: an un-booked trade is filled by whatever block takes it next.

    No host fills the trades of an earlier session any more, so those are cancelled.
    """
    if not tick.removed:
        return
    for trade in booked_in_blocks(session.account, [gone.hash for gone in tick.removed]):
        ours = trade.session_id == session.pk
        owner = session if ours else lock_session(trade.session_id)
        unbook_locked(session=owner, wallet=wallet, trade_id=trade.pk, block=tick.block)
        if not ours:
            give_up(trade_id=trade.pk, status=TradeStatus.CANCELLED, reason=AFTER_THE_END)


def _raise_peaks(tick: Tick) -> None:
    for position_id, worth in tick.peaks.items():
        Position.objects.filter(pk=position_id).update(peak_worth=worth)


def _record(session: BotSession, tick: Tick) -> Written:
    stored = store_decisions(session.pk, tick.block, tick.decided)
    orders: dict[Address, int] = {}
    for item in tick.decided:
        if item.order is None or item.row_id is not None:
            continue
        row = stored.rows[item.token]
        placed = order_of(row) if item.token in stored.known else None
        if placed is None:
            order = item.order
            placed = place_order(
                session=session, plan=order.plan, side=order.side, decision=row, exit_reason=order.exit_reason
            ).pk
        orders[item.token] = placed
    return Written(decisions=stored.ids, orders=orders)
