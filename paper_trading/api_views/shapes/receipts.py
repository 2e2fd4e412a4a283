"""A receipt as the API shows it: all that anyone with a node needs to compute the fill again, and its hash."""

from collections.abc import Sequence
from typing import Any

from rest_framework import serializers

from api.amounts import AmountSchema
from api.times import moment
from paper_trading.api_views.shapes.parts import AccountRefSchema, Money, account_ref
from paper_trading.models import ReceiptKind
from paper_trading.selectors.rows import Holder, Row, holder_of


class ReceiptSchema(serializers.Serializer[Any]):
    """``hash`` covers these fields and that of the receipt before it. ``trade_sequence`` is the trade's number within
    the account. ``base_fee`` and ``tip`` are wei per gas; ``balance_in``, ``balance_out`` and ``native_balance`` are
    what the wallet held just before."""

    id = serializers.IntegerField()
    sequence = serializers.IntegerField()
    trade = serializers.IntegerField()
    trade_sequence = serializers.IntegerField()
    account = AccountRefSchema()
    account_address = serializers.CharField()
    kind = serializers.ChoiceField(choices=ReceiptKind.choices)
    reverses = serializers.CharField(allow_blank=True)
    status = serializers.CharField()
    witness = serializers.CharField()
    revert_reason = serializers.CharField(allow_blank=True)
    chain_id = serializers.IntegerField()
    block_number = serializers.IntegerField()
    block_hash = serializers.CharField()
    decision_block = serializers.IntegerField()
    decision_hash = serializers.CharField()
    sender = serializers.CharField()
    router = serializers.CharField()
    calldata = serializers.CharField()
    amount_in = AmountSchema()
    amount_out = AmountSchema()
    minimum_out = AmountSchema()
    model_amount_out = AmountSchema(allow_null=True)
    node_amount_out = AmountSchema(allow_null=True)
    balance_in = AmountSchema()
    balance_out = AmountSchema()
    native_balance = AmountSchema()
    gas_used = serializers.IntegerField()
    gas_source = serializers.CharField()
    base_fee = serializers.CharField(allow_null=True)
    tip = serializers.CharField()
    l1_fee = AmountSchema()
    fee_paid = AmountSchema()
    previous_hash = serializers.CharField()
    hash = serializers.CharField()
    created_at = serializers.DateTimeField()


def shape_receipts(receipts: Sequence[Row]) -> list[dict[str, Any]]:
    """``receipts`` are rows of ``rows.RECEIPT``; one query at most."""
    rows = [(receipt, holder_of(receipt)) for receipt in receipts]
    tokens = ((holder, token) for receipt, holder in rows for token in (receipt.token_in, receipt.token_out))
    money = Money((holder for _, holder in rows), tokens)
    return [_shape(receipt, holder, money) for receipt, holder in rows]


def _shape(receipt: Row, holder: Holder, money: Money) -> dict[str, Any]:
    return {
        "id": receipt.id,
        "sequence": receipt.sequence,
        "trade": receipt.trade_id,
        "trade_sequence": receipt.trade__sequence,
        "account": account_ref(holder),
        "account_address": receipt.account__address,
        "kind": receipt.kind,
        "reverses": receipt.reverses,
        "status": receipt.status,
        "witness": receipt.witness,
        "revert_reason": receipt.revert_reason,
        "chain_id": receipt.chain_id,
        "block_number": receipt.block_number,
        "block_hash": receipt.block_hash,
        "decision_block": receipt.decision_block,
        "decision_hash": receipt.decision_hash,
        "sender": receipt.sender,
        "router": receipt.router,
        "calldata": receipt.calldata,
        **_amounts(receipt, holder, money),
        "gas_used": receipt.gas_used,
        "gas_source": receipt.gas_source,
        "base_fee": None if receipt.base_fee is None else str(receipt.base_fee),
        "tip": str(receipt.tip),
        "previous_hash": receipt.previous_hash,
        "hash": receipt.hash,
        "created_at": moment(receipt.created_at),
    }


def _amounts(receipt: Row, holder: Holder, money: Money) -> dict[str, Any]:
    token_in, token_out = receipt.token_in, receipt.token_out
    return {
        "amount_in": money.of(holder, token_in, receipt.amount_in),
        "amount_out": money.of(holder, token_out, receipt.amount_out),
        "minimum_out": money.of(holder, token_out, receipt.minimum_out),
        "model_amount_out": money.of(holder, token_out, receipt.model_amount_out),
        "node_amount_out": money.of(holder, token_out, receipt.node_amount_out),
        "balance_in": money.of(holder, token_in, receipt.balance_in),
        "balance_out": money.of(holder, token_out, receipt.balance_out),
        "native_balance": money.native(holder, receipt.native_balance),
        "l1_fee": money.native(holder, receipt.l1_fee),
        "fee_paid": money.native(holder, receipt.fee_paid),
    }
