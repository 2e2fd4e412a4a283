"""What a token may do. Every view declares one of these two."""

from typing import TYPE_CHECKING, Any

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

if TYPE_CHECKING:
    from rest_framework.views import APIView  # which imports this module, named in the settings

READ = "read"
TRADE = "trade"
SCOPES = (READ, TRADE)


class ReadScope(BasePermission):
    """The ``read`` scope, whatever the method: for views that change nothing."""

    message = f"this token has no {READ!r} scope"
    code = "scope_missing"

    def has_permission(self, request: Request, view: "APIView") -> bool:
        return READ in granted(request.auth)


class TradeScope(BasePermission):
    """``read`` to look, ``trade`` to change anything."""

    code = "scope_missing"

    def has_permission(self, request: Request, view: "APIView") -> bool:
        needed = READ if request.method in SAFE_METHODS else TRADE
        self.message = f"this token has no {needed!r} scope"
        return needed in granted(request.auth)


def granted(auth: Any) -> frozenset[str]:
    """The scopes of what the request was authenticated with; nothing where that has none."""
    return frozenset(getattr(auth, "scopes", ()))
