"""The account as the bot sees it between two commits."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db.models import Max

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
from paper_trading.selectors.trades import booked_since_reset
from paper_trading.selectors.wallets import balances
from paper_trading.services.orders import WAITING
from paper_trading.tokens import NATIVE
from trading.plan_json import load

ORDER_COLUMNS = ("side", "token_in", "token_out", "plan")


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


def read_book(session: BotSession) -> Book:
    """Positions of the whole account: what an earlier session left open is managed on."""
    pending = PaperTrade.objects.filter(session=session, status__in=WAITING).order_by("sequence").only(*ORDER_COLUMNS)
    return Book(
        balances={Address(token): amount for token, amount in balances(session.account).items()},
        positions={
            Address(row.token): _open_position(row)
            for row in Position.objects.filter(account_id=session.account_id, status=PositionStatus.OPEN)
        },
        pending=tuple(
            Pending(trade_id=row.pk, side=TradeSide(row.side), token=Address(row.token), plan=load(row.plan))
            for row in pending
        ),
        last_trade_blocks=_last_trade_blocks(session),
        gas_quote=BotSession.objects.values_list("gas_quote", flat=True).get(pk=session.pk),
        quarantined=frozenset(
            Address(pool) for pool in QuarantinedPool.objects.filter(session=session).values_list("pool", flat=True)
        ),
    )


def _last_trade_blocks(session: BotSession) -> dict[Address, int]:
    quote = session.account.quote_token
    rows = (
        PaperTrade.objects.filter(session=session, block_number__isnull=False)
        .values("token_in", "token_out")
        .annotate(newest=Max("block_number"))
    )
    last: dict[Address, int] = {}
    for row in rows:
        token = Address(row["token_out"] if row["token_in"] == quote else row["token_in"])
        last[token] = max(row["newest"], last.get(token, 0))
    return last


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
