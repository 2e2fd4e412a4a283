"""How far a user's books are, and what was booked between two looks at them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import NamedTuple

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from api.statements import compiled
from paper_trading.models import (
    FillReceipt,
    PaperAccount,
    PaperTrade,
    PositionStatus,
    ReceiptKind,
    TradeSide,
    TradeStatus,
)
from paper_trading.selectors import owned

MOST_RECEIPTS = 500
MOST_ACCOUNTS = 50
"""More at once are added up again with everything else."""


class Newest(NamedTuple):
    """The newest receipt of an account."""

    account: int
    sequence: int
    hash: str


Books = tuple[Newest, ...]
"""Of each account that has one: what all results follow from. While it stays the same, so do they, since whatever is
booked or taken back appends a receipt, and its hash covers those before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """``trades`` that were booked, by their ids, and the positions that those ``closed``."""

    trades: tuple[int, ...]
    closed: tuple[int, ...]


def books(user_id: int) -> Books:
    """One query, a look-up for each account."""
    return tuple(
        Newest(account, sequence, digest)
        for account, sequence, digest in _newest(user_id)
        if sequence is not None and digest is not None
    )


def changes(before: Books, now: Books) -> Changes | None:
    """What leads from ``before`` to ``now``, in two queries; None where that is not trades alone: something was taken
    back, or so much was booked that it does not pay to look at it by itself."""
    known = {one.account: one for one in before}
    grown = [one for one in now if known.get(one.account) != one]
    if not known.keys() <= {one.account for one in now} or len(grown) > MOST_ACCOUNTS:
        return None
    if sum(one.sequence - _sequence(known, one) for one in grown) > MOST_RECEIPTS:
        return None
    trades: list[int] = []
    receipts = _receipts(grown, known)
    for one in grown:
        found = receipts.get(one.account, [])
        if not _follows(found, known.get(one.account), one):
            return None
        trades += [trade for sequence, _, _, trade in found if sequence > _sequence(known, one)]
    return Changes(trades=tuple(trades), closed=tuple(_closed_by(trades)))


Receipt = tuple[int, str, str, int]
"""Sequence, hash, kind, trade id."""


def _receipts(grown: list[Newest], known: Mapping[int, Newest]) -> dict[int, list[Receipt]]:
    """From the one that was the newest on, in their order."""
    found: dict[int, list[Receipt]] = {}
    if not grown:
        return found
    wanted = [Q(account=one.account, sequence__gte=_sequence(known, one), sequence__lte=one.sequence) for one in grown]
    rows = FillReceipt.objects.filter(reduce(or_, wanted)).order_by("account", "sequence")
    for account, sequence, digest, kind, trade in rows.values_list(
        "account_id", "sequence", "hash", "kind", "trade_id"
    ):
        found.setdefault(account, []).append((sequence, digest, kind, trade))
    return found


def _follows(receipts: list[Receipt], was: Newest | None, now: Newest) -> bool:
    """Whether ``receipts`` are fills that lead from one to the other without a gap."""
    start = 1 if was is None else was.sequence
    if not receipts or [sequence for sequence, *_ in receipts] != list(range(start, now.sequence + 1)):
        return False
    if was is not None and receipts[0][1] != was.hash:
        return False
    fresh = receipts if was is None else receipts[1:]
    return receipts[-1][1] == now.hash and all(kind == ReceiptKind.FILL for _, _, kind, _ in fresh)


def _sequence(known: Mapping[int, Newest], one: Newest) -> int:
    was = known.get(one.account)
    return 0 if was is None else was.sequence


def _closed_by(trades: list[int]) -> list[int]:
    sales = PaperTrade.objects.filter(pk__in=trades, side=TradeSide.SELL, status=TradeStatus.FILLED)
    closing = sales.filter(
        position__status=PositionStatus.CLOSED,
        position__result__isnull=False,
        block_number=F("position__closed_block"),
    )
    return sorted({pk for pk in closing.values_list("position_id", flat=True) if pk is not None})


@compiled
def _newest(user_id: int) -> QuerySet[PaperAccount, tuple[int, int | None, str | None]]:
    newest = FillReceipt.objects.filter(account=OuterRef("pk")).order_by("-sequence")
    looked = (
        owned.accounts(user_id)
        .order_by("pk")
        .annotate(last_sequence=Subquery(newest.values("sequence")[:1]), last_hash=Subquery(newest.values("hash")[:1]))
    )
    return looked.values_list("pk", "last_sequence", "last_hash")
