"""What the accounts were worth in the last day: small, the page of results has all of it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from api.statements import compiled
from dashboard.home.subject import Subject
from dashboard.parts import Ask
from dashboard.performance.curves import MOST_CURVES, Curve, as_json
from dashboard.performance.subject import since_of
from paper_trading.models import PaperAccount
from paper_trading.selectors import owned
from paper_trading.selectors.equity import account_curve, falls
from paper_trading.selectors.rows import Holder
from paper_trading.selectors.token_book import TokenBook

PERIOD = "24h"


def curve(ask: Ask, subject: Subject) -> Mapping[str, Any]:
    """Of the accounts whose sessions run, the newest ones; where none runs, of the newest accounts."""
    shown = list(subject.accounts.values())[:MOST_CURVES] or [Holder._make(row) for row in _newest(subject.user_id)]
    drawn = list(_curves(subject.user_id, shown, since_of(PERIOD, ask.now)))
    relative = len(drawn) > 1
    return {"curves": drawn, "json": as_json(drawn, relative=relative), "relative": relative}


def _curves(user_id: int, accounts: Sequence[Holder], since: datetime | None) -> Iterable[Curve]:
    book = TokenBook().load((account.chain_id, account.quote_token) for account in accounts)
    for account in accounts:
        points = account_curve(user_id, account.pk, since)
        if len(points) > 1:
            quote = book.token(account.chain_id, account.quote_token)
            yield Curve(pk=account.pk, name=account.name, quote=quote, points=points, below=falls(points))


@compiled
def _newest(user_id: int) -> QuerySet[PaperAccount, Any]:
    newest = owned.account_rows(user_id).order_by("-pk")
    return newest.values_list(*Holder._fields)[:MOST_CURVES]
