"""What there is to choose from: defaults, statuses, chains, limits, and the slider in plain words."""

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.pages import DEFAULT_LIMIT, MOST_LIMIT
from api.parsers import MOST_BYTES
from api.permissions import ReadScope
from api.views import ApiView
from chain.networks import Network
from paper_trading.api_views.bot_inputs import MOST_NAME, MOST_TOKENS
from paper_trading.api_views.levels import FIELD_WORDS, LEVEL_WORDS, SIGNAL_WORDS
from paper_trading.api_views.shapes.parts import TokenRefSchema
from paper_trading.api_views.shapes.sessions import SettingsSchema, shape_settings
from paper_trading.intelligence.intel_slider import LEVELS, RANGES
from paper_trading.intelligence.signals import SIGNALS
from paper_trading.models import (
    CLAIMABLE_STATUSES,
    LIVE_STATUSES,
    CommandKind,
    CommandStatus,
    PositionStatus,
    SessionStatus,
    TradeSide,
    TradeStatus,
)
from paper_trading.services.deposits import NATIVE_UNITS, QUOTE_UNITS
from paper_trading.services.runtime import MOST_MINUTES
from paper_trading.services.start_request import DEFAULT_LEVEL, MAIN_ACCOUNT
from trading.networks import networks
from trading.selectors.markets import LOCAL_CHAIN


class DefaultsSchema(serializers.Serializer[Any]):
    """What ``bot/start/`` takes where nothing is said. ``chain`` is null where a node is set, whose chain is used."""

    intel = serializers.IntegerField()
    account = serializers.CharField()
    chain = serializers.CharField(allow_null=True)


class StatusesSchema(serializers.Serializer[Any]):
    session = serializers.ListField(child=serializers.CharField())
    live_session = serializers.ListField(child=serializers.CharField())
    claimable_session = serializers.ListField(child=serializers.CharField())
    trade = serializers.ListField(child=serializers.CharField())
    side = serializers.ListField(child=serializers.CharField())
    position = serializers.ListField(child=serializers.CharField())
    command = serializers.ListField(child=serializers.CharField())
    command_kind = serializers.ListField(child=serializers.CharField())


class ConfiguredChainSchema(serializers.Serializer[Any]):
    """``tokens`` are the only ones that a bot may buy; ``deposits`` is what an account starts with, by symbol."""

    name = serializers.CharField()
    chain_id = serializers.IntegerField()
    block_time = serializers.FloatField()
    native_symbol = serializers.CharField()
    quote_token = TokenRefSchema()
    tokens = TokenRefSchema(many=True)
    deposits = serializers.DictField(child=serializers.CharField())


class LimitsSchema(serializers.Serializer[Any]):
    """``requests_*`` are a minute's, null for no limit."""

    page = serializers.IntegerField()
    page_most = serializers.IntegerField()
    body_bytes = serializers.IntegerField()
    name_characters = serializers.IntegerField()
    tokens_per_session = serializers.IntegerField()
    runtime_minutes = serializers.IntegerField()
    requests_per_client = serializers.IntegerField(allow_null=True)
    requests_per_token = serializers.IntegerField(allow_null=True)


class ConfigSchema(serializers.Serializer[Any]):
    mode = serializers.ChoiceField(choices=["paper"])
    defaults = DefaultsSchema()
    statuses = StatusesSchema()
    chains = ConfiguredChainSchema(many=True)
    limits = LimitsSchema()


class ConfigApi(ApiView):
    permission_classes = [ReadScope]

    @extend_schema(operation_id="config_read", summary="What there is to choose from", responses=ConfigSchema)
    def get(self, request: Request) -> Response:
        return Response(
            {
                "mode": "paper",
                "defaults": {
                    "intel": DEFAULT_LEVEL,
                    "account": MAIN_ACCOUNT,
                    "chain": None if settings.RPC_URLS else LOCAL_CHAIN,
                },
                "statuses": _statuses(),
                "chains": [_chain(network) for network in networks().values()],
                "limits": _limits(),
            }
        )


class SettingSchema(serializers.Serializer[Any]):
    """``least`` and ``most`` bound what may be set in a level's place; null for ``signals``, whose ``choices`` are
    the names."""

    name = serializers.CharField()
    meaning = serializers.CharField()
    least = serializers.IntegerField(allow_null=True)
    most = serializers.IntegerField(allow_null=True)
    choices = serializers.ListField(child=serializers.CharField())


class SignalSchema(serializers.Serializer[Any]):
    name = serializers.CharField()
    meaning = serializers.CharField()


class LevelSchema(serializers.Serializer[Any]):
    level = serializers.IntegerField()
    meaning = serializers.CharField()
    settings = SettingsSchema()


class LevelsSchema(serializers.Serializer[Any]):
    """The intel slider, from careful to bold."""

    default = serializers.IntegerField()
    levels = LevelSchema(many=True)
    settings = SettingSchema(many=True)
    signals = SignalSchema(many=True)


class LevelsApi(ApiView):
    permission_classes = [ReadScope]

    @extend_schema(operation_id="config_levels", summary="The intel slider in plain words", responses=LevelsSchema)
    def get(self, request: Request) -> Response:
        return Response(
            {
                "default": DEFAULT_LEVEL,
                "levels": [
                    {"level": number, "meaning": LEVEL_WORDS[number], "settings": shape_settings(level)}
                    for number, level in LEVELS.items()
                ],
                "settings": [_setting(name, meaning) for name, meaning in FIELD_WORDS.items()],
                "signals": [{"name": name, "meaning": meaning} for name, meaning in SIGNAL_WORDS.items()],
            }
        )


def _statuses() -> dict[str, list[str]]:
    return {
        "session": list(SessionStatus.values),
        "live_session": [str(status) for status in LIVE_STATUSES],
        "claimable_session": [str(status) for status in CLAIMABLE_STATUSES],
        "trade": list(TradeStatus.values),
        "side": list(TradeSide.values),
        "position": list(PositionStatus.values),
        "command": list(CommandStatus.values),
        "command_kind": list(CommandKind.values),
    }


def _chain(network: Network) -> dict[str, Any]:
    quote = network.token(network.quote_token)
    tokens = [{"address": one.address, "symbol": one.symbol, "decimals": one.decimals} for one in network.tokens]
    return {
        "name": network.name,
        "chain_id": network.chain_id,
        "block_time": network.block_time,
        "native_symbol": network.native_symbol,
        "quote_token": {"address": quote.address, "symbol": quote.symbol, "decimals": quote.decimals},
        "tokens": tokens,
        "deposits": {quote.symbol: QUOTE_UNITS, network.native_symbol: NATIVE_UNITS},
    }


def _limits() -> dict[str, int | None]:
    return {
        "page": DEFAULT_LIMIT,
        "page_most": MOST_LIMIT,
        "body_bytes": MOST_BYTES,
        "name_characters": MOST_NAME,
        "tokens_per_session": MOST_TOKENS,
        "runtime_minutes": MOST_MINUTES,
        "requests_per_client": settings.API_REQUESTS_PER_CLIENT,
        "requests_per_token": settings.API_REQUESTS_PER_TOKEN,
    }


def _setting(name: str, meaning: str) -> dict[str, Any]:
    least, most = RANGES.get(name, (None, None))
    return {
        "name": name,
        "meaning": meaning,
        "least": least,
        "most": most,
        "choices": list(SIGNALS) if name == "signals" else [],
    }
