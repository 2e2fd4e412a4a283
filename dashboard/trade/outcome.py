"""What the chain made of an order, who computed it, what it cost, and what it belongs to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from api.statements import compiled
from dashboard.parts import Ask
from dashboard.trade.subject import Subject
from dex.types import Token
from paper_trading.api_views.shapes.parts import bps
from paper_trading.models import FillReceipt, Position, PositionStatus, ReceiptKind, TradeStatus
from paper_trading.models.position import remaining_cost
from paper_trading.selectors import owned
from paper_trading.selectors.rows import Row
from paper_trading.services.fill import Witness

STATE_WORDS = {
    TradeStatus.PENDING: "It waits for the first block that its fee covers. If none comes before the deadline it"
    " expires and costs nothing.",
    TradeStatus.FILLED: "A block took it: the amounts below were booked, and the receipt proves them.",
    TradeStatus.REVERTED: "The router refused it inside the block. Nothing was swapped; the gas was paid all the same.",
    TradeStatus.EXPIRED: "No block before the deadline could include it. Nothing was swapped and nothing was paid.",
    TradeStatus.CANCELLED: "It was called off before a block took it. Nothing was swapped and nothing was paid.",
    TradeStatus.UNBOOKED: "A reorganisation of the chain took its block away. Everything that was booked for it is"
    " reversed, and both receipts stay for the record. It may still be filled in another block.",
}
DISPUTED_WORDS = (
    "The two witnesses came to different amounts. The node's answer was booked, and the session trades in that pool"
    " no more."
)
WITNESS_WORDS = {
    Witness.BOTH: "Both came to the same amount, to the unit.",
    Witness.MODEL_ONLY: "Only the model computed it: this node cannot simulate a call for others.",
    Witness.NODE_ONLY: "Only the node computed it: there was no model of the pool.",
    Witness.DISPUTED: "They differ. The node's answer was booked.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Base units of the quote token, below 0 where it was in our favour; ``of_size`` its share of the trade."""

    name: str
    meaning: str
    amount: int
    of_size: int | None


def head(ask: Ask, subject: Subject) -> Mapping[str, Any]:
    row = subject.row
    return {
        "subject": subject,
        "trade": row,
        "words": STATE_WORDS[row.status],
        "disputed_words": DISPUTED_WORDS if row.disputed else "",
    }


def outcome(ask: Ask, subject: Subject) -> Mapping[str, Any]:
    row, fill = subject.row, standing_fill(subject)
    difference = None
    if fill is not None and None not in (fill.model_amount_out, fill.node_amount_out):
        difference = fill.node_amount_out - fill.model_amount_out
    return {
        "subject": subject,
        "trade": row,
        "fill": fill,
        "difference": difference,
        "against_quote": None if row.amount_out is None else bps(row.amount_out - row.quoted_out, row.quoted_out),
        "witness_words": "" if fill is None else WITNESS_WORDS.get(fill.witness, fill.witness),
    }


def costs(ask: Ask, subject: Subject) -> Mapping[str, Any]:
    row = subject.row
    size = None
    if row.status == TradeStatus.FILLED:
        size = row.amount_in if subject.is_buy else row.amount_out
    items = [
        ("Pool fees", "What the pools on the way keep of the amount", row.pool_fee_quote),
        ("Price impact", "What the trade's own size moved the price against it", row.impact_quote),
        ("Drift", "What the market moved between the decision and the fill", row.drift_quote),
        ("Gas", "What the network charged, at the price of that moment", row.gas_quote),
    ]
    known = [
        Cost(name=name, meaning=meaning, amount=amount, of_size=bps(amount, size)) for name, meaning, amount in items
    ]
    total = sum(cost.amount for cost in known)
    return {"subject": subject, "costs": known, "total": total, "total_of_size": bps(total, size), "size": size}


