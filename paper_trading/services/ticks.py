"""One tick of one session becomes one database transaction: all of it is booked, or nothing is."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F
from django.db.models.functions import Now

from dex.types import Address, BlockRef
from paper_trading.models import (
    LIVE_STATUSES,
    BotSession,
    CommandStatus,
    Position,
    QuarantinedPool,
    SessionCommand,
    TradeStatus,
)
from paper_trading.selectors import booked_in_blocks
from paper_trading.services.booking import FillCosts, book_locked, lock_session, unbook_locked
from paper_trading.services.decisions import Decided, NewOrder, Thoughts, store_thoughts
from paper_trading.services.fill import Fill
from paper_trading.services.leases import LeaseLost
from paper_trading.services.orders import give_up, order_of, place_order
from paper_trading.services.wallet import LockedWallet
from paper_trading.signals import Change, announce
from trading.bulk import write_values

__all__ = ["Decided", "Filled", "GivenUp", "NewOrder", "Tick", "Written", "commit"]

MOVING_TOGETHER = 16
"""Ticks that move money in one transaction: fewer commits, and no account waits long for its lock."""

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
class Obeyed:
    """A command that is done with the orders for ``tokens``, or refused for ``reason``."""

    command_id: int
    tokens: tuple[Address, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Valuation:
    """``equity`` and the exit worth of each position by its id are quote units; None where it cannot be sold whole."""

    equity: int | None
    worths: Mapping[int, int | None]

    @property
    def columns(self) -> tuple[int | None, dict[str, str | None]]:
        told = {str(position): None if worth is None else str(worth) for position, worth in self.worths.items()}
        return self.equity, told


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """``removed`` are blocks that a reorg took away: what was booked in them is taken back and waits once more.

    ``moves_cursor`` is False while the block's decisions are still to come: a restart must then see the block again.
    ``valuation`` is the account at the block's end, None where it is not told.
    """

    block: BlockRef
    moves_cursor: bool = True
    removed: tuple[BlockRef, ...] = ()
    fills: tuple[Filled, ...] = ()
    given_up: tuple[GivenUp, ...] = ()
    decided: tuple[Decided, ...] = ()
    quarantined: Mapping[Address, str] = field(default_factory=dict)
    peaks: Mapping[int, int] = field(default_factory=dict)
    commands: tuple[Obeyed, ...] = ()
    valuation: Valuation | None = None

    @property
    def moves_money(self) -> bool:
        return bool(
            self.removed
            or self.fills
            or self.given_up
            or self.quarantined
            or self.commands
            or any(decided.order is not None for decided in self.decided)
        )

    @property
    def only_orders(self) -> bool:
        """Whether nothing but new orders moves money: then no balance and no position changes."""
        return self.moves_money and not (self.removed or self.fills or self.given_up or self.quarantined)


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """Row ids that the tick created, by token: decisions and the orders that came of them."""

    decisions: Mapping[Address, int]
    orders: Mapping[Address, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionTick:
    """``tick`` of a session that ``lease_token`` holds."""

    session_id: int
    lease_token: int
    tick: Tick


def commit(*, session_id: int, lease_token: int, tick: Tick) -> Written:
    """Write ``tick``; raises ``LeaseLost`` with nothing written when the session is somebody else's by now.

    A decision about a token at a block that has one is the same decision: a host that starts again at the block of its
    cursor neither records it nor places its order twice.
    """
    outcome = commit_all([SessionTick(session_id=session_id, lease_token=lease_token, tick=tick)])[0]
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def commit_all(ticks: Sequence[SessionTick]) -> list[Written | Exception]:
    """Write ``ticks`` of as many sessions; each is written whole or not at all, and what failed stands in its place.

    Those that move no money go into one transaction, in a number of statements that does not grow with theirs. Each of
    the others has a savepoint of its own, so that one that is refused takes none of its neighbours along. What says
    that the database is away is raised.
    """
    outcomes: dict[int, Written | Exception] = {}
    quiet = [item for item in ticks if not item.tick.moves_money]
    if quiet:
        outcomes |= _write_quiet(quiet)
    moving = sorted((item for item in ticks if item.tick.moves_money), key=lambda item: item.session_id)
    for start in range(0, len(moving), MOVING_TOGETHER):
        with transaction.atomic():
            for item in moving[start : start + MOVING_TOGETHER]:
                outcomes[id(item)] = _write_moving(item)
    return [outcomes[id(item)] for item in ticks]


def _write_quiet(items: Sequence[SessionTick]) -> dict[int, Written | Exception]:
    with transaction.atomic():
        known = _hold(items)
        held = [item for item in items if known.get(item.session_id, (None,))[0] == item.lease_token]
        _move_cursors(held)
        _value(held)
        _raise_peaks([item.tick for item in held])
        stored = store_thoughts(
            [
                Thoughts(
                    session_id=item.session_id,
                    user_id=known[item.session_id][1],
                    block=item.tick.block,
                    decided=item.tick.decided,
                )
                for item in held
            ]
        )
    written = {id(item): Written(decisions=one.ids, orders={}) for item, one in zip(held, stored, strict=True)}
    return {id(item): written.get(id(item)) or _lost(item.session_id) for item in items}


def _write_moving(item: SessionTick) -> Written | Exception:
    try:
        with transaction.atomic():
            try:
                session = lock_session(item.session_id, lease_token=item.lease_token)
            except BotSession.DoesNotExist:
                return _lost(item.session_id)
            return _move(session, item.tick) if session.is_live else _lost(item.session_id)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:  # noqa: BLE001 - told to the session whose tick it is; its savepoint is rolled back
        return error


def _move(session: BotSession, tick: Tick) -> Written:
    _advance(session, tick)
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
    _raise_peaks([tick])
    written = _record(session, tick)
    _obey(session, tick, written)
    return written


def _hold(items: Sequence[SessionTick]) -> dict[int, tuple[int, int]]:
    """Lease token and user of the sessions that have not ended, which nobody else can change before we are done.

    Always in the order of their ids: two writers of many rows never wait for each other.
    """
    live = BotSession.objects.filter(pk__in=[item.session_id for item in items], status__in=LIVE_STATUSES)
    rows = live.order_by("pk").select_for_update().values_list("pk", "lease_token", "user_id")
    return {pk: (token, user_id) for pk, token, user_id in rows}


def _lost(session_id: int) -> LeaseLost:
    return LeaseLost(f"session {session_id} was taken over by another process")


def _move_cursors(items: Sequence[SessionTick]) -> None:
    heads: defaultdict[tuple[int, str] | None, list[int]] = defaultdict(list)
    for item in items:
        block = item.tick.block
        heads[(block.number, block.hash) if item.tick.moves_cursor else None].append(item.session_id)
    for head, ids in heads.items():
        cursor = {} if head is None else {"cursor_block": head[0], "cursor_hash": head[1]}
        BotSession.objects.filter(pk__in=ids).update(state_version=F("state_version") + 1, **cursor)


def _advance(session: BotSession, tick: Tick) -> None:
    """Cursor and valuation of one session."""
    columns: dict[str, Any] = {"state_version": F("state_version") + 1}
    if tick.moves_cursor:
        columns |= {"cursor_block": tick.block.number, "cursor_hash": tick.block.hash}
    if tick.valuation is not None:
        columns |= dict(zip(("equity", "worths"), tick.valuation.columns, strict=True))
    BotSession.objects.filter(pk=session.pk).update(**columns)


def _value(items: Sequence[SessionTick]) -> None:
    told = {item.session_id: item.tick.valuation for item in items if item.tick.valuation is not None}
    write_values(BotSession, ("equity", "worths"), {pk: valuation.columns for pk, valuation in told.items()})


def _obey(session: BotSession, tick: Tick, written: Written) -> None:
    for done in tick.commands:
        orders = [written.orders[token] for token in done.tokens if token in written.orders]
        status = CommandStatus.DONE if done.tokens else CommandStatus.REFUSED
        changed = SessionCommand.objects.filter(pk=done.command_id, status=CommandStatus.WAITING).update(
            status=status, reason=done.reason, trades=orders, done_at=Now()
        )
        if changed:
            told = {"command": done.command_id, "status": status.value, "reason": done.reason, "trades": orders}
            announce(Change(kind="command", user_id=session.user_id, session_id=session.pk, data=told))


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


def _raise_peaks(ticks: Iterable[Tick]) -> None:
    peaks = {position_id: (worth,) for tick in ticks for position_id, worth in tick.peaks.items()}
    write_values(Position, ("peak_worth",), peaks)


def _record(session: BotSession, tick: Tick) -> Written:
    thoughts = Thoughts(session_id=session.pk, user_id=session.user_id, block=tick.block, decided=tick.decided)
    stored = store_thoughts([thoughts])[0]
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
