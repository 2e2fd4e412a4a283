"""The account as the bot sees it between two commits."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from dex.routing.plan import SwapPlan
from dex.types import Address, BlockRef, Token
from paper_trading.intelligence.base import PositionView
from paper_trading.models import (
    BotSession,
    PaperTrade,
    Position,
    PositionStatus,
    QuarantinedPool,
    TradeSide,
)
from paper_trading.models.position import remaining_cost
from paper_trading.position_math import Leg, PositionTotals, add_up
from paper_trading.selectors.positions import stored_totals
from paper_trading.selectors.trades import newest_blocks
from paper_trading.selectors.wallets import balances_by_account
from paper_trading.services.fill import FillStatus
from paper_trading.services.orders import WAITING, GivenUp
from paper_trading.services.ticks import Filled
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
    """``view`` is what ``totals`` come to; the database has the same."""

    totals: PositionTotals
    view: PositionView

    @classmethod
    def of(cls, totals: PositionTotals, *, opened_block: int, opened_time: int, peak_worth: int) -> "OpenPosition":
        view = PositionView(
            quantity=totals.quantity,
            cost=_paid(totals),
            opened_block=opened_block,
            opened_time=opened_time,
            peak_worth=peak_worth,
        )
        return cls(totals=totals, view=view)

    def after(self, leg: Leg) -> "OpenPosition | None":
        """With one more trade; None once the last unit is sold."""
        totals = self.totals.after(leg)
        view = replace(self.view, quantity=totals.quantity, cost=_paid(totals))
        return None if totals.is_closed else OpenPosition(totals=totals, view=view)


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

    def cash(self, quote: Token) -> int:
        return self.balances.get(quote.address, 0)

    @property
    def native(self) -> int:
        return self.balances.get(NATIVE, 0)

    def with_orders(self, orders: Sequence[Pending]) -> "Book":
        """The book as it is read again once ``orders`` have been placed; placing the same order twice is once."""
        known = {pending.trade_id for pending in self.pending}
        new = tuple(order for order in orders if order.trade_id not in known)
        return replace(self, pending=(*self.pending, *new)) if new else self

    def with_peaks(self, peaks: Mapping[Address, int]) -> "Book":
        """The book as it is read again once these exit worths are stored as the highest of their positions."""
        raised = {
            token: replace(position, view=replace(position.view, peak_worth=peaks[token]))
            for token, position in self.positions.items()
            if token in peaks
        }
        return replace(self, positions={**self.positions, **raised}) if raised else self

    def settled(
        self, fills: Sequence[tuple[Pending, Filled]], given_up: Sequence[GivenUp], quarantined: Iterable[Address]
    ) -> "Book":
        """The book as it is read again once these are booked, in their order."""
        book = self
        for pending, filled in fills:
            book = book._after_fill(pending, filled)
        gone = {filled.trade_id for _, filled in fills} | {order.trade_id for order in given_up}
        return replace(
            book,
            pending=tuple(pending for pending in self.pending if pending.trade_id not in gone),
            quarantined=self.quarantined | frozenset(quarantined),
        )

    def _after_fill(self, pending: Pending, filled: Filled) -> "Book":
        plan, fill = pending.plan, filled.fill
        balances = dict(self.balances)
        for token, amount in ((plan.token_in, -fill.amount_in), (plan.token_out, fill.amount_out)):
            if amount != 0:
                balances[token] = balances.get(token, 0) + amount
        if fill.fee_paid != 0:
            balances[NATIVE] = balances.get(NATIVE, 0) - fill.fee_paid
        return replace(
            self,
            balances=balances,
            positions=self._positions_after(pending, filled),
            last_trade_blocks={
                **self.last_trade_blocks,
                pending.token: max(fill.block.number, self.last_trade_blocks.get(pending.token, 0)),
            },
            gas_quote=self.gas_quote + filled.gas_quote,
        )

    def _positions_after(self, pending: Pending, filled: Filled) -> Mapping[Address, OpenPosition]:
        fill, token = filled.fill, pending.token
        bought = fill.status is FillStatus.FILLED and pending.side == TradeSide.BUY
        position = self.positions.get(token)
        if position is None and not bought:
            return self.positions
        quantity = 0 if fill.status is not FillStatus.FILLED else fill.amount_out if bought else -fill.amount_in
        quote = 0 if fill.status is not FillStatus.FILLED else fill.amount_in if bought else fill.amount_out
        before = _opened(fill.block) if position is None else position
        after = before.after(Leg(quantity=quantity, quote=quote, gas_quote=filled.gas_quote))
        others = {address: held for address, held in self.positions.items() if address != token}
        return others if after is None else {**self.positions, token: after}


def _paid(totals: PositionTotals) -> int:
    """For what is still held, with all gas."""
    return remaining_cost(cost=totals.cost, quantity=totals.quantity, bought=totals.bought) + totals.fees_quote


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


def _opened(block: BlockRef) -> OpenPosition:
    """A position before its first trade."""
    nothing = add_up(inherited_quantity=0, inherited_cost=0, legs=())
    return OpenPosition.of(nothing, opened_block=block.number, opened_time=block.timestamp, peak_worth=0)


def _open_position(row: Position) -> OpenPosition:
    return OpenPosition.of(
        stored_totals(row),
        opened_block=row.opened_block,
        opened_time=int(row.opened_at.timestamp()),
        peak_worth=row.peak_worth,
    )
