"""One tick of one session becomes one database transaction: all of it is booked, or nothing is."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import IntegrityError, InterfaceError, OperationalError, transaction
from django.db.models import F
from django.db.models.functions import Now

from dex.types import Address
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
from paper_trading.services.booking import book_locked, lock_session, unbook_locked
from paper_trading.services.decisions import Decided, NewOrder, Stored, Thoughts, store_thoughts
from paper_trading.services.leases import LeaseLost
from paper_trading.services.orders import Placing, give_up, order_of, place_orders
from paper_trading.services.tick import Filled, GivenUp, Obeyed, SessionTick, Tick, Valuation, Written
from paper_trading.services.wallet import LockedWallet
from paper_trading.signals import Change, announce
from trading.bulk import write_values

__all__ = [
    "Decided",
    "Filled",
    "GivenUp",
    "NewOrder",
    "Obeyed",
    "SessionTick",
    "Tick",
    "Valuation",
    "Written",
    "commit",
    "commit_all",
]

HEAVY_TOGETHER = 16
"""Ticks that book something in one transaction: fewer commits, and no account waits long for its lock."""

AFTER_THE_END = "a reorg took its block away after its session had ended"


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

    Those that only think and order go into one transaction, in a number of statements that does not grow with theirs.
    Each of the others has a savepoint of its own, so that one that is refused takes none of its neighbours along. What
    says that the database is away is raised.
    """
    light = [item for item in ticks if item.tick.is_light]
    heavy = sorted((item for item in ticks if not item.tick.is_light), key=lambda item: item.session_id)
    outcomes: dict[int, Written | Exception] = {}
    if light:
        try:
            outcomes |= _write_light(light)
        except IntegrityError:  # one of them is refused: each by itself tells which
            heavy = sorted(ticks, key=lambda item: item.session_id)
    for start in range(0, len(heavy), HEAVY_TOGETHER):
        with transaction.atomic():
            for item in heavy[start : start + HEAVY_TOGETHER]:
                outcomes[id(item)] = _write_heavy(item)
    return [outcomes[id(item)] for item in ticks]


def _write_light(items: Sequence[SessionTick]) -> dict[int, Written | Exception]:
    with transaction.atomic():
        known = _hold(items)
        held = [item for item in items if item.session_id in known]
        _move_cursors(held)
        _value(held)
        _raise_peaks([item.tick for item in held])
        stored = store_thoughts(
            [
                Thoughts(
                    session_id=item.session_id,
                    user_id=known[item.session_id].user_id,
                    block=item.tick.block,
                    decided=item.tick.decided,
                )
                for item in held
            ]
        )
        orders = _order([(known[item.session_id], item.tick, one) for item, one in zip(held, stored, strict=True)])
    written = {
        id(item): Written(decisions=one.ids, orders=placed)
        for item, one, placed in zip(held, stored, orders, strict=True)
    }
    return {id(item): written.get(id(item)) or _lost(item.session_id) for item in items}


def _order(ticks: Sequence[tuple[BotSession, Tick, Stored]]) -> list[dict[Address, int]]:
    """The ids of each tick's orders by token; an order that its decision has already is that one."""
    placings: list[tuple[int, Address, Placing]] = []
    ids: list[dict[Address, int]] = [{} for _ in ticks]
    for number, (session, tick, stored) in enumerate(ticks):
        for item in tick.decided:
            if item.order is None or item.row_id is not None:
                continue
            decision = stored.rows[item.token]
            placed = order_of(decision) if item.token in stored.known else None
            if placed is not None:
                ids[number][item.token] = placed
            else:
                placings.append((number, item.token, Placing(session=session, decision=decision, order=item.order)))
    for (number, token, _), trade in zip(placings, place_orders([one for _, _, one in placings]), strict=True):
        ids[number][token] = trade.pk
    return ids


def _write_heavy(item: SessionTick) -> Written | Exception:
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


def _hold(items: Sequence[SessionTick]) -> dict[int, BotSession]:
    """The sessions that have not ended and are ours, as far as a tick needs them; nobody else can change them now.

    Always in the order of their ids: two writers of many rows never wait for each other.
    """
    tokens = {item.session_id: item.lease_token for item in items}
    live = BotSession.objects.filter(pk__in=tokens, status__in=LIVE_STATUSES).order_by("pk").select_for_update()
    return {
        pk: BotSession(pk=pk, account_id=account_id, user_id=user_id)
        for pk, token, account_id, user_id in live.values_list("pk", "lease_token", "account_id", "user_id")
        if tokens[pk] == token
    }


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
    return Written(decisions=stored.ids, orders=_order([(session, tick, stored)])[0])
