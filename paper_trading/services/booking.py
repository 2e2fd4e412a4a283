"""Booking a fill and taking one back: trade, entries, position and receipt together or not at all."""

from datetime import UTC, datetime

from django.db import transaction

from dex.types import BlockRef
from paper_trading.errors import AlreadyBooked, UnbookRefused
from paper_trading.models import BOOKED_STATUSES, BotSession, PaperAccount, PaperTrade, TradeStatus
from paper_trading.selectors import balances, last_receipt_of
from paper_trading.services.fill import Fill, Witness
from paper_trading.services.ledger import book_gas, book_swap, reverse
from paper_trading.services.positions import position_for, recompute
from paper_trading.services.postings import lock_account
from paper_trading.services.receipts import WalletBefore, append_receipt, append_reversal
from paper_trading.tokens import NATIVE

FILLABLE = (TradeStatus.PENDING, TradeStatus.UNBOOKED)


@transaction.atomic
def book_fill(*, session: BotSession, trade: PaperTrade, fill: Fill, gas_quote: int = 0) -> None:
    """Books ``fill``; booking the same fill again changes nothing. ``gas_quote`` is its fee in quote token base units.

    Raises AlreadyBooked when the trade has another outcome, InsufficientBalance when the wallet cannot pay for the swap
    or its gas, PositionExceeded when a sale is larger than the open position. Nothing is written then.
    """
    if trade.session_id != session.pk:
        raise ValueError(f"trade {trade.sequence} is not of session {session.pk}")
    account = lock_account(trade.account_id)
    booking = PaperTrade.objects.select_related("session").get(pk=trade.pk)
    if not _is_booked_so(booking, fill):
        _book(booking, account, fill, gas_quote)
    trade.refresh_from_db()


def _is_booked_so(trade: PaperTrade, fill: Fill) -> bool:
    if trade.status in FILLABLE:
        return False
    amounts = (trade.status, trade.block_hash, trade.amount_out, trade.gas_used, trade.fee_paid)
    if amounts == (fill.status, fill.block.hash, fill.amount_out, fill.gas_used, fill.fee_paid):
        return True
    raise AlreadyBooked(f"trade {trade.sequence} is {trade.status} with another outcome")


def _book(trade: PaperTrade, account: PaperAccount, fill: Fill, gas_quote: int) -> None:
    wallet = _wallet_before(trade, account)
    _take_outcome(trade, fill)
    trade.gas_quote = gas_quote
    trade.position = position_for(trade, account, fill.block)
    trade.save()
    if trade.status == TradeStatus.FILLED:
        book_swap(
            trade=trade,
            token_in=trade.token_in,
            amount_in=fill.amount_in,
            token_out=trade.token_out,
            amount_out=fill.amount_out,
            block=fill.block,
        )
    book_gas(trade=trade, wei=fill.fee_paid, block=fill.block)
    append_receipt(trade=trade, fill=fill, wallet=wallet)
    if trade.position is not None:
        recompute(trade.position)


def _wallet_before(trade: PaperTrade, account: PaperAccount) -> WalletBefore:
    held = balances(account)
    return WalletBefore(
        token_in=held.get(trade.token_in, 0), token_out=held.get(trade.token_out, 0), native=held.get(NATIVE, 0)
    )


def _take_outcome(trade: PaperTrade, fill: Fill) -> None:
    trade.status = TradeStatus(fill.status)
    trade.block_number, trade.block_hash = fill.block.number, fill.block.hash
    trade.block_time = datetime.fromtimestamp(fill.block.timestamp, tz=UTC)
    if trade.status == TradeStatus.FILLED:
        trade.amount_in = fill.amount_in
    trade.amount_out = fill.amount_out
    trade.disputed, trade.revert_reason = fill.witness == Witness.DISPUTED, fill.reason
    trade.gas_used, trade.fee_paid = fill.gas_used, fill.fee_paid


@transaction.atomic
def unbook_trade(*, trade: PaperTrade, block: BlockRef) -> None:
    """Takes back a booked trade whose block a reorg removed, as seen at ``block``; doing so again changes nothing.

    The trade can be booked once more. Raises UnbookRefused for any but the newest booked trade of the account, and for
    one from before a reset.
    """
    account = lock_account(trade.account_id)
    booked = PaperTrade.objects.select_related("position").get(pk=trade.pk)
    if booked.status != TradeStatus.UNBOOKED:
        _require_newest(booked, account)
        _unbook(booked, block)
    trade.refresh_from_db()


def _booked_at(trade: PaperTrade) -> int:
    receipt = last_receipt_of(trade)
    return 0 if receipt is None else receipt.sequence


def _require_newest(trade: PaperTrade, account: PaperAccount) -> None:
    if not trade.is_booked:
        raise UnbookRefused(f"trade {trade.sequence} is {trade.status}, not booked")
    if trade.postings.filter(generation__lt=account.generation, reversed_by=None, reverses=None).exists():
        raise UnbookRefused(f"trade {trade.sequence} is from before a reset of the account")
    later = PaperTrade.objects.filter(account=account, status__in=BOOKED_STATUSES)
    if later.filter(receipts__sequence__gt=_booked_at(trade)).exists():
        raise UnbookRefused(f"trade {trade.sequence} is not the newest booked trade of its account")


def _unbook(trade: PaperTrade, block: BlockRef) -> None:
    position = trade.position
    reverse(trade=trade, block=block)
    append_reversal(trade=trade, block=block)
    _forget_outcome(trade)
    trade.save()
    if position is not None:
        recompute(position)


def _forget_outcome(trade: PaperTrade) -> None:
    trade.status = TradeStatus.UNBOOKED
    trade.position = None
    trade.amount_in = int(trade.plan["amount_in"])
    trade.amount_out = trade.block_number = trade.block_time = None
    trade.block_hash = trade.revert_reason = ""
    trade.disputed = False
    trade.gas_used = trade.fee_paid = trade.gas_quote = 0
