"""What a user sees of this app in lists, as named tuples; unordered."""

from typing import Any

from django.db.models import QuerySet

from wallet.models import ApiToken, Wallet

_TOKEN = ("id", "name", "prefix", "granted", "created_at", "last_used_at", "expires_at", "revoked_at")
_WALLET = ("id", "address", "label", "can_login", "created_at")


def token_rows(user_id: int) -> QuerySet[ApiToken, Any]:
    """Revoked and expired ones too."""
    return ApiToken.objects.filter(user=user_id).values_list(*_TOKEN, named=True)


def wallet_rows(user_id: int) -> QuerySet[Wallet, Any]:
    return Wallet.objects.filter(user=user_id).values_list(*_WALLET, named=True)
