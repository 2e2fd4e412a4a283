"""A run as JSON lines: one object a line, amounts as decimal strings of base units with their token beside them."""

import json
from typing import Any

from dex.amounts import exact_units
from dex.types import Token
from paper_trading.bot.report import BlockReport, Booked, Thought
from paper_trading.terminal.words import symbol


def line(kind: str, **values: Any) -> str:
    return json.dumps({"type": kind, "mode": "PAPER", **values}, ensure_ascii=True)


def report_lines(report: BlockReport) -> list[str]:
    """``trade`` for every booked one, ``decision`` for every thought, then ``block`` with the account's state."""
    number = report.block.number
    return [
        *(line("trade", block=number, **_trade(booked, report.quote)) for booked in report.booked),
        *(line("decision", block=number, **_thought(thought)) for thought in report.thoughts),
        *(line("warning", block=number, text=note) for note in report.notes),
        line("block", **_block(report)),
    ]


def money(units: int | None, token: Token) -> dict[str, Any] | None:
    if units is None:
        return None
    return {
        "amount": str(units),
        "decimals": token.decimals,
        "symbol": symbol(token),
        "text": exact_units(units, token.decimals),
    }


def _block(report: BlockReport) -> dict[str, Any]:
    block = report.block
    return {
        "block": block.number,
        "hash": block.hash,
        "timestamp": block.timestamp,
        "base_fee_per_gas": None if block.base_fee_per_gas is None else str(block.base_fee_per_gas),
        "prices": {symbol(token): value for token, value in report.prices.items()},
        "cash": money(report.cash, report.quote),
        "native": str(report.native),
        "equity": money(report.equity, report.quote),
        "start_equity": money(report.start_equity, report.quote),
        "positions": [
            {
                "token": symbol(held.token),
                "address": held.token.address,
                "quantity": money(held.view.quantity, held.token),
                "cost": money(held.view.cost, report.quote),
                "exit_worth": money(held.worth, report.quote),
            }
            for held in report.held
        ],
        "waiting": report.waiting,
        "launches": list(report.launches),
        "decided_ms": round(report.decided_ms, 3),
        "booked_ms": round(report.booked_ms, 3),
    }


def _thought(thought: Thought) -> dict[str, Any]:
    decision = thought.decision
    return {
        "token": symbol(thought.token),
        "address": thought.token.address,
        "action": decision.action.value,
        "code": decision.code,
        "edge_bps": decision.edge_bps,
        "cost_bps": decision.cost_bps,
        "confidence": decision.confidence,
        "reasons": list(decision.reasons),
        "ordered": thought.ordered,
    }


def _trade(booked: Booked, quote: Token) -> dict[str, Any]:
    fill = booked.fill
    token_in, token_out = (quote, booked.token) if booked.side == "buy" else (booked.token, quote)
    return {
        "trade": booked.trade_id,
        "side": booked.side.value,
        "token": symbol(booked.token),
        "status": fill.status.value,
        "fill_block": fill.block.number,
        "amount_in": money(fill.amount_in, token_in),
        "amount_out": money(fill.amount_out, token_out),
        "protocol": booked.plan.path.protocol.value,
        "hops": len(booked.plan.path.hops),
        "gas_used": fill.gas_used,
        "gas_source": fill.gas_source.value,
        "fee_paid": str(fill.fee_paid),
        "witness": fill.witness.value,
        "revert_reason": fill.reason,
        "receipt_ok": booked.receipt_ok,
    }
