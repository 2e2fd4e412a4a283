"""Booking fills and taking one back: trade, entries, position and receipt together or not at all."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import transaction

from dex.types import BlockRef
from paper_trading.errors import AlreadyBooked, UnbookRefused
from paper_trading.models import BOOKED_STATUSES, BotSession, FillReceipt, PaperAccount, PaperTrade, TradeStatus
from paper_trading.selectors import last_receipt_of
from paper_trading.selectors.receipts import last_links
from paper_trading.services.announcements import fill_booked, fill_taken_back
from paper_trading.services.fill import Fill, Witness
from paper_trading.services.ledger import gas_posting, reverse, swap_posting
from paper_trading.services.positions import Leg, book_legs, recompute
from paper_trading.services.postings import Draft, write
from paper_trading.services.receipts import WalletBefore, append_reversal, fill_receipt
from paper_trading.services.wallet import LockedWallet, locked_wallets
from paper_trading.tokens import NATIVE
from trading.bulk import insert_rows, write_values

FILLABLE = (TradeStatus.PENDING, TradeStatus.UNBOOKED)
OUTCOME = (
    *("status", "position_id", "block_number", "block_hash", "block_time", "amount_in", "amount_out"),
    *("disputed", "revert_reason", "gas_used", "fee_paid"),
    *("gas_quote", "pool_fee_quote", "impact_quote", "drift_quote"),
)
"""Columns of a trade that its fill sets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FillCosts:
    """What a fill cost in quote token base units: its gas, and what explains its amounts (see ``PaperTrade``)."""

    gas_quote: int = 0
    pool_fee_quote: int = 0
    impact_quote: int = 0
    drift_quote: int = 0


NO_COSTS = FillCosts()


