from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api.permissions import ReadScope
from api.times import moment
from api.views import ApiView
from wallet.api_views.auth import auth_of
from wallet.api_views.shapes import MeSchema
from wallet.models import LoginSession


class MeApi(ApiView):
    permission_classes = [ReadScope]

    @extend_schema(operation_id="auth_me", summary="Who is logged in here, and until when", responses=MeSchema)
    def get(self, request: Request) -> Response:
        auth = auth_of(request)
        login = auth if isinstance(auth, LoginSession) else None
        return Response(
            {
                "user": auth.user.get_username(),
                "address": None if login is None else login.wallet.address,
                "ends_at": moment(auth.ends_at if isinstance(auth, LoginSession) else auth.expires_at),
            }
        )
