from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api.inputs import NoInput, body
from api.views import ApiView
from wallet.permissions import LoginRequired
from wallet.services.login import log_out


class LogoutApi(ApiView):
    permission_classes = [LoginRequired]

    @extend_schema(operation_id="auth_logout", summary="Log out", request=NoInput, responses={204: None})
    def post(self, request: Request) -> Response:
        body(request, NoInput)
        log_out(request._request)
        return Response(status=204)
