"""What needs attention: one line each with its reason and the page where something can be done about it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse

from dashboard.chains import chain_states
from dashboard.home.gas import short_of_gas
from dashboard.home.standing import start_of_day
from dashboard.home.subject import Subject
from dashboard.parts import Ask
from dashboard.subjects import session_name
from paper_trading.feed.envelope import market_topic
from paper_trading.models import SessionStatus
from paper_trading.selectors import attention as found
from paper_trading.selectors.hosts import ALIVE, HostState, surroundings
from paper_trading.selectors.rows import Row

WAITS_LONG = timedelta(seconds=30)
RECENT = timedelta(days=1)
DISPUTED = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """``is_bad`` where something does not work as it should; what is left is only worth knowing. ``why`` may be what a
    node, a router or a host said."""

    what: str
    why: str
    is_bad: bool = True
    address: str = ""
    link: str = ""
    at: datetime | None = None
    block: int | None = None


def attention(ask: Ask, subject: Subject) -> Mapping[str, Any]:
    """What is broken first; within that the order of its kinds."""
    items = [
        *_chains(ask, subject),
        *_halted(subject),
        *_failing(subject),
        *_without_host(ask, subject),
        *_waiting(ask, subject),
        *_disputed(ask, subject),
        *_short_of_gas(subject),
        *_reverted(ask, subject),
        *_ended(ask, subject),
    ]
    return {"items": sorted(items, key=lambda item: not item.is_bad), "live": len(subject.live)}


def _of_session(row: Row, **told: Any) -> Item:
    return Item(address=reverse("dashboard:session", args=[row.id]), link=session_name(row), **told)


def _chains(ask: Ask, subject: Subject) -> Iterable[Item]:
    for chain in chain_states(map(market_topic, subject.chains), ask.now):
        if chain.problem:
            yield Item(what=f"{chain.name} cannot be trusted just now", why=chain.problem, block=chain.block)
        elif chain.is_stale:
            why = f"The newest block came in {chain.age_ms // 1000} seconds ago. Nothing is traded until the next one."
            yield Item(what=f"{chain.name} is silent", why=why, block=chain.block)


def _halted(subject: Subject) -> Iterable[Item]:
    for row in found.halted_sessions(subject.user_id):
        why = row.end_reason or row.last_error or "No reason was written down."
        yield _of_session(row, what="Halted", why=why, at=row.ended_at, block=row.cursor_block)


def _failing(subject: Subject) -> Iterable[Item]:
    failing = [row for row in subject.live if row.failures > 0]
    for row in failing[: found.MOST]:
        times = f"Failed {row.failures} times in a row" if row.failures > 1 else "Failed, and is tried again"
        yield _of_session(row, what=times, why=row.last_error, at=row.retry_at, block=row.cursor_block)
    yield from _others(len(failing), "sessions fail, too")


def _without_host(ask: Ask, subject: Subject) -> Iterable[Item]:
    held = [row for row in subject.live if row.owner]
    hosts = surroundings(held).hosts
    silent = [row for row in held if _is_silent(row, hosts.get(row.owner), ask.now)]
    for row in silent[: found.MOST]:
        why = "The process that runs it gives no sign of life. Another one takes it over, where one runs."
        yield _of_session(row, what="Its host is silent", why=why, at=row.heartbeat_at, block=row.cursor_block)
    yield from _others(len(silent), "sessions have no living host, too")


def _is_silent(row: Row, host: HostState | None, now: datetime) -> bool:
    """What a terminal runs has no host of its own name; its session says that it lives."""
    if host is not None:
        return not host.alive
    return row.heartbeat_at is not None and now - row.heartbeat_at > ALIVE


def _waiting(ask: Ask, subject: Subject) -> Iterable[Item]:
    waiting = [
        row
        for row in subject.live
        if row.status in (SessionStatus.QUEUED, SessionStatus.OPEN) and ask.now - row.created_at > WAITS_LONG
    ]
    for row in waiting[: found.MOST]:
        why = "Nobody has taken it yet: a host takes it within seconds where one runs (make run, or make worker)."
        yield _of_session(row, what="Waits to be run", why=why, at=row.created_at)
    yield from _others(len(waiting), "sessions wait, too")


def _disputed(ask: Ask, subject: Subject) -> Iterable[Item]:
    since = ask.now - DISPUTED
    pools = list(found.quarantined_pools(subject.user_id, since))
    if not pools:
        return
    sessions = sorted({pool.session_id for pool in pools})
    trades = list(found.disputed_trades(subject.user_id, sessions, since))
    for trade in trades:
        why = "The model of the pool and the node came to different amounts. The node's was booked."
        yield _of_trade(trade, what="Disputed", why=why)
    told = {(trade.session_id, trade.block_number) for trade in trades}
    for pool in pools:
        if (pool.session_id, pool.block_number) not in told:
            yield Item(
                what="A pool was shut out",
                why=pool.reason,
                address=reverse("dashboard:session", args=[pool.session_id]),
                link=f"Session #{pool.session_id}",
                at=pool.created_at,
                block=pool.block_number,
            )


def _of_trade(trade: Row, **told: Any) -> Item:
    address = reverse("dashboard:trade", args=[trade.id])
    return Item(address=address, link=f"Trade {trade.id}", at=trade.block_time, block=trade.block_number, **told)


def _short_of_gas(subject: Subject) -> Iterable[Item]:
    for one in short_of_gas(subject):
        what = "Low on money for gas" if one.swaps else "No money for gas"
        swaps = {0: "not one swap", 1: "one more swap"}.get(one.swaps, f"some {one.swaps} more swaps")
        why = f"Account {one.account} has enough for {swaps} at what the network charges now."
        yield _of_session(one.session, what=what, why=why, is_bad=one.swaps == 0)


def _reverted(ask: Ask, subject: Subject) -> Iterable[Item]:
    sessions = {row.id: row for row in subject.live}
    for one in found.reverted_trades(subject.user_id, list(sessions), start_of_day(ask.now)):
        times = "an order" if one.count == 1 else f"{one.count} orders"
        why = f"The router refused {times} of it today; only the gas was paid. The newest: {one.newest.revert_reason}"
        told = {"what": "Reverted", "why": why, "at": one.newest.block_time, "block": one.newest.block_number}
        yield _of_session(sessions[one.newest.session_id], is_bad=False, **told)


def _ended(ask: Ask, subject: Subject) -> Iterable[Item]:
    for row in found.ended_by_themselves(subject.user_id, ask.now - RECENT):
        why = row.end_reason or "No reason was written down."
        yield _of_session(row, what="Ended by itself", why=why, is_bad=False, at=row.ended_at, block=row.cursor_block)


def _others(count: int, words: str) -> Iterable[Item]:
    if count > found.MOST:
        yield Item(what=f"{count - found.MOST} more", why=f"{words[0].upper()}{words[1:]}.")
