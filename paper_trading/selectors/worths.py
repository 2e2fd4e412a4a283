"""What open positions would bring if they were sold, as the bot saw it at its last block."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Max

from paper_trading.models import BotSession, Position, PositionStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """``amount`` is base units of the quote token, None where the position could not be sold whole at that block."""

    amount: int | None
    block_number: int | None


def exit_worths(positions: Iterable[Position]) -> Mapping[int, Worth]:
    """By position id, of those that are open and that their account's newest session has valued; one query."""
    held = [position for position in positions if position.status == PositionStatus.OPEN]
    if not held:
        return {}
    newest = (
        BotSession.objects.filter(account__in={position.account_id for position in held}, cursor_block__isnull=False)
        .order_by()
        .values("account")
        .annotate(newest=Max("pk"))
        .values("newest")
    )
    sessions = BotSession.objects.filter(pk__in=newest).only("account_id", "worths", "cursor_block")
    valued = {session.account_id: session for session in sessions}
    found: dict[int, Worth] = {}
    for position in held:
        session = valued.get(position.account_id)
        if session is not None and str(position.pk) in session.worths:
            text = session.worths[str(position.pk)]
            found[position.pk] = Worth(amount=None if text is None else int(text), block_number=session.cursor_block)
    return found
