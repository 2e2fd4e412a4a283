"""All accounts of a visitor, and what those are worth together that can be added up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import F, QuerySet

from api.statements import compiled
from dashboard.parts import Ask
from dashboard.portfolio.lines import CURRENT, WAITING, Line, by_account, lines_of
from dex.types import Token
from paper_trading.api_views.shapes.parts import bps
from paper_trading.models import PaperAccount
from paper_trading.selectors import owned
from paper_trading.selectors.account_worths import account_worths
from paper_trading.selectors.live import live_session_rows
from paper_trading.selectors.rows import Row
from paper_trading.selectors.token_book import TokenBook

MOST_SHOWN = 200
FEW = 3
"""So many accounts show their tokens without being asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """Of all accounts on one chain that count in ``quote``, in its base units; ``unknown`` of them have no worth now.

    The result is that of the accounts whose start is known.
    """

    chain: str
    quote: Token
    accounts: int
    unknown: int
    worth: int | None
    free: int
    ordered: int
    positions: int | None
    result: int | None
    result_bps: int | None


class Subject:
    """Read once for all parts of a page."""

    def __init__(self, user_id: int) -> None:
        self.user_id = user_id

    @cached_property
    def sessions(self) -> Sequence[Row]:
        return live_session_rows(self.user_id)

    @cached_property
    def rows(self) -> Sequence[Row]:
        return _newest(self.user_id)

    @property
    def has_more(self) -> bool:
        return len(self.rows) > MOST_SHOWN

    @cached_property
    def lines(self) -> Sequence[Line]:
        shown = self.rows[:MOST_SHOWN]
        worths = account_worths(self.user_id, shown)
        return lines_of(shown, worths, by_account(self.sessions), TokenBook())


def totals(ask: Ask, subject: Subject) -> Mapping[str, Any]:
    groups: dict[tuple[int, str], list[Line]] = {}
    for line in subject.lines:
        if line.place == CURRENT:
            groups.setdefault((line.row.chain_id, line.row.quote_token), []).append(line)
    return {"totals": [_total(lines) for _, lines in sorted(groups.items())], "has_more": subject.has_more}


def accounts(ask: Ask, subject: Subject) -> Mapping[str, Any]:
    """Those that count, or will with their first session."""
    lines = [line for line in subject.lines if line.place in (CURRENT, WAITING)]
    return {"lines": lines, "are_open": len(lines) <= FEW, "has_more": subject.has_more, "most": MOST_SHOWN}


def others(ask: Ask, subject: Subject) -> Mapping[str, Any]:
    return {"lines": [line for line in subject.lines if line.place not in (CURRENT, WAITING)]}


def _total(lines: Sequence[Line]) -> Total:
    worths = [line.worth for line in lines]
    known = [one for one in worths if one.worth is not None]
    begun = [(one.result, one.start) for one in known if one.result is not None and one.start is not None]
    result, start = sum(result for result, _ in begun), sum(start for _, start in begun)
    return Total(
        chain=lines[0].chain,
        quote=lines[0].quote,
        accounts=len(lines),
        unknown=len(lines) - len(known),
        worth=sum(one.worth for one in known if one.worth is not None) if known else None,
        free=sum(one.free for one in worths),
        ordered=sum(one.ordered for one in worths),
        positions=sum(one.positions for one in known if one.positions is not None) if known else None,
        result=result if begun else None,
        result_bps=bps(result, start) if begun else None,
    )


@compiled
def _newest(user_id: int) -> QuerySet[PaperAccount, Row]:
    """Those that are not closed first."""
    rows = owned.account_rows(user_id).order_by(F("closed_at").desc(nulls_first=True), "-pk")
    return rows[: MOST_SHOWN + 1]
