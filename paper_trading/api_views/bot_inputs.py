"""What ``bot/start/`` and ``bot/stop/`` take."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import User
from rest_framework import serializers

from api.amounts import AmountText
from api.inputs import Input, Line, WholeNumber
from paper_trading.api_views.shapes.sessions import SETTING_FIELDS
from paper_trading.intelligence.signals import SIGNALS
from paper_trading.services.control import StartRequest
from paper_trading.services.runtime import runtime_seconds
from paper_trading.services.start_request import DEFAULT_LEVEL, MAIN_ACCOUNT, start_request

MOST_NAME = 80
MOST_REASON = 200
MOST_TOKENS = 50
MOST_SYMBOL = 42
BY_API = "stopped through the API"


class Minutes(serializers.FloatField):
    """A JSON number above 0; parts of a minute are meant."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=0, max_value=60 * 24 * 366, **kwargs)

    def to_internal_value(self, data: Any) -> float:
        if isinstance(data, bool) or not isinstance(data, int | float):
            self.fail("invalid")
        return float(data)


class OverridesInput(Input):
    """Settings in the place of the level's; ``config/levels/`` says what each means and which values it takes."""

    risk_tolerance = WholeNumber(required=False)
    max_position_pct = WholeNumber(required=False)
    min_confidence_pct = WholeNumber(required=False)
    min_trade_usd = WholeNumber(required=False)
    max_open_positions = WholeNumber(required=False)
    cooldown_blocks = WholeNumber(required=False)
    fee_patience_blocks = WholeNumber(required=False)
    tolerance_ceiling_bps = WholeNumber(required=False)
    signals = serializers.ListField(child=serializers.ChoiceField(choices=tuple(SIGNALS)), required=False)


if set(OverridesInput().fields) != set(SETTING_FIELDS):
    raise TypeError("the overrides of the API are not the settings of a level")


class DepositsField(serializers.DictField):
    """Whole tokens as plain decimal text, by symbol: ``{"USDC": "500"}``."""

    child = AmountText()

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict) and len(data) > MOST_TOKENS:
            raise serializers.ValidationError(f"at most {MOST_TOKENS} tokens")
        if isinstance(data, dict) and any(not 1 <= len(str(name)) <= MOST_SYMBOL or "=" in name for name in data):
            raise serializers.ValidationError(f"a symbol has 1 to {MOST_SYMBOL} characters and no '='")
        return super().to_internal_value(data)


class StartInput(Input):
    """``account`` is a name; one that is not there yet is opened with ``deposits``. Without ``runtime_minutes`` the
    session runs until it is stopped; without ``tokens`` it trades all that are listed."""

    chain = Line(max_length=40, required=False, default="", allow_blank=True)
    account = Line(max_length=MOST_NAME, required=False, default=MAIN_ACCOUNT)
    intel = WholeNumber(min_value=1, max_value=10, required=False, default=DEFAULT_LEVEL)
    session_name = Line(max_length=MOST_NAME, required=False, default="", allow_blank=True)
    runtime_minutes = Minutes(required=False, default=None, allow_null=True)
    tokens = serializers.ListField(
        child=Line(max_length=MOST_SYMBOL), required=False, default=list, max_length=MOST_TOKENS
    )
    overrides = OverridesInput(required=False)
    deposits = DepositsField(required=False)


def requested_start(user: User, wanted: Mapping[str, Any], *, key: str = "") -> StartRequest:
    """``wanted`` is what ``StartInput`` took. Raises ``WrongRequest`` with the field that does not fit."""
    return start_request(
        user=user,
        chain=wanted["chain"],
        account=wanted["account"],
        intel=wanted["intel"],
        name=wanted["session_name"],
        overrides=wanted.get("overrides"),
        tokens=wanted["tokens"],
        runtime=runtime_seconds(wanted["runtime_minutes"]),
        deposits=wanted.get("deposits"),
        key=key,
    )


class StopBotInput(Input):
    session_id = WholeNumber(min_value=1, required=False)
    reason = Line(max_length=MOST_REASON, required=False, default=BY_API)
