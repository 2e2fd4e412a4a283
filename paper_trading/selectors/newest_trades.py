"""A user's newest trades over all accounts, without a look at the old ones.

Ordered by id over a join with the accounts, the database sorts every trade of the user. The newest of each account is
one step through the index of its sequences instead, and what is among the newest of all belongs to the accounts whose
newest trades are the newest.
"""

from django.db.models import OuterRef, Q, QuerySet, Subquery

from paper_trading.models import PaperTrade
from paper_trading.selectors import owned, rows
from paper_trading.selectors.rows import Row


def newest_trades(user_id: int, count: int) -> list[Row]:
    """Rows of ``rows.TRADE``, at most ``count``, the newest first; two queries."""
    wanted = Q()
    for account_id, sequence in _newest_of_each(user_id, count):
        # An account numbers its trades without gaps.
        wanted |= Q(account=account_id, sequence__gt=sequence - count)
    if not wanted:
        return []
    return list(PaperTrade.objects.filter(wanted).order_by("-pk").values_list(*rows.TRADE, named=True)[:count])


def _newest_of_each(user_id: int, count: int) -> QuerySet[PaperTrade, tuple[int, int]]:
    """Account and sequence of the newest trade, of the accounts that traded last."""
    newest = PaperTrade.objects.filter(account=OuterRef("pk")).order_by("-sequence").values("pk")[:1]
    trades = owned.accounts(user_id).values_list(Subquery(newest))
    return PaperTrade.objects.filter(pk__in=trades).order_by("-pk").values_list("account_id", "sequence")[:count]