def lock_session(session_id: int, **conditions: int) -> BotSession:
    """The session with its account, both held until the transaction ends, always in this order.

    Raises ``BotSession.DoesNotExist`` where the row does not meet ``conditions``.
    """
    held = BotSession.objects.select_related("account").select_for_update(of=("self", "account"))
    return held.get(pk=session_id, **conditions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """``fill`` for a trade of ``session``, which this transaction holds with its account."""

    session: BotSession
    trade_id: int
    fill: Fill
    costs: FillCosts = NO_COSTS


@transaction.atomic
def book_fill(*, session: BotSession, trade: PaperTrade, fill: Fill, costs: FillCosts = NO_COSTS) -> None:
    """Books ``fill``; booking the same fill again changes nothing.

    Raises AlreadyBooked when the trade has another outcome, InsufficientBalance when the wallet cannot pay for the swap
    or its gas, PositionExceeded when a sale is larger than the open position. Nothing is written then.
    """
    if trade.session_id != session.pk:
        raise ValueError(f"trade {trade.sequence} is not of session {session.pk}")
    locked = lock_session(session.pk)
    book_all([Booking(session=locked, trade_id=trade.pk, fill=fill, costs=costs)])
    trade.refresh_from_db()
    session.gas_quote = locked.gas_quote


def book_all(bookings: Sequence[Booking]) -> None:
    """``book_fill`` of many, in a transaction that holds their sessions and accounts; all are booked or none.

    Those of one account come one after another. The number of statements grows with their number there and with
    nothing else.
    """
    rounds: defaultdict[int, list[Booking]] = defaultdict(list)
    earlier: Counter[int] = Counter()
    for booking in bookings:
        account_id = booking.session.account_id
        rounds[earlier[account_id]].append(booking)
        earlier[account_id] += 1
    for number in sorted(rounds):
        _book_round(rounds[number])


def _book_round(bookings: Sequence[Booking]) -> None:
    """No two are of one account."""
    trades = PaperTrade.objects.in_bulk([booking.trade_id for booking in bookings])
    due = []
    for booking in bookings:
        trade = trades.get(booking.trade_id)
        if trade is None or trade.session_id != booking.session.pk:
            raise PaperTrade.DoesNotExist(f"trade {booking.trade_id} is not of session {booking.session.pk}")
        if not _is_booked_so(trade, booking.fill):
            due.append((booking, trade))
    if due:
        _book(due)


def _is_booked_so(trade: PaperTrade, fill: Fill) -> bool:
    if trade.status in FILLABLE:
        return False
    amounts = (trade.status, trade.block_hash, trade.amount_out, trade.gas_used, trade.fee_paid)
    if amounts == (fill.status, fill.block.hash, fill.amount_out, fill.gas_used, fill.fee_paid):
        return True
    raise AlreadyBooked(f"trade {trade.sequence} is {trade.status} with another outcome")


def _book(due: Sequence[tuple[Booking, PaperTrade]]) -> None:
    accounts = [booking.session.account for booking, _ in due]
    tokens = {NATIVE, *(token for _, trade in due for token in (trade.token_in, trade.token_out))}
    wallets, links = locked_wallets(accounts, tokens), last_links([account.pk for account in accounts])
    for booking, trade in due:
        trade.session, trade.account = booking.session, booking.session.account
        _take_outcome(trade, booking.fill, booking.costs)
    book_legs([Leg(trade=trade, session=booking.session, block=booking.fill.block) for booking, trade in due])
    postings: list[Draft] = []
    receipts = []
    for booking, trade in due:
        wallet = wallets[trade.account_id]
        before = WalletBefore(
            token_in=wallet.held(trade.token_in), token_out=wallet.held(trade.token_out), native=wallet.held(NATIVE)
        )
        postings += _postings(wallet, trade, booking.fill)
        receipts.append(
            fill_receipt(
                account=trade.account, trade=trade, fill=booking.fill, wallet=before, after=links[trade.account_id]
            )
        )
    write_values(PaperTrade, OUTCOME, {trade.pk: [getattr(trade, column) for column in OUTCOME] for _, trade in due})
    write(postings)
    insert_rows(receipts)
    _add_gas([(booking.session, booking.costs.gas_quote) for booking, _ in due])
    for booking, trade in due:
        fill_booked(trade=trade, session=booking.session)


def _postings(wallet: LockedWallet, trade: PaperTrade, fill: Fill) -> list[Draft]:
    drafts = []
    if trade.status == TradeStatus.FILLED:
        drafts.append(
            swap_posting(
                wallet=wallet,
                trade=trade,
                token_in=trade.token_in,
                amount_in=fill.amount_in,
                token_out=trade.token_out,
                amount_out=fill.amount_out,
                block=fill.block,
            )
        )
    gas = gas_posting(wallet=wallet, trade=trade, wei=fill.fee_paid, block=fill.block)
    return drafts if gas is None else [*drafts, gas]


def _add_gas(payments: Sequence[tuple[BotSession, int]]) -> None:
    """``payments`` of different sessions, quote units."""
    due = [(session, amount) for session, amount in payments if amount != 0]
    for session, amount in due:
        session.gas_quote += amount
    write_values(BotSession, ("gas_quote",), {session.pk: (session.gas_quote,) for session, _ in due})


def _take_outcome(trade: PaperTrade, fill: Fill, costs: FillCosts) -> None:
    trade.status = TradeStatus(fill.status)
    trade.block_number, trade.block_hash = fill.block.number, fill.block.hash
    trade.block_time = datetime.fromtimestamp(fill.block.timestamp, tz=UTC)
    if trade.status == TradeStatus.FILLED:
        trade.amount_in = fill.amount_in
    trade.amount_out = fill.amount_out
    trade.disputed, trade.revert_reason = fill.witness == Witness.DISPUTED, fill.reason
    trade.gas_used, trade.fee_paid = fill.gas_used, fill.fee_paid
    trade.gas_quote, trade.pool_fee_quote = costs.gas_quote, costs.pool_fee_quote
    trade.impact_quote, trade.drift_quote = costs.impact_quote, costs.drift_quote


@transaction.atomic
def unbook_trade(*, trade: PaperTrade, block: BlockRef) -> None:
    """Takes back a booked trade whose block a reorg removed, as seen at ``block``; doing so again changes nothing.

    The trade can be booked once more. Raises UnbookRefused for any but the newest booked trade of the account, and for
    one from before a reset.
    """
    session = lock_session(trade.session_id)
    unbook_locked(session=session, wallet=LockedWallet(session.account), trade_id=trade.pk, block=block)
    trade.refresh_from_db()


def unbook_locked(*, session: BotSession, wallet: LockedWallet, trade_id: int, block: BlockRef) -> None:
    """``unbook_trade`` in a transaction that holds the trade's ``session`` and the account of ``wallet`` already."""
    trade = PaperTrade.objects.select_related("position").get(pk=trade_id, session=session)
    if trade.status == TradeStatus.UNBOOKED:
        return
    _require_newest(trade, wallet.account)
    position, gas_quote, removed = trade.position, trade.gas_quote, trade.block_hash
    reverse(wallet=wallet, trade=trade, block=block)
    append_reversal(account=wallet.account, trade=trade, block=block)
    _forget_outcome(trade)
    trade.save(force_update=True)
    if position is not None:
        recompute(position, session=session)
    _add_gas([(session, -gas_quote)])
    fill_taken_back(trade=trade, session=session, block=block.number, removed=removed)


def _require_newest(trade: PaperTrade, account: PaperAccount) -> None:
    if not trade.is_booked:
        raise UnbookRefused(f"trade {trade.sequence} is {trade.status}, not booked")
    if trade.postings.filter(generation__lt=account.generation, reversed_by=None, reverses=None).exists():
        raise UnbookRefused(f"trade {trade.sequence} is from before a reset of the account")
    booked = last_receipt_of(trade)
    later = FillReceipt.objects.filter(account=account, trade__status__in=BOOKED_STATUSES)
    if later.filter(sequence__gt=0 if booked is None else booked.sequence).exists():
        raise UnbookRefused(f"trade {trade.sequence} is not the newest booked trade of its account")


def _forget_outcome(trade: PaperTrade) -> None:
    trade.status = TradeStatus.UNBOOKED
    trade.position = None
    trade.amount_in = int(trade.plan["amount_in"])
    trade.amount_out = trade.block_number = trade.block_time = None
    trade.block_hash = trade.revert_reason = ""
    trade.disputed = False
    trade.gas_used = trade.fee_paid = trade.gas_quote = 0
    trade.pool_fee_quote = trade.impact_quote = trade.drift_quote = 0
