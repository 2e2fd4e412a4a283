"""One tick of one session becomes one database transaction: all of it is booked, or nothing is."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db import InterfaceError, OperationalError, transaction
from django.db.models.functions import Now

from dex.types import Address
from paper_trading.errors import CommandOver
from paper_trading.models import (
    LIVE_STATUSES,
    BotSession,
    CommandStatus,
    PaperAccount,
    Position,
    QuarantinedPool,
    SessionCommand,
    TradeStatus,
)
from paper_trading.selectors import booked_in_blocks
from paper_trading.selectors.positions import open_position_ids
from paper_trading.services.booking import Booking, book_all, lock_session, unbook_locked
from paper_trading.services.decisions import Decided, NewOrder, Stored, Thoughts, store_thoughts
from paper_trading.services.equity import draw_curves
from paper_trading.services.leases import LeaseLost
from paper_trading.services.orders import GivenUp, Placing, give_up, order_of, place_orders
from paper_trading.services.tick import Filled, Obeyed, SessionTick, Tick, Valuation, Valued, Written
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
    "Valued",
    "Written",
    "commit",
    "commit_all",
]

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

    All go into one transaction, in a number of statements that does not grow with theirs. Where one of them is refused
    the others are written without it. What says that the database is away is raised.
    """
    outcomes: list[Written | Exception] = []
    try:
        with transaction.atomic():
            outcomes += _write(ticks)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:  # noqa: BLE001 - told to the session whose tick it is; all of it is rolled back
        if len(ticks) == 1:
            return [error]
        half = len(ticks) // 2
        return [*commit_all(ticks[:half]), *commit_all(ticks[half:])]
    return outcomes


@dataclass(kw_only=True)
class _Held:
    """A session's row as far as every tick needs it; what books or orders something asks for more."""

    pk: int
    account_id: int
    user_id: int
    gas_quote: int
    state_version: int

    @cached_property
    def session(self) -> BotSession:
        return BotSession(pk=self.pk, account_id=self.account_id, user_id=self.user_id, gas_quote=self.gas_quote)


def _write(items: Sequence[SessionTick]) -> list[Written | Exception]:
    known = _hold(items)
    held = [item for item in items if item.session_id in known]
    ticks = [(known[item.session_id], item.tick) for item in held]
    _move_money(ticks)
    valued = _value(ticks)
    _advance(ticks, valued)
    draw_curves([(held.pk, tick) for held, tick in ticks])
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
    written = {}
    for item, one, placed in zip(held, stored, orders, strict=True):
        written[id(item)] = Written(decisions=one.ids, orders=placed, valued=valued.get(item.session_id))
        _obey(known[item.session_id], item.tick, written[id(item)])
    return [written.get(id(item)) or _lost(item.session_id) for item in items]


def _move_money(ticks: Sequence[tuple[_Held, Tick]]) -> None:
    """What blocks did to orders: taken back, filled, given up. Holds the accounts of these sessions."""
    moving = [(held.session, tick) for held, tick in ticks if tick.moves_balances]
    accounts = PaperAccount.objects.filter(pk__in={session.account_id for session, _ in moving}).order_by("pk")
    locked = {account.pk: account for account in accounts.select_for_update()} if moving else {}
    for session, tick in moving:
        session.account = locked[session.account_id]
        _take_back(session, tick)
    book_all(
        [
            Booking(session=session, trade_id=filled.trade_id, fill=filled.fill, costs=filled.costs)
            for session, tick in moving
            for filled in tick.fills
        ]
    )
    give_up([order for _, tick in ticks for order in tick.given_up])
    for held, tick in ticks:
        for pool, reason in tick.quarantined.items():
            QuarantinedPool.objects.get_or_create(
                session_id=held.pk, pool=pool, defaults={"block_number": tick.block.number, "reason": reason}
            )


def _order(ticks: Sequence[tuple[_Held, Tick, Stored]]) -> list[dict[Address, int]]:
    """The ids of each tick's orders by token; an order that its decision has already is that one."""
    placings: list[tuple[int, Address, Placing]] = []
    ids: list[dict[Address, int]] = [{} for _ in ticks]
    for number, (held, tick, stored) in enumerate(ticks):
        for item in tick.decided:
            if item.order is None or item.row_id is not None:
                continue
            decision = stored.rows[item.token]
            placed = order_of(decision) if item.token in stored.known else None
            if placed is not None:
                ids[number][item.token] = placed
            else:
                placings.append(
                    (number, item.token, Placing(session=held.session, decision=decision, order=item.order))
                )
    for (number, token, _), trade in zip(placings, place_orders([one for _, _, one in placings]), strict=True):
        ids[number][token] = trade.pk
    return ids


