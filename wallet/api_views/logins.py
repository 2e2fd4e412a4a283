"""The browsers that a user is logged in with."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api.inputs import NoInput, body
from api.views import ApiView
from wallet.api_views.auth import login_of
from wallet.api_views.shapes import LoginsSchema, RevokedSchema, shape_logins
from wallet.permissions import LoginRequired
from wallet.selectors.login_sessions import logins_of
from wallet.services.login_sessions import revoke_login, revoke_other_logins

SHOWN = 200


class LoginsApi(ApiView):
    permission_classes = [LoginRequired]

    @extend_schema(
        operation_id="auth_sessions_list",
        summary=f"The browsers that you are logged in with, the newest {SHOWN}",
        responses=LoginsSchema,
    )
    def get(self, request: Request) -> Response:
        login = login_of(request)
        found = logins_of(user=login.user, now=timezone.now()).select_related("wallet").order_by("-pk")[:SHOWN]
        return Response({"results": shape_logins(found, login.pk)})


class LoginApi(ApiView):
    permission_classes = [LoginRequired]

    @extend_schema(
        operation_id="auth_sessions_revoke", summary="Log that browser out", request=None, responses={204: None}
    )
    def delete(self, request: Request, pk: int) -> Response:
        revoke_login(user=login_of(request).user, login_id=pk, now=timezone.now())
        return Response(status=204)


class RevokeOthersApi(ApiView):
    permission_classes = [LoginRequired]

    @extend_schema(
        operation_id="auth_sessions_revoke_others",
        summary="Log all other browsers out",
        request=NoInput,
        responses=RevokedSchema,
    )
    def post(self, request: Request) -> Response:
        body(request, NoInput)
        return Response({"revoked": revoke_other_logins(login=login_of(request), now=timezone.now())})
