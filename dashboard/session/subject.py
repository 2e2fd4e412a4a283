"""The session that a page is about, and what the page needs everywhere: its account, its tokens."""

from dataclasses import dataclass, field

from django.db.models import QuerySet
from django.http import Http404

from api.parameters import MOST_NUMBER
from api.statements import compiled
from dex.types import Token
from paper_trading.models import LIVE_STATUSES, BotSession, SessionStatus
from paper_trading.selectors import owned
from paper_trading.selectors.rows import Holder, Row, holder_of
from paper_trading.selectors.token_book import TokenBook
from paper_trading.tokens import NATIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """``row`` is one of ``rows.SESSION``."""

    user_id: int
    row: Row
    holder: Holder
    book: TokenBook = field(default_factory=TokenBook)

    @property
    def pk(self) -> int:
        return int(self.row.id)

    @property
    def is_live(self) -> bool:
        return self.row.status in LIVE_STATUSES

    @property
    def is_stopping(self) -> bool:
        return self.is_live and (
            self.row.status == SessionStatus.STOPPING or self.row.desired_status == SessionStatus.ENDED
        )

    @property
    def quote(self) -> Token:
        return self.token(self.holder.quote_token)

    @property
    def native(self) -> Token:
        return self.token(NATIVE)

    def token(self, address: str) -> Token:
        return self.book.token(self.holder.chain_id, address)

    def know(self, *addresses: str) -> None:
        """So that ``token`` does: one query at most, none for those that a network file lists."""
        self.book.load((self.holder.chain_id, address) for address in addresses)


def subject_of(user_id: int, session_id: int) -> Subject:
    """Raises ``Http404`` for a session that is not there, or not the user's."""
    found = _session(user_id, session_id) if session_id <= MOST_NUMBER else []
    if not found:
        raise Http404(f"you have no session {session_id}")
    subject = Subject(user_id=user_id, row=found[0], holder=holder_of(found[0]))
    subject.know(subject.holder.quote_token, NATIVE)
    return subject


@compiled
def _session(user_id: int, session_id: int) -> QuerySet[BotSession, Row]:
    return owned.session_rows(user_id).filter(pk=session_id)
