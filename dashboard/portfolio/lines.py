"""An account as its pages show it: what it is worth, what it holds, and what runs on it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from dex.types import Token
from paper_trading.api_views.shapes.parts import bps
from paper_trading.models import UNOPENED
from paper_trading.selectors.account_worths import AccountWorth, Content, Use
from paper_trading.selectors.rows import Row, holder_of
from paper_trading.selectors.token_book import TokenBook
from paper_trading.services.accounts import RECORDING_KEY
from paper_trading.tokens import NATIVE
from trading.networks import chain_name
from trading.selectors.markets import newest_markets

CURRENT = ""
WAITING = "waits for its first session"
RECORDED = "on a recording"
PUT_ASIDE = "on an earlier instance of the chain"
CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """``bound`` base units of it are in a position, or are what waiting buys would spend. ``share_bps`` is that of all
    that counts; None where the worth is not known."""

    token: Token
    content: Content
    bound: int
    share_bps: int | None

    @property
    def free(self) -> int:
        return self.content.quantity - self.bound

    @property
    def why(self) -> str:
        """Why it counts for nothing, or is not known; empty where it is."""
        if self.content.use == Use.GAS:
            return "pays for gas, not counted"
        if self.content.use == Use.LOOSE:
            return "in no position, not counted"
        if self.content.worth is not None:
            return ""
        return "cannot be sold whole" if self.content.is_unsaleable else "not valued yet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """``row`` is one of ``rows.ACCOUNT``, ``session`` the live one's of ``rows.SESSION`` or None; ``place`` says why it
    is not counted with the others, and is empty for one that is."""

    row: Row
    chain: str
    place: str
    quote: Token
    native: Token
    session: Row | None
    worth: AccountWorth
    holdings: Sequence[Holding]

    @property
    def pk(self) -> int:
        return int(self.row.id)

    @property
    def is_opened(self) -> bool:
        return bool(self.row.chain_key != UNOPENED)

    @property
    def result_bps(self) -> int | None:
        return bps(self.worth.result, self.worth.start)


def lines_of(
    accounts: Sequence[Row], worths: Mapping[int, AccountWorth], sessions: Mapping[int, Row], book: TokenBook
) -> list[Line]:
    """``worths`` and ``sessions`` are by account id; two queries at most."""
    wanted = {(row.chain_id, token) for row in accounts for token in (row.quote_token, NATIVE)}
    wanted |= {(row.chain_id, one.token) for row in accounts for one in worths[row.id].contents}
    book.load(wanted)
    newest = {market.chain__chain_id: market.chain_key for market in newest_markets()}
    return [
        Line(
            row=row,
            chain=chain_name(row.chain_id),
            place=_place(row, newest),
            quote=book.token(row.chain_id, row.quote_token),
            native=book.token(row.chain_id, NATIVE),
            session=sessions.get(row.id),
            worth=worths[row.id],
            holdings=_holdings(row.chain_id, worths[row.id], book),
        )
        for row in accounts
    ]


def by_account(sessions: Iterable[Row]) -> dict[int, Row]:
    return {holder_of(row).pk: row for row in sessions}


def _holdings(chain_id: int, worth: AccountWorth, book: TokenBook) -> list[Holding]:
    return [
        Holding(
            token=book.token(chain_id, one.token),
            content=one,
            bound=worth.ordered if one.use == Use.CASH else one.invested,
            share_bps=bps(one.worth, worth.gross),
        )
        for one in worth.contents
    ]


def _place(row: Row, newest: Mapping[int, str]) -> str:
    if row.closed_at is not None:
        return CLOSED
    if row.chain_key == UNOPENED:
        return WAITING
    if row.chain_key.startswith(RECORDING_KEY):
        return RECORDED
    return CURRENT if newest.get(row.chain_id, row.chain_key) == row.chain_key else PUT_ASIDE
