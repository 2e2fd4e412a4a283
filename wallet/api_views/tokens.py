"""API tokens, made and revoked by whoever is logged in."""

from collections.abc import Sequence
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api.inputs import body
from api.lists import ListApi
from api.views import ApiView
from wallet.api_views.auth import login_of
from wallet.api_views.inputs import TokenInput
from wallet.api_views.shapes import ApiTokenSchema, NewTokenSchema, shape_token
from wallet.permissions import LoginRequired
from wallet.selectors import owned
from wallet.services.api_tokens import create_token, revoke_token


class TokensApi(ListApi):
    permission_classes = [LoginRequired]
    operation = "api_tokens_list"
    summary = "All API tokens, newest first, revoked and expired ones too"
    rows = owned.token_rows
    row = ApiTokenSchema

    def shape(self, rows: Sequence[Any]) -> list[dict[str, Any]]:
        return [shape_token(row) for row in rows]

    @extend_schema(
        operation_id="api_tokens_create",
        summary="A new API token; its secret is told once",
        request=TokenInput,
        responses={201: NewTokenSchema},
    )
    def post(self, request: Request) -> Response:
        wanted = body(request, TokenInput)
        created = create_token(user=login_of(request).user, **wanted)
        return Response({**shape_token(created.token), "secret": created.secret}, status=201)


class ApiTokenApi(ApiView):
    permission_classes = [LoginRequired]

    @extend_schema(
        operation_id="api_tokens_revoke", summary="End a token for good", request=None, responses={204: None}
    )
    def delete(self, request: Request, pk: int) -> Response:
        revoke_token(user=login_of(request).user, token_id=pk)
        return Response(status=204)
