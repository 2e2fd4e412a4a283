"""The processes that run sessions, and the visitor's own sessions on each."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dashboard.parts import Ask
from dashboard.system.chains import spell
from paper_trading.selectors.live import live_session_rows
from paper_trading.selectors.rows import Row
from paper_trading.services.health import host_rows, session_counts


@dataclass(frozen=True, slots=True, kw_only=True)
class HostLine:
    """``mine`` are ids of the visitor's sessions; ``p50`` and ``p99`` milliseconds from a block's arrival to a
    session's commit, over the newest blocks, None before the first."""

    number: int
    alive: bool
    chain: str
    started_at: datetime
    silent: str
    sessions: int
    mine: Sequence[int]
    block: int | None
    behind: str
    p50: float | None
    p99: float | None


def hosts(ask: Ask, _: None) -> Mapping[str, Any]:
    live = live_session_rows(ask.user_id)
    rows = host_rows()
    counts = session_counts(ask.visitor.user)
    return {
        "hosts": [_line(row, live, ask.now) for row in rows],
        "alive": sum(1 for row in rows if row.alive),
        "without": counts.pop("without_host"),
        "counts": counts,
        "foreground": Counter(bool(row.foreground) for row in live)[True],
    }


def _line(row: Row, live: Sequence[Row], now: datetime) -> HostLine:
    behind = row.pace.get("behind_seconds")
    return HostLine(
        number=row.pk,
        alive=bool(row.alive),
        chain=row.chain,
        started_at=row.started_at,
        silent=spell(max(0.0, (now - row.heartbeat_at).total_seconds())),
        sessions=row.sessions,
        mine=sorted(session.id for session in live if session.owner == row.name),
        block=row.pace.get("block"),
        behind="" if behind is None else spell(behind),
        p50=row.pace.get("tick_p50_ms"),
        p99=row.pace.get("tick_p99_ms"),
    )
