from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api.inputs import body
from api.schema import ErrorSchema
from wallet.api_views.challenge import COOKIE_PATH
from wallet.api_views.inputs import VerifyInput
from wallet.api_views.public import PublicLoginApi
from wallet.api_views.shapes import LoggedInSchema
from wallet.services.login import Proof, log_in


class VerifyApi(PublicLoginApi):
    @extend_schema(
        operation_id="auth_verify",
        summary="Log in with the signed message; sets the session cookie",
        request=VerifyInput,
        responses={200: LoggedInSchema, 403: ErrorSchema},
    )
    def post(self, request: Request) -> Response:
        asked = body(request, VerifyInput)
        proof = Proof(
            message=asked["message"],
            signature=asked["signature"],
            binding=request.COOKIES.get(settings.LOGIN_COOKIE_NAME, ""),
            origin=self.origin,
            bootstrap=asked.get("bootstrap"),
        )
        login = log_in(request._request, proof)
        response = Response({"user": login.user.username, "address": login.wallet.address})
        response.delete_cookie(settings.LOGIN_COOKIE_NAME, path=COOKIE_PATH, samesite="Strict")
        return response
