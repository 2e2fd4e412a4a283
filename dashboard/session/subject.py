"""The session that a page is about, and what the page needs everywhere: its account, its tokens."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.http import Http404

from api.parameters import MOST_NUMBER
from api.statements import compiled
from dashboard.subjects import OfAccount
from paper_trading.models import LIVE_STATUSES, BotSession, SessionStatus
from paper_trading.selectors import owned
from paper_trading.selectors.rows import Row, holder_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject(OfAccount):
    """``row`` is one of ``rows.SESSION``."""

    @property
    def is_live(self) -> bool:
        return self.row.status in LIVE_STATUSES

    @property
    def is_stopping(self) -> bool:
        return self.is_live and (
            self.row.status == SessionStatus.STOPPING or self.row.desired_status == SessionStatus.ENDED
        )


def subject_of(user_id: int, session_id: int) -> Subject:
    """Raises ``Http404`` for a session that is not there, or not the user's."""
    found = _session(user_id, session_id) if session_id <= MOST_NUMBER else []
    if not found:
        raise Http404(f"you have no session {session_id}")
    subject = Subject(user_id=user_id, row=found[0], holder=holder_of(found[0]))
    subject.know()
    return subject


@compiled
def _session(user_id: int, session_id: int) -> QuerySet[BotSession, Row]:
    return owned.session_rows(user_id).filter(pk=session_id)
