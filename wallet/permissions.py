"""What only a person who logged in may do, and no token: whoever finds a token must not be able to make it last."""

from typing import TYPE_CHECKING

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from api.permissions import READ, granted
from wallet.models import LoginSession

if TYPE_CHECKING:
    from rest_framework.views import APIView


class LoginRequired(BasePermission):
    """A login, whatever the method."""

    code = "login_required"
    message = "log in with your wallet: a token cannot do this"

    def has_permission(self, request: Request, view: "APIView") -> bool:
        return isinstance(request.auth, LoginSession)

    @staticmethod
    def takes_tokens(method: str) -> bool:
        """For the schema: whether ``method`` can be had with a token."""
        return False


class LoginToChange(LoginRequired):
    """The ``read`` scope to look, a login to change anything."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        if request.method in SAFE_METHODS and READ not in granted(request.auth):
            self.code, self.message = "scope_missing", f"this token has no {READ!r} scope"
            return False
        return request.method in SAFE_METHODS or super().has_permission(request, view)

    @staticmethod
    def takes_tokens(method: str) -> bool:
        return method in SAFE_METHODS
