"""What the books' services tell once their transaction is committed; ``docs/feed.md`` has the data of each kind.

Amounts are base units as text. Nothing here asks the database.
"""

from collections.abc import Mapping
from typing import Any

from paper_trading.models import BotSession, Decision, PaperAccount, PaperTrade, Position, TradeSide, TradeStatus
from paper_trading.signals import Change, announce


def order_placed(*, trade: PaperTrade, session: BotSession) -> None:
    data = {
        **_order(trade),
        "decision": trade.decision_id,
        "decided_block": trade.decided_block,
        "deadline": trade.deadline,
        "amount_in": str(trade.amount_in),
        "quoted_out": str(trade.quoted_out),
        "minimum_out": str(trade.minimum_out),
        "exit_reason": trade.exit_reason,
    }
    _tell(_side(trade), session.user_id, trade.session_id, trade.account_id, data)


def order_given_up(*, trade: PaperTrade, status: TradeStatus, reason: str) -> None:
    """``trade`` with its account, as it was before."""
    data = {**_order(trade), "status": status.value, "reason": reason}
    _tell(f"{_side(trade)}_cancel", trade.account.user_id, trade.session_id, trade.account_id, data)


def fill_booked(*, trade: PaperTrade, session: BotSession) -> None:
    data = {
        **_order(trade),
        "position": trade.position_id,
        "block": trade.block_number,
        "block_hash": trade.block_hash,
        "block_time": None if trade.block_time is None else int(trade.block_time.timestamp()),
        "amount_in": str(trade.amount_in),
        "amount_out": None if trade.amount_out is None else str(trade.amount_out),
        "gas_used": trade.gas_used,
        "fee_paid": str(trade.fee_paid),
        "gas_quote": str(trade.gas_quote),
        "disputed": trade.disputed,
        "exit_reason": trade.exit_reason,
        "reason": trade.revert_reason,
    }
    _tell(f"{_side(trade)}_fill", session.user_id, trade.session_id, trade.account_id, data)


def fill_taken_back(*, trade: PaperTrade, session: BotSession, block: int, removed: str) -> None:
    """``removed`` is the hash of the block that is no longer there, ``block`` the number at which that was seen."""
    data = {**_order(trade), "block": block, "removed": removed}
    _tell("reorg", session.user_id, trade.session_id, trade.account_id, data)


def position_changed(*, position: Position, session: BotSession, event: str) -> None:
    """``event`` is opened, changed, closed or undone; ``session`` is the one whose trade did it."""
    data = {
        "position": position.pk,
        "event": event,
        "token": position.token,
        "quantity": str(position.quantity),
        "cost": str(position.cost),
        "proceeds": str(position.proceeds),
        "fees_quote": str(position.fees_quote),
        "result": None if position.result is None else str(position.result),
        "exit_reason": position.exit_reason,
    }
    _tell("position", session.user_id, session.pk, position.account_id, data)


def account_changed(*, account: PaperAccount, event: str) -> None:
    """``event`` is created (it holds nothing yet), opened, reset or closed."""
    data = {
        "event": event,
        "name": account.name,
        "chain_id": account.chain_id,
        "generation": account.generation,
    }
    _tell("account", account.user_id, None, account.pk, data)


def decision_stored(*, decision: Decision, user_id: int) -> None:
    data = {
        "decision": decision.pk,
        "block": decision.block_number,
        "token": decision.token,
        "action": decision.action,
        "code": decision.code,
        "edge_bps": decision.edge_bps,
        "confidence_pct": decision.confidence_pct,
        "reasons": decision.reasons,
    }
    _tell("decision", user_id, decision.session_id, None, data)


def _order(trade: PaperTrade) -> dict[str, Any]:
    return {
        "trade": trade.pk,
        "sequence": trade.sequence,
        "side": str(trade.side),
        "status": str(trade.status),
        "token_in": trade.token_in,
        "token_out": trade.token_out,
    }


def _side(trade: PaperTrade) -> str:
    return "entry" if trade.side == TradeSide.BUY else "exit"


def _tell(kind: str, user_id: int, session_id: int | None, account_id: int | None, data: Mapping[str, Any]) -> None:
    announce(Change(kind=kind, user_id=user_id, session_id=session_id, account_id=account_id, data=data))