def receipts(ask: Ask, subject: Subject) -> Mapping[str, Any]:
    rows = _receipts(subject.user_id, subject.pk)
    return {"subject": subject, "receipts": rows, "facts": [(row, facts_of(row, subject)) for row in rows]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One line of a receipt: an amount of ``token``, or a plain text where that is None."""

    name: str
    value: Any
    token: Token | None = None


def facts_of(row: Row, subject: Subject) -> Sequence[Fact]:
    """Every field that the hash covers but the long ones, which the page shows by themselves."""
    given, got, native = subject.token(row.token_in), subject.token(row.token_out), subject.native
    plain = (
        ("kind", row.kind),
        ("status", row.status + (f": {row.revert_reason}" if row.revert_reason else "")),
        ("witness", row.witness.replace("_", " ")),
        ("chain id", row.chain_id),
        ("number in the account", row.sequence),
        ("trade in the account", row.trade__sequence),
        ("block", f"{row.block_number} {row.block_hash}"),
        ("decided at", f"{row.decision_block} {row.decision_hash}"),
        ("account", row.account__address),
        ("sender", row.sender),
        ("router", row.router),
        ("token given", row.token_in),
        ("token received", row.token_out),
        ("gas used", f"{row.gas_used} ({row.gas_source})"),
        ("base fee", "none" if row.base_fee is None else f"{row.base_fee} wei per gas"),
        ("tip", f"{row.tip} wei per gas"),
    )
    amounts = (
        ("given", row.amount_in, given),
        ("received", row.amount_out, got),
        ("least that was accepted", row.minimum_out, got),
        ("model says", row.model_amount_out, got),
        ("node says", row.node_amount_out, got),
        ("held before, given token", row.balance_in, given),
        ("held before, received token", row.balance_out, got),
        ("held before, for gas", row.native_balance, native),
        ("fee of the layer below", row.l1_fee, native),
        ("fee paid", row.fee_paid, native),
    )
    return [
        *(Fact(name=name, value=value) for name, value in plain),
        *(Fact(name=name, value=value, token=token) for name, value, token in amounts),
    ]


def position(ask: Ask, subject: Subject) -> Mapping[str, Any]:
    """With what its card shows, once it is closed with a result."""
    rows = [] if subject.row.position_id is None else _position(subject.user_id, subject.row.position_id)
    row = rows[0] if rows else None
    told = {"subject": subject, "quote": subject.quote, "position": row, "card": False}
    if row is None:
        return told
    closed = row.status == PositionStatus.CLOSED and row.result is not None
    return told | {
        "reason": row.exit_reason.replace("_", " "),
        "left_cost": remaining_cost(cost=row.cost, quantity=row.quantity, bought=row.bought),
        "result_bps": bps(row.result, row.cost),
        "trades": owned.trades_of_position(subject.user_id, row.id)[:20],
        "card": closed,
        "token": subject.token(row.token),
        **(_card(subject) if closed else {}),
    }


def _card(subject: Subject) -> dict[str, Any]:
    levels = _level(subject.user_id, subject.row.session_id)
    newest = _newest_hash(subject.user_id, subject.holder.pk)
    return {"level": levels[0] if levels else None, "hash": newest[0] if newest else ""}


def standing_fill(subject: Subject) -> Row | None:
    """The receipt of what is booked now, None where nothing is."""
    rows = _receipts(subject.user_id, subject.pk) if subject.is_booked else []
    return rows[-1] if rows and rows[-1].kind == ReceiptKind.FILL else None


@compiled
def _receipts(user_id: int, trade_id: int) -> QuerySet[FillReceipt, Row]:
    return owned.receipts_of_trade(user_id, trade_id).order_by("sequence")


@compiled
def _position(user_id: int, position_id: int) -> QuerySet[Position, Row]:
    return owned.position_rows(user_id).filter(pk=position_id)


@compiled
def _newest_hash(user_id: int, account_id: int) -> QuerySet[FillReceipt, str]:
    rows = owned.receipt_rows(user_id).filter(account=account_id).order_by("-sequence")
    return rows.values_list("hash", flat=True)[:1]


@compiled
def _level(user_id: int, session_id: int) -> QuerySet[Any, int]:
    return owned.session_rows(user_id).filter(pk=session_id).values_list("intel_level", flat=True)
