import secrets

from django.conf import settings
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api.errors import ApiError
from api.inputs import body
from api.schema import ErrorSchema
from wallet.addresses import checksummed
from wallet.api_views.inputs import ChallengeInput
from wallet.api_views.public import PublicLoginApi
from wallet.api_views.shapes import ChallengeSchema, shape_challenge
from wallet.errors import WrongLoginChain
from wallet.services.challenges import issue_login_challenge
from wallet.throttles import count_address

BINDING_BYTES = 32
COOKIE_PATH = "/api/auth/"


class ChallengeApi(PublicLoginApi):
    @extend_schema(
        operation_id="auth_challenge",
        summary="A message to sign, to log in with a wallet; the answer's cookie binds it to this browser",
        request=ChallengeInput,
        responses={201: ChallengeSchema, 403: ErrorSchema},
    )
    def post(self, request: Request) -> Response:
        asked = body(request, ChallengeInput)
        address = checksummed(asked["address"])
        count_address(address)
        binding = secrets.token_urlsafe(BINDING_BYTES)
        try:
            challenge = issue_login_challenge(
                address=address, chain_id=asked["chain_id"], origin=self.origin, binding=binding, now=timezone.now()
            )
        except WrongLoginChain as error:
            accepted = [str(known) for known in error.accepted]
            raise ApiError(400, "wrong_chain", str(error), {"chain_id": accepted}) from error
        response = Response(shape_challenge(challenge), status=201)
        response.set_cookie(
            settings.LOGIN_COOKIE_NAME,
            binding,
            max_age=settings.LOGIN_CHALLENGE_SECONDS,
            path=COOKIE_PATH,
            secure=settings.PRODUCTION,
            httponly=True,
            samesite="Strict",
        )
        return response