def _hold(items: Sequence[SessionTick]) -> dict[int, _Held]:
    """The sessions that have not ended and are ours, as far as a tick needs them; nobody else can change them now.

    Always in the order of their ids: two writers of many rows never wait for each other.
    """
    tokens = {item.session_id: item.lease_token for item in items}
    live = BotSession.objects.filter(pk__in=tokens, status__in=LIVE_STATUSES).order_by("pk").select_for_update()
    columns = ("pk", "lease_token", "account_id", "user_id", "gas_quote", "state_version")
    return {
        pk: _Held(pk=pk, account_id=account_id, user_id=user_id, gas_quote=gas, state_version=version)
        for pk, token, account_id, user_id, gas, version in live.values_list(*columns)
        if tokens[pk] == token
    }


def _lost(session_id: int) -> LeaseLost:
    return LeaseLost(f"session {session_id} was taken over by another process")


def _value(ticks: Sequence[tuple[_Held, Tick]]) -> dict[int, Valued]:
    """Raise the peaks; the valuations as they are to be stored, by session id."""
    told = [(held, tick) for held, tick in ticks if tick.peaks or tick.valuation is not None]
    positions = open_position_ids({held.account_id for held, _ in told})
    peaks: dict[int, tuple[int]] = {}
    valued: dict[int, Valued] = {}
    for held, tick in told:
        ids = positions.get(held.account_id, {})
        peaks |= {ids[token]: (worth,) for token, worth in tick.peaks.items() if token in ids}
        if tick.valuation is not None:
            valued[held.pk] = tick.valuation.stored(ids)
    write_values(Position, ("peak_worth",), peaks)
    return valued


def _advance(ticks: Sequence[tuple[_Held, Tick]], valued: Mapping[int, Valued]) -> None:
    """Every session's row once, with its cursor and its valuation where the tick has them."""
    rows: defaultdict[tuple[str, ...], dict[int, tuple[Any, ...]]] = defaultdict(dict)
    for held, tick in ticks:
        columns: dict[str, Any] = {"state_version": held.state_version + 1}
        if tick.moves_cursor:
            columns |= {"cursor_block": tick.block.number, "cursor_hash": tick.block.hash}
        if held.pk in valued:
            columns |= {"equity": valued[held.pk].equity, "worths": valued[held.pk].worths}
        rows[tuple(columns)][held.pk] = tuple(columns.values())
    for names, values in rows.items():
        write_values(BotSession, names, values)


def _obey(session: _Held, tick: Tick, written: Written) -> None:
    for done in tick.commands:
        orders = [written.orders[token] for token in done.tokens if token in written.orders]
        status = CommandStatus.DONE if done.tokens else CommandStatus.REFUSED
        changed = SessionCommand.objects.filter(pk=done.command_id, status=CommandStatus.WAITING).update(
            status=status, reason=done.reason, trades=orders, done_at=Now()
        )
        if not changed and done.tokens:
            raise CommandOver(f"command {done.command_id} does not wait any more")
        if changed:
            told = {"command": done.command_id, "status": status.value, "reason": done.reason, "trades": orders}
            announce(Change(kind="command", user_id=session.user_id, session_id=session.pk, data=told))


def _take_back(session: BotSession, tick: Tick) -> None:
    """A signed transaction outlives a reorg: an un-booked trade is filled by whatever block takes it next.

    No host fills the trades of an earlier session any more, so those are cancelled.
    """
    if not tick.removed:
        return
    wallet = LockedWallet(session.account)
    for trade in booked_in_blocks(session.account, [gone.hash for gone in tick.removed]):
        ours = trade.session_id == session.pk
        owner = session if ours else lock_session(trade.session_id)
        unbook_locked(session=owner, wallet=wallet, trade_id=trade.pk, block=tick.block)
        if not ours:
            give_up([GivenUp(trade_id=trade.pk, status=TradeStatus.CANCELLED, reason=AFTER_THE_END)])
