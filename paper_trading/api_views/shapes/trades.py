"""A trade as the API shows it: the order, what became of it, and what it cost."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any

from rest_framework import serializers

from api.amounts import AmountSchema
from api.times import moment
from paper_trading.api_views.shapes.parts import AccountRefSchema, Money, TokenRefSchema, account_ref
from paper_trading.api_views.shapes.receipts import ReceiptSchema
from paper_trading.models import TradeSide, TradeStatus
from paper_trading.selectors.rows import Holder, Row, holder_of

PRICE_DIGITS = Context(prec=18, rounding=ROUND_HALF_EVEN)


class TradeSchema(serializers.Serializer[Any]):
    """``block_number`` is the block that filled it. ``pool_fee``, ``impact`` and ``drift`` (the market's move since the
    decision) explain the amounts; ``gas_native`` is the fee that was charged, ``gas`` its worth in the quote token
    then. ``price`` is quote per token, as filled, for display."""

    id = serializers.IntegerField()
    sequence = serializers.IntegerField()
    chain = serializers.CharField()
    account = AccountRefSchema()
    session = serializers.IntegerField()
    decision = serializers.IntegerField(allow_null=True)
    position = serializers.IntegerField(allow_null=True)
    side = serializers.ChoiceField(choices=TradeSide.choices)
    token = TokenRefSchema()
    status = serializers.ChoiceField(choices=TradeStatus.choices)
    disputed = serializers.BooleanField()
    exit_reason = serializers.CharField(allow_blank=True)
    revert_reason = serializers.CharField(allow_blank=True)
    decided_block = serializers.IntegerField()
    deadline = serializers.DateTimeField()
    block_number = serializers.IntegerField(allow_null=True)
    block_hash = serializers.CharField(allow_blank=True)
    block_time = serializers.DateTimeField(allow_null=True)
    amount_in = AmountSchema()
    amount_out = AmountSchema(allow_null=True)
    quoted_out = AmountSchema()
    minimum_out = AmountSchema()
    price = serializers.CharField(allow_null=True)
    pool_fee = AmountSchema()
    impact = AmountSchema()
    drift = AmountSchema()
    gas = AmountSchema()
    gas_native = AmountSchema()
    gas_used = serializers.IntegerField()
    created_at = serializers.DateTimeField()


class HopSchema(serializers.Serializer[Any]):
    pool = serializers.CharField()
    protocol = serializers.CharField()
    token_in = TokenRefSchema()
    token_out = TokenRefSchema()
    fee_pips = serializers.IntegerField()


class PlanSchema(serializers.Serializer[Any]):
    """The router call exactly as it was decided. Fees are wei per gas, as text."""

    router = serializers.CharField()
    sender = serializers.CharField()
    calldata = serializers.CharField()
    path = HopSchema(many=True)
    max_fee_per_gas = serializers.CharField()
    max_priority_fee_per_gas = serializers.CharField()
    decided_hash = serializers.CharField()


class TradeDetailSchema(TradeSchema):
    plan = PlanSchema()
    receipts = ReceiptSchema(many=True)


def shape_trades(trades: Sequence[Row]) -> list[dict[str, Any]]:
    """``trades`` are rows of ``rows.TRADE``; one query at most."""
    holders = [holder_of(trade) for trade in trades]
    tokens = [(holder, token) for holder, trade in zip(holders, trades, strict=True) for token in both_tokens(trade)]
    money = Money(holders, tokens)
    return [shape_trade(trade, holder, money) for trade, holder in zip(trades, holders, strict=True)]


def both_tokens(trade: Row) -> tuple[str, str]:
    return trade.token_in, trade.token_out


def shape_trade(trade: Row, holder: Holder, money: Money) -> dict[str, Any]:
    bought = trade.side == TradeSide.BUY
    return {
        "id": trade.id,
        "sequence": trade.sequence,
        "chain": money.chain(holder),
        "account": account_ref(holder),
        "session": trade.session_id,
        "decision": trade.decision_id,
        "position": trade.position_id,
        "side": trade.side,
        "token": money.token(holder, trade.token_out if bought else trade.token_in),
        "status": trade.status,
        "disputed": trade.disputed,
        "exit_reason": trade.exit_reason,
        "revert_reason": trade.revert_reason,
        "decided_block": trade.decided_block,
        "deadline": moment(datetime.fromtimestamp(trade.deadline, tz=UTC)),
        "block_number": trade.block_number,
        "block_hash": trade.block_hash,
        "block_time": moment(trade.block_time),
        **_amounts(trade, holder, money),
        "gas_used": trade.gas_used,
        "created_at": moment(trade.created_at),
    }


def _amounts(trade: Row, holder: Holder, money: Money) -> dict[str, Any]:
    return {
        "amount_in": money.of(holder, trade.token_in, trade.amount_in),
        "amount_out": money.of(holder, trade.token_out, trade.amount_out),
        "quoted_out": money.of(holder, trade.token_out, trade.quoted_out),
        "minimum_out": money.of(holder, trade.token_out, trade.minimum_out),
        "price": _price(trade, holder, money),
        "pool_fee": money.quote(holder, trade.pool_fee_quote),
        "impact": money.quote(holder, trade.impact_quote),
        "drift": money.quote(holder, trade.drift_quote),
        "gas": money.quote(holder, trade.gas_quote),
        "gas_native": money.native(holder, trade.fee_paid),
    }


def _price(trade: Row, holder: Holder, money: Money) -> str | None:
    """Quote units per whole token at which the trade was filled, to 18 digits."""
    if trade.status != TradeStatus.FILLED or trade.amount_out is None:
        return None
    if trade.side == TradeSide.BUY:
        token, bought, quote = trade.token_out, trade.amount_out, trade.amount_in
    else:
        token, bought, quote = trade.token_in, trade.amount_in, trade.amount_out
    if bought == 0:
        return None
    scale = money.decimals(holder, token) - money.decimals(holder, holder.quote_token)
    return format(PRICE_DIGITS.divide(Decimal(quote), Decimal(bought)).scaleb(scale, PRICE_DIGITS), "f")


def plan_tokens(trade: Row) -> list[str]:
    return [token for hop in trade.plan["path"] for token in (hop["token_in"], hop["token_out"])]


def shape_plan(trade: Row, holder: Holder, money: Money) -> dict[str, Any]:
    plan = trade.plan
    return {
        "router": plan["router"],
        "sender": plan["sender"],
        "calldata": plan["calldata"],
        "path": [
            {
                "pool": hop["pool"],
                "protocol": hop["protocol"],
                "token_in": money.token(holder, hop["token_in"]),
                "token_out": money.token(holder, hop["token_out"]),
                "fee_pips": int(hop["fee_pips"]),
            }
            for hop in plan["path"]
        ],
        "max_fee_per_gas": plan["max_fee_per_gas"],
        "max_priority_fee_per_gas": plan["max_priority_fee_per_gas"],
        "decided_hash": plan["decided_at"]["hash"],
    }
