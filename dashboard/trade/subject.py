"""The trade that a page is about, and what the page needs everywhere: its account, its tokens."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.http import Http404

from api.parameters import MOST_NUMBER
from api.statements import compiled
from dashboard.subjects import OfAccount
from dex.types import Token
from paper_trading.models import BOOKED_STATUSES, PaperTrade, TradeSide, TradeStatus
from paper_trading.selectors import owned
from paper_trading.selectors.rows import Row, holder_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject(OfAccount):
    """``row`` is one of ``rows.WHOLE_TRADE``."""

    @property
    def is_buy(self) -> bool:
        return bool(self.row.side == TradeSide.BUY)

    @property
    def is_booked(self) -> bool:
        return self.row.status in BOOKED_STATUSES

    @property
    def is_waiting(self) -> bool:
        """What a reorg took away waits as well: it may be filled in another block."""
        return self.row.status in (TradeStatus.PENDING, TradeStatus.UNBOOKED)

    @property
    def token_in(self) -> Token:
        return self.token(self.row.token_in)

    @property
    def token_out(self) -> Token:
        return self.token(self.row.token_out)

    @property
    def traded(self) -> Token:
        """The token that is bought or sold, as against the quote token."""
        return self.token_out if self.is_buy else self.token_in


def subject_of(user_id: int, trade_id: int) -> Subject:
    """Raises ``Http404`` for a trade that is not there, or not the user's."""
    found = _trade(user_id, trade_id) if trade_id <= MOST_NUMBER else []
    if not found:
        raise Http404(f"you have no trade {trade_id}")
    row = found[0]
    subject = Subject(user_id=user_id, row=row, holder=holder_of(row))
    hops = [token for hop in row.plan["path"] for token in (hop["token_in"], hop["token_out"])]
    subject.know(row.token_in, row.token_out, *hops)
    return subject


@compiled
def _trade(user_id: int, trade_id: int) -> QuerySet[PaperTrade, Row]:
    return owned.whole_trade_rows(user_id).filter(pk=trade_id)
