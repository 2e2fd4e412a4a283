"""A user's live sessions and what they are worth together."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from paper_trading.aggregates import ExactSum
from paper_trading.models import LIVE_STATUSES, BotSession, PaperAccount
from paper_trading.selectors import owned


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveTotals:
    """Sums over the sessions that count in one quote token; ``valued`` of them know what they are worth by now, and
    ``equity`` and ``start_equity`` are of those, in base units."""

    chain_id: int
    quote_token: str
    sessions: int
    valued: int
    equity: int
    start_equity: int


def live_sessions(user_id: int) -> QuerySet[BotSession]:
    return owned.sessions(user_id).filter(status__in=LIVE_STATUSES)


def live_totals(user_id: int) -> list[LiveTotals]:
    """One for each quote token on each chain; two queries."""
    chain, quote = "account__chain_id", "account__quote_token"
    live = live_sessions(user_id).order_by().values(chain, quote)
    valued = live.filter(equity__isnull=False, start_equity__isnull=False)
    counted = {(row[chain], row[quote]): row["count"] for row in live.annotate(count=Count("pk"))}
    sums = {
        (row[chain], row[quote]): row
        for row in valued.annotate(count=Count("pk"), equity_sum=ExactSum("equity"), start_sum=ExactSum("start_equity"))
    }
    return [
        LiveTotals(
            chain_id=key[0],
            quote_token=key[1],
            sessions=count,
            valued=sums[key]["count"] if key in sums else 0,
            equity=sums[key]["equity_sum"] if key in sums else 0,
            start_equity=sums[key]["start_sum"] if key in sums else 0,
        )
        for key, count in sorted(counted.items())
    ]


def live_by_account(accounts: Iterable[PaperAccount]) -> dict[int, int]:
    """The live session's id by account id; one query."""
    live = BotSession.objects.filter(account__in=[account.pk for account in accounts], status__in=LIVE_STATUSES)
    return dict(live.values_list("account_id", "pk"))
