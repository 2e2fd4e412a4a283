"""What the endpoints of this app answer with."""

from collections.abc import Iterable
from typing import Any

from rest_framework import serializers

from api.amounts import AmountSchema
from api.permissions import SCOPES
from api.times import moment
from wallet.models import LoginSession
from wallet.services.step_up import ACTIONS


class ChallengeSchema(serializers.Serializer[Any]):
    """``message`` is to be signed as it is (EIP-191 ``personal_sign``), until ``expires_at``."""

    message = serializers.CharField()
    nonce = serializers.CharField()
    expires_at = serializers.DateTimeField()


class LoggedInSchema(serializers.Serializer[Any]):
    user = serializers.CharField()
    address = serializers.CharField()


class MeSchema(serializers.Serializer[Any]):
    """``address`` is the wallet's that logged in, null for a token; null in ``ends_at`` is never."""

    user = serializers.CharField()
    address = serializers.CharField(allow_null=True)
    ends_at = serializers.DateTimeField(allow_null=True)


class LoginSchema(serializers.Serializer[Any]):
    """A browser that is logged in. ``last_seen_at`` is up to a minute late; ``current`` marks the one that asks."""

    id = serializers.IntegerField()
    address = serializers.CharField()
    created_at = serializers.DateTimeField()
    last_seen_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    client_address = serializers.CharField()
    user_agent = serializers.CharField()
    current = serializers.BooleanField()


class LoginsSchema(serializers.Serializer[Any]):
    results = LoginSchema(many=True)


class RevokedSchema(serializers.Serializer[Any]):
    revoked = serializers.IntegerField()


class ApiTokenSchema(serializers.Serializer[Any]):
    """``prefix`` is the beginning of the secret, to tell tokens apart by."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    prefix = serializers.CharField()
    scopes = serializers.ListField(child=serializers.ChoiceField(choices=SCOPES))
    created_at = serializers.DateTimeField()
    last_used_at = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True)
    revoked_at = serializers.DateTimeField(allow_null=True)


class NewTokenSchema(ApiTokenSchema):
    """``secret`` is told here and never again."""

    secret = serializers.CharField()


class WalletSchema(serializers.Serializer[Any]):
    """Whoever holds the key of one with ``can_login`` may log in; the others are only looked at."""

    id = serializers.IntegerField()
    address = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    can_login = serializers.BooleanField()
    created_at = serializers.DateTimeField()


class BalanceBlockSchema(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    hash = serializers.CharField()
    timestamp = serializers.IntegerField()


class WalletBalancesSchema(serializers.Serializer[Any]):
    """What the chain says that the address holds at the end of ``block``: the native money first, then every token of
    the network's list, but for those in ``unreadable``: their contracts gave no number."""

    chain = serializers.CharField()
    address = serializers.CharField()
    block = BalanceBlockSchema()
    balances = AmountSchema(many=True)
    unreadable = serializers.ListField(child=serializers.CharField())


class StepUpSchema(serializers.Serializer[Any]):
    """Allowed once, until ``expires_at``."""

    action = serializers.ChoiceField(choices=list(ACTIONS))
    expires_at = serializers.DateTimeField()


class TicketSchema(serializers.Serializer[Any]):
    """``ticket`` opens one WebSocket, once, until ``expires_at``."""

    ticket = serializers.CharField()
    expires_at = serializers.DateTimeField()


def shape_challenge(challenge: Any) -> dict[str, Any]:
    return {"message": challenge.message, "nonce": challenge.nonce, "expires_at": moment(challenge.expires_at)}


def shape_logins(logins: Iterable[LoginSession], current: int) -> list[dict[str, Any]]:
    return [
        {
            "id": login.pk,
            "address": login.wallet.address,
            "created_at": moment(login.created_at),
            "last_seen_at": moment(login.last_seen_at),
            "ends_at": moment(login.ends_at),
            "client_address": login.client_address,
            "user_agent": login.user_agent,
            "current": login.pk == current,
        }
        for login in logins
    ]


def shape_token(token: Any) -> dict[str, Any]:
    """``token`` is a row of ``wallet.selectors.owned`` or a model."""
    return {
        "id": token.id,
        "name": token.name,
        "prefix": token.prefix,
        "scopes": token.granted,
        "created_at": moment(token.created_at),
        "last_used_at": moment(token.last_used_at),
        "expires_at": moment(token.expires_at),
        "revoked_at": moment(token.revoked_at),
    }


def shape_wallet(wallet: Any) -> dict[str, Any]:
    """``wallet`` is a row of ``wallet.selectors.owned`` or a model."""
    return {
        "id": wallet.id,
        "address": wallet.address,
        "label": wallet.label,
        "can_login": wallet.can_login,
        "created_at": moment(wallet.created_at),
    }
