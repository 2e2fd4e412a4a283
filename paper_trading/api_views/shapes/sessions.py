"""A bot session as the API shows it."""

from collections.abc import Sequence
from typing import Any

from rest_framework import serializers

from api.amounts import AmountSchema
from api.times import moment
from paper_trading.api_views.shapes.parts import AccountRefSchema, Money, TokenRefSchema, account_ref, bps
from paper_trading.intelligence.intel_slider import IntelSettings, level, with_overrides
from paper_trading.models import LIVE_STATUSES, SessionStatus
from paper_trading.selectors.hosts import Surroundings, surroundings
from paper_trading.selectors.rows import Holder, Row, holder_of

SETTING_FIELDS = tuple(name for name in IntelSettings.__slots__ if name not in ("level", "overridden"))


class SettingsSchema(serializers.Serializer[Any]):
    """What the session runs with; see ``config/levels/``."""

    risk_tolerance = serializers.IntegerField()
    max_position_pct = serializers.IntegerField()
    min_confidence_pct = serializers.IntegerField()
    min_trade_usd = serializers.IntegerField()
    max_open_positions = serializers.IntegerField()
    cooldown_blocks = serializers.IntegerField()
    signals = serializers.ListField(child=serializers.CharField())
    fee_patience_blocks = serializers.IntegerField()
    tolerance_ceiling_bps = serializers.IntegerField()


class HostSchema(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    alive = serializers.BooleanField()


class SessionSchema(serializers.Serializer[Any]):
    """``equity`` is what selling everything would bring as of ``cursor_block``; ``result`` is ``equity`` less
    ``start_equity``. ``blocks_behind`` is how far the bot is behind the head of its chain. ``tokens`` is empty where
    all listed ones are traded."""

    id = serializers.IntegerField()
    name = serializers.CharField(allow_blank=True)
    mode = serializers.ChoiceField(choices=["paper"])
    chain = serializers.CharField()
    account = AccountRefSchema()
    status = serializers.ChoiceField(choices=SessionStatus.choices)
    desired_status = serializers.ChoiceField(choices=SessionStatus.choices)
    live = serializers.BooleanField()
    archived = serializers.BooleanField()
    foreground = serializers.BooleanField()
    recording = serializers.BooleanField()
    intel_level = serializers.IntegerField()
    settings = SettingsSchema()
    overridden = serializers.ListField(child=serializers.CharField())
    tokens = TokenRefSchema(many=True)
    entries_paused = serializers.BooleanField()
    runtime_seconds = serializers.IntegerField(allow_null=True)
    task_id = serializers.CharField(allow_blank=True)
    host = HostSchema(allow_null=True)
    heartbeat_at = serializers.DateTimeField(allow_null=True)
    heartbeat_age_seconds = serializers.FloatField(allow_null=True)
    started_block = serializers.IntegerField(allow_null=True)
    cursor_block = serializers.IntegerField(allow_null=True)
    cursor_hash = serializers.CharField(allow_blank=True)
    head_block = serializers.IntegerField(allow_null=True)
    blocks_behind = serializers.IntegerField(allow_null=True)
    start_equity = AmountSchema(allow_null=True)
    equity = AmountSchema(allow_null=True)
    result = AmountSchema(allow_null=True)
    result_bps = serializers.IntegerField(allow_null=True)
    gas = AmountSchema()
    failures = serializers.IntegerField()
    retry_at = serializers.DateTimeField(allow_null=True)
    last_error = serializers.CharField(allow_blank=True)
    stop_reason = serializers.CharField(allow_blank=True)
    end_reason = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    archived_at = serializers.DateTimeField(allow_null=True)


def shape_sessions(sessions: Sequence[Row]) -> list[dict[str, Any]]:
    """``sessions`` are rows of ``rows.SESSION``; three queries at most."""
    around = surroundings(sessions)
    rows = [(session, holder_of(session)) for session in sessions]
    tokens = ((holder, token) for session, holder in rows for token in session.tokens)
    money = Money((holder for _, holder in rows), tokens)
    return [_shape(session, holder, money, around) for session, holder in rows]


def _is_live(session: Row) -> bool:
    return session.status in LIVE_STATUSES


def _shape(session: Row, holder: Holder, money: Money, around: Surroundings) -> dict[str, Any]:
    return {
        **_wanted(session, holder, money),
        **_progress(session, around),
        **_worth(session, holder, money),
        "failures": session.failures,
        "retry_at": moment(session.retry_at),
        "last_error": session.last_error,
        "stop_reason": session.stop_reason,
        "end_reason": session.end_reason,
        "created_at": moment(session.created_at),
        "ends_at": moment(session.ends_at),
        "ended_at": moment(session.ended_at),
        "archived_at": moment(session.archived_at),
    }


def _wanted(session: Row, holder: Holder, money: Money) -> dict[str, Any]:
    settings = level(session.intel_level)
    if session.overrides:
        settings = with_overrides(settings, session.overrides)
    return {
        "id": session.id,
        "name": session.name,
        "mode": "paper",
        "chain": session.chain,
        "account": account_ref(holder),
        "status": session.status,
        "desired_status": session.desired_status,
        "live": _is_live(session),
        "archived": session.archived_at is not None,
        "foreground": session.foreground != "",
        "recording": session.recording != "",
        "intel_level": session.intel_level,
        "settings": shape_settings(settings),
        "overridden": sorted(settings.overridden),
        "tokens": [money.token(holder, token) for token in session.tokens],
        "entries_paused": session.entries_paused,
        "runtime_seconds": session.runtime,
        "task_id": session.task_id,
    }


def shape_settings(settings: IntelSettings) -> dict[str, Any]:
    values = {name: getattr(settings, name) for name in SETTING_FIELDS}
    return values | {"signals": list(settings.signals)}


def _progress(session: Row, around: Surroundings) -> dict[str, Any]:
    host = around.hosts.get(session.owner) if _is_live(session) else None
    head = around.heads.get(session.account__chain_key)
    beat, cursor = session.heartbeat_at, session.cursor_block
    return {
        "host": None if host is None else {"id": host.number, "alive": host.alive},
        "heartbeat_at": moment(beat),
        "heartbeat_age_seconds": None if beat is None else max(0.0, round((around.now - beat).total_seconds(), 1)),
        "started_block": session.started_block,
        "cursor_block": cursor,
        "cursor_hash": session.cursor_hash,
        "head_block": head,
        "blocks_behind": None if head is None or cursor is None or not _is_live(session) else max(0, head - cursor),
    }


def _worth(session: Row, holder: Holder, money: Money) -> dict[str, Any]:
    start, now = session.start_equity, session.equity
    result = None if start is None or now is None else now - start
    return {
        "start_equity": money.quote(holder, start),
        "equity": money.quote(holder, now),
        "result": money.quote(holder, result),
        "result_bps": bps(result, start),
        "gas": money.quote(holder, session.gas_quote),
    }
