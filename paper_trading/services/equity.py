"""The curve of what a session was worth, written with its ticks."""

from collections.abc import Sequence
from datetime import UTC, datetime

from paper_trading.models import EquityPoint
from paper_trading.services.tick import Tick


def draw_curves(ticks: Sequence[tuple[int, Tick]]) -> None:
    """Take back the points of blocks that are gone and add those of ``ticks``, by session id.

    A block that is stepped again, after a crash or as a reorg's successor, has one point: the last one.
    """
    for session_id, tick in ticks:
        if tick.removed:
            gone = [block.number for block in tick.removed]
            EquityPoint.objects.filter(session=session_id, block_number__in=gone).delete()
    points = [_point(session_id, tick, tick.equity) for session_id, tick in ticks if tick.equity is not None]
    EquityPoint.objects.bulk_create(
        points,
        update_conflicts=True,
        unique_fields=["session", "block_number"],
        update_fields=["block_time", "equity"],
    )


def _point(session_id: int, tick: Tick, equity: int) -> EquityPoint:
    block_time = datetime.fromtimestamp(tick.block.timestamp, tz=UTC)
    return EquityPoint(session_id=session_id, block_number=tick.block.number, block_time=block_time, equity=equity)
