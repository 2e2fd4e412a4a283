"""What the bot thought of a token, as the API shows it; what it did not trade included."""

from collections.abc import Sequence
from typing import Any

from rest_framework import serializers

from api.times import moment
from paper_trading.api_views.shapes.parts import Money, TokenRefSchema
from paper_trading.selectors.rows import Holder, Row, holder_of


class EvidenceSchema(serializers.Serializer[Any]):
    name = serializers.CharField()
    value = serializers.JSONField()
    unit = serializers.CharField(allow_blank=True)


class ReadingSchema(serializers.Serializer[Any]):
    """``score`` is in [-1, 1], above 0 speaks for buying; ``confidence`` in [0, 1]."""

    signal = serializers.CharField()
    score = serializers.FloatField()
    confidence = serializers.FloatField()
    expected_move_bps = serializers.FloatField()
    reason = serializers.CharField(allow_blank=True)
    evidence = EvidenceSchema(many=True)


class DecisionSchema(serializers.Serializer[Any]):
    """A thought that stayed the same is one row: it held from ``block_number`` to ``last_block``, ``repeats`` times.
    ``code`` says in one word why it was or was not traded."""

    id = serializers.IntegerField()
    session = serializers.IntegerField()
    token = TokenRefSchema()
    block_number = serializers.IntegerField()
    block_hash = serializers.CharField()
    last_block = serializers.IntegerField()
    repeats = serializers.IntegerField()
    action = serializers.CharField()
    code = serializers.CharField()
    edge_bps = serializers.IntegerField()
    confidence_pct = serializers.IntegerField()
    reasons = serializers.ListField(child=serializers.CharField())
    readings = ReadingSchema(many=True)
    created_at = serializers.DateTimeField()


class DecisionDetailSchema(DecisionSchema):
    """``trades`` are the orders that came of it."""

    trades = serializers.ListField(child=serializers.IntegerField())


def shape_decisions(decisions: Sequence[Row]) -> list[dict[str, Any]]:
    """``decisions`` are rows of ``rows.DECISION``; one query at most."""
    rows = [(decision, holder_of(decision)) for decision in decisions]
    money = Money((), ((holder, decision.token) for decision, holder in rows))
    return [_shape(decision, holder, money) for decision, holder in rows]


def _shape(decision: Row, holder: Holder, money: Money) -> dict[str, Any]:
    return {
        "id": decision.id,
        "session": decision.session_id,
        "token": money.token(holder, decision.token),
        "block_number": decision.block_number,
        "block_hash": decision.block_hash,
        "last_block": decision.last_block,
        "repeats": decision.repeats,
        "action": decision.action,
        "code": decision.code,
        "edge_bps": decision.edge_bps,
        "confidence_pct": decision.confidence_pct,
        "reasons": decision.reasons,
        "readings": decision.readings,
        "created_at": moment(decision.created_at),
    }
