"""What pages about one thing of an account need everywhere: its account and its tokens."""

from dataclasses import dataclass, field

from dex.types import Token
from paper_trading.selectors.rows import Holder, Row
from paper_trading.selectors.token_book import TokenBook
from paper_trading.tokens import NATIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class OfAccount:
    """``row`` is a named tuple of ``selectors.rows`` and ``holder`` its account."""

    user_id: int
    row: Row
    holder: Holder
    book: TokenBook = field(default_factory=TokenBook)

    @property
    def pk(self) -> int:
        return int(self.row.id)

    @property
    def quote(self) -> Token:
        return self.token(self.holder.quote_token)

    @property
    def native(self) -> Token:
        return self.token(NATIVE)

    def token(self, address: str) -> Token:
        return self.book.token(self.holder.chain_id, address)

    def know(self, *addresses: str) -> None:
        """So that ``token`` does: one query at most, none for those that a network file lists. The quote token and the
        native one are always among them."""
        wanted = (self.holder.quote_token, NATIVE, *addresses)
        self.book.load((self.holder.chain_id, address) for address in wanted)


def session_name(row: Row) -> str:
    """With its number: names are the user's, and need not differ."""
    return f"{row.name} #{row.id}" if row.name else f"Session #{row.id}"
