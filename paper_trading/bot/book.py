"""The account as the bot sees it between two commits."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from dex.market.state import MarketState
from dex.routing.plan import SwapPlan
from dex.types import Address, BlockRef
from paper_trading.intelligence.base import PositionView
from paper_trading.models import (
    BotSession,
    PaperTrade,
    Position,
    PositionStatus,
    QuarantinedPool,
    TradeSide,
)
from paper_trading.selectors.trades import booked_since_reset, newest_blocks
from paper_trading.selectors.wallets import balances_by_account
from paper_trading.services.orders import WAITING
from paper_trading.tokens import NATIVE
from trading.plan_json import load

ORDER_COLUMNS = ("session_id", "side", "token_in", "token_out", "plan")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    trade_id: int
    side: TradeSide
    token: Address
    plan: SwapPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPosition:
    position_id: int
    view: PositionView


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """What the database says after the last commit. Balances are base units; ``pending`` is in the order of decision.

    ``gas_quote`` is all gas that the session paid, in quote units at the time of each payment.
    """

    balances: Mapping[Address, int]
    positions: Mapping[Address, OpenPosition]
    pending: tuple[Pending, ...]
    last_trade_blocks: Mapping[Address, int]
    gas_quote: int
    quarantined: frozenset[Address] = field(default_factory=frozenset)

    @property
    def native(self) -> int:
        return self.balances.get(NATIVE, 0)

    def with_order(self, order: Pending) -> "Book":
        """The book as it is read again once ``order`` has been placed; placing the same order twice is once."""
        if any(pending.trade_id == order.trade_id for pending in self.pending):
            return self
        return replace(self, pending=(*self.pending, order))


def read_book(session: BotSession) -> Book:
    """``read_books`` of one session."""
    return read_books([session])[session.pk]


def read_books(sessions: Iterable[BotSession]) -> dict[int, Book]:
    """The books of ``sessions`` by session id, in the same number of queries however many there are.

    Positions are those of the whole account: what an earlier session left open is managed on.
    """
    columns = ("pk", "account_id", "account__quote_token", "gas_quote")
    rows = BotSession.objects.filter(pk__in=[session.pk for session in sessions]).values_list(*columns)
    known = {pk: (account_id, Address(quote), gas) for pk, account_id, quote, gas in rows}
    account_ids = {account_id for account_id, _, _ in known.values()}
    held, positions = balances_by_account(account_ids), _positions(account_ids)
    pending, quarantined = _pending(known), _quarantined(known)
    last_trades = _last_trade_blocks({pk: quote for pk, (_, quote, _) in known.items()})
    return {
        pk: Book(
            balances={Address(token): amount for token, amount in held[account_id].items()},
            positions=positions[account_id],
            pending=tuple(pending[pk]),
            last_trade_blocks=last_trades[pk],
            gas_quote=gas_quote,
            quarantined=frozenset(quarantined[pk]),
        )
        for pk, (account_id, _, gas_quote) in known.items()
    }


def _positions(account_ids: Collection[int]) -> Mapping[int, dict[Address, OpenPosition]]:
    found: defaultdict[int, dict[Address, OpenPosition]] = defaultdict(dict)
    for row in Position.objects.filter(account_id__in=account_ids, status=PositionStatus.OPEN).order_by("pk"):
        found[row.account_id][Address(row.token)] = _open_position(row)
    return found


def _pending(session_ids: Collection[int]) -> Mapping[int, list[Pending]]:
    found: defaultdict[int, list[Pending]] = defaultdict(list)
    waiting = PaperTrade.objects.filter(session_id__in=session_ids, status__in=WAITING)
    for row in waiting.order_by("sequence").only(*ORDER_COLUMNS):
        found[row.session_id].append(
            Pending(trade_id=row.pk, side=TradeSide(row.side), token=Address(row.token), plan=load(row.plan))
        )
    return found


def _quarantined(session_ids: Collection[int]) -> Mapping[int, list[Address]]:
    found: defaultdict[int, list[Address]] = defaultdict(list)
    rows = QuarantinedPool.objects.filter(session_id__in=session_ids).values_list("session_id", "pool")
    for session_id, pool in rows:
        found[session_id].append(Address(pool))
    return found


def _last_trade_blocks(quote_tokens: Mapping[int, Address]) -> Mapping[int, dict[Address, int]]:
    """The newest booked block of every token by session; ``quote_tokens`` are those of the sessions' accounts."""
    found: defaultdict[int, dict[Address, int]] = defaultdict(dict)
    for session_id, token_in, token_out, newest in newest_blocks(quote_tokens):
        token = Address(token_out if token_in == quote_tokens[session_id] else token_in)
        found[session_id][token] = max(newest, found[session_id].get(token, 0))
    return found


def _open_position(row: Position) -> OpenPosition:
    return OpenPosition(
        position_id=row.pk,
        view=PositionView(
            quantity=row.quantity,
            cost=row.remaining_cost + row.fees_quote,
            opened_block=row.opened_block,
            opened_time=int(row.opened_at.timestamp()),
            peak_worth=row.peak_worth,
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Orphans:
    """``gone`` are blocks that the account booked trades in and that the chain has replaced, newest first.

    ``complete`` is False while the chain is still shorter than the books: what it will hold there cannot be known yet.
    """

    gone: tuple[BlockRef, ...]
    complete: bool


def orphans(session: BotSession, market: MarketState) -> Orphans:
    """Compare the account's bookings, those of ended sessions too, with the chain.

    Blocks older than what the market keeps cannot be judged here; ``verify_trade`` asks the node about those.
    """
    gone: dict[str, BlockRef] = {}
    booked = booked_since_reset(session.account).filter(block_number__gte=market.floor)
    complete = not booked.filter(block_number__gt=market.head.number).exists()
    for trade in booked.filter(block_number__lte=market.head.number).order_by("-block_number"):
        if trade.block_number is None or trade.block_time is None:
            continue
        known = market.block_at(trade.block_number)
        if known is None or known.hash != trade.block_hash:
            gone[trade.block_hash] = BlockRef(
                number=trade.block_number,
                hash=trade.block_hash,
                parent_hash="",
                timestamp=int(trade.block_time.timestamp()),
                base_fee_per_gas=None,
            )
    return Orphans(gone=tuple(gone.values()), complete=complete)
