"""The account that a page is about, and what the page needs everywhere: its tokens, its session, its worth."""

from dataclasses import dataclass
from functools import cached_property

from django.db.models import QuerySet
from django.http import Http404

from api.parameters import MOST_NUMBER
from api.statements import compiled
from dashboard.portfolio.lines import Line, by_account, lines_of
from dashboard.subjects import OfAccount
from paper_trading.models import PaperAccount
from paper_trading.selectors import owned
from paper_trading.selectors.account_worths import account_worths
from paper_trading.selectors.live import live_by_account
from paper_trading.selectors.rows import Row, holder_of


@dataclass(frozen=True, kw_only=True)
class Subject(OfAccount):
    """``row`` is one of ``rows.ACCOUNT``."""

    @cached_property
    def session(self) -> Row | None:
        live = live_by_account([self.pk]).get(self.pk)
        return None if live is None else next(iter(owned.session_rows(self.user_id).filter(pk=live)), None)

    @cached_property
    def line(self) -> Line:
        sessions = [] if self.session is None else [self.session]
        worths = account_worths(self.user_id, [self.row])
        return lines_of([self.row], worths, by_account(sessions), self.book)[0]


def subject_of(user_id: int, account_id: int) -> Subject:
    """Raises ``Http404`` for an account that is not there, or not the user's."""
    found = _account(user_id, account_id) if account_id <= MOST_NUMBER else []
    if not found:
        raise Http404(f"you have no account {account_id}")
    subject = Subject(user_id=user_id, row=found[0], holder=holder_of(found[0]))
    subject.know()
    return subject


@compiled
def _account(user_id: int, account_id: int) -> QuerySet[PaperAccount, Row]:
    return owned.account_rows(user_id).filter(pk=account_id)
