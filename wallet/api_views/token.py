from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.errors import NotFound
from api.permissions import SCOPES, ReadScope
from api.views import ApiView
from wallet.models import ApiToken


class WhoAmISchema(serializers.Serializer[Any]):
    """The token that the request was made with."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    user = serializers.CharField()
    scopes = serializers.ListField(child=serializers.ChoiceField(choices=SCOPES))
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)


class TokenApi(ApiView):
    permission_classes = [ReadScope]

    @extend_schema(operation_id="token_read", summary="Who am I, and what may I do", responses=WhoAmISchema)
    def get(self, request: Request) -> Response:
        token = request.auth
        if not isinstance(token, ApiToken):
            raise NotFound("this request came with a login, not with a token")
        return Response(
            {
                "id": token.pk,
                "name": token.name,
                "user": token.user.username,
                "scopes": token.granted,
                "created_at": token.created_at,
                "expires_at": token.expires_at,
            }
        )
