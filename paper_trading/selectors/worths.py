"""What open positions would bring if they were sold, as the bot saw it at its last block."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Max, QuerySet

from api.statements import compiled
from paper_trading.models import BotSession


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """``amount`` is base units of the quote token, None where the position could not be sold whole at that block."""

    amount: int | None
    block_number: int | None


def exit_worths(held: Mapping[int, int]) -> Mapping[int, Worth]:
    """By position id, of those that their account's newest session has valued; one query.

    ``held`` are the account ids of open positions by position id.
    """
    if not held:
        return {}
    valued = {account: (worths, block) for account, worths, block in _valued(list(set(held.values())))}
    found: dict[int, Worth] = {}
    for position, account in held.items():
        worths, block = valued.get(account, ({}, None))
        if str(position) in worths:
            text = worths[str(position)]
            found[position] = Worth(amount=None if text is None else int(text), block_number=block)
    return found


@compiled
def _valued(account_ids: list[int]) -> QuerySet[BotSession, tuple[Any, ...]]:
    looked = BotSession.objects.filter(account__in=account_ids, cursor_block__isnull=False).order_by()
    newest = looked.values("account").annotate(newest=Max("pk")).values("newest")
    return BotSession.objects.filter(pk__in=newest).values_list("account_id", "worths", "cursor_block")
