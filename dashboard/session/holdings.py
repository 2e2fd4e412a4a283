"""What a session's account holds and what it waits for: open positions, orders, commands by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from api.statements import compiled
from dashboard.parts import Ask
from dashboard.session.prices import prices_of
from dashboard.session.subject import Subject
from dex.types import Token
from paper_trading.api_views.shapes.parts import bps
from paper_trading.models import (
    CommandKind,
    CommandStatus,
    PaperTrade,
    Position,
    PositionStatus,
    SessionCommand,
    TradeStatus,
)
from paper_trading.models.position import remaining_cost
from paper_trading.selectors import owned
from paper_trading.selectors.rows import Row
from paper_trading.selectors.worths import exit_worths

MOST_OPEN = 50
MOST_ORDERS = 20
MOST_COMMANDS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """An open position. ``worth`` is what selling all of it would bring, ``mid`` the same at the mid price: for
    comparison only. Both, and ``result``, are base units of the quote token, None where that is not known."""

    pk: int
    token: Token
    quantity: int
    cost: int
    worth: int | None
    worth_block: int | None
    mid: int | None
    result: int | None
    result_bps: int | None
    opened_block: int
    opened_at: datetime
    is_selling: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    pk: int
    side: str
    token: Token
    token_in: Token
    token_out: Token
    amount_in: int
    minimum_out: int
    decided_block: int
    deadline: datetime
    exit_reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """``given`` is the token that ``amount`` counts."""

    pk: int
    kind: str
    token: Token | None
    given: Token
    amount: int | None
    status: str
    reason: str
    trades: Sequence[int]
    created_at: datetime
    done_at: datetime | None


def positions(ask: Ask, subject: Subject) -> Mapping[str, Any]:
    rows = _open(subject.user_id, subject.holder.pk)
    worths = exit_worths({row.id: subject.holder.pk for row in rows})
    prices = prices_of(subject.row.account__chain_key)
    selling = _selling(subject)
    subject.know(*(row.token for row in rows))
    holdings = []
    for row in rows:
        token, worth = subject.token(row.token), worths.get(row.id)
        cost = remaining_cost(cost=row.cost, quantity=row.quantity, bought=row.bought)
        amount = None if worth is None else worth.amount
        result = None if amount is None else amount - cost
        holdings.append(
            Holding(
                pk=row.id,
                token=token,
                quantity=row.quantity,
                cost=cost,
                worth=amount,
                worth_block=None if worth is None else worth.block_number,
                mid=at_price(row.quantity, token, subject.quote, prices.get(row.token)),
                result=result,
                result_bps=bps(result, cost),
                opened_block=row.opened_block,
                opened_at=row.opened_at,
                is_selling=row.token in selling or "" in selling,
            )
        )
    can_sell = subject.is_live and not subject.is_stopping
    return {"subject": subject, "quote": subject.quote, "holdings": holdings, "can_sell": can_sell, "now": ask.now}


def at_price(quantity: int, token: Token, quote: Token, price: float | None) -> int | None:
    """``quantity`` at a mid price in whole quote tokens per whole token, in base units of the quote token.

    >>> ether = Token(chain_id=1, address="0xA", symbol="E", decimals=18)
    >>> dollar = Token(chain_id=1, address="0xB", symbol="D", decimals=6)
    >>> at_price(5 * 10**17, ether, dollar, 2000.5)
    1000250000
    """
    if price is None:
        return None
    return int(Decimal(quantity).scaleb(quote.decimals - token.decimals) * Decimal(repr(price)))


def orders(ask: Ask, subject: Subject) -> Mapping[str, Any]:
    """Orders that no block has taken yet, and what was ordered by hand."""
    rows = _pending(subject.user_id, subject.pk)
    commands = _commands(subject.user_id, subject.pk)
    subject.know(*(token for row in rows for token in (row.token_in, row.token_out)))
    subject.know(*(row.token for row in commands if row.token))
    return {
        "subject": subject,
        "orders": [_order(row, subject) for row in rows],
        "commands": [_command(row, subject) for row in commands],
    }


def _order(row: Row, subject: Subject) -> Order:
    return Order(
        pk=row.id,
        side=row.side,
        token=subject.token(row.token_out if row.side == "buy" else row.token_in),
        token_in=subject.token(row.token_in),
        token_out=subject.token(row.token_out),
        amount_in=row.amount_in,
        minimum_out=row.minimum_out,
        decided_block=row.decided_block,
        deadline=datetime.fromtimestamp(row.deadline, tz=UTC),
        exit_reason=row.exit_reason,
    )


def _command(row: Row, subject: Subject) -> Command:
    token = subject.token(row.token) if row.token else None
    return Command(
        pk=row.id,
        kind=row.kind,
        token=token,
        given=subject.quote if token is None or row.kind == CommandKind.BUY else token,
        amount=row.amount,
        status=row.status,
        reason=row.reason,
        trades=list(row.trades),
        created_at=row.created_at,
        done_at=row.done_at,
    )


def _selling(subject: Subject) -> set[str]:
    """Tokens whose sale waits: as a command, or as an order; the empty text for all of them."""
    waiting = set(_waiting_sales(subject.user_id, subject.pk))
    return waiting | {row.token_in for row in _pending(subject.user_id, subject.pk) if row.side == "sell"}


@compiled
def _waiting_sales(user_id: int, session_id: int) -> QuerySet[SessionCommand, str]:
    waiting = owned.command_rows(user_id).filter(session=session_id, status=CommandStatus.WAITING)
    return waiting.exclude(kind=CommandKind.BUY).values_list("token", flat=True)


@compiled
def _open(user_id: int, account_id: int) -> QuerySet[Position, Row]:
    rows = owned.position_rows(user_id).filter(account=account_id, status=PositionStatus.OPEN)
    return rows.order_by("pk")[:MOST_OPEN]


@compiled
def _pending(user_id: int, session_id: int) -> QuerySet[PaperTrade, Row]:
    rows = owned.trade_rows(user_id).filter(session=session_id, status=TradeStatus.PENDING)
    return rows.order_by("-pk")[:MOST_ORDERS]


@compiled
def _commands(user_id: int, session_id: int) -> QuerySet[SessionCommand, Row]:
    return owned.commands_of_session(user_id, session_id).order_by("-pk")[:MOST_COMMANDS]
