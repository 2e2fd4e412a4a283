"""Signatures for single actions."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api.inputs import body
from api.times import moment
from api.views import ApiView
from wallet.api_views.auth import login_of
from wallet.api_views.inputs import SignedInput, StepUpInput
from wallet.api_views.shapes import ChallengeSchema, StepUpSchema, shape_challenge
from wallet.pages import require_own_page
from wallet.permissions import LoginRequired
from wallet.services.login import Proof
from wallet.services.step_up import ask_step_up, grant_step_up
from wallet.throttles import count_client


class AskStepUpApi(ApiView):
    permission_classes = [LoginRequired]

    @extend_schema(
        operation_id="auth_step_up",
        summary="A message to sign, to allow one action once",
        request=StepUpInput,
        responses={201: ChallengeSchema},
    )
    def post(self, request: Request) -> Response:
        count_client(request)
        wanted = body(request, StepUpInput)
        origin = require_own_page(request._request)
        challenge = ask_step_up(login=login_of(request), origin=origin, now=timezone.now(), **wanted)
        return Response(shape_challenge(challenge), status=201)


class GrantStepUpApi(ApiView):
    permission_classes = [LoginRequired]

    @extend_schema(
        operation_id="auth_step_up_verify",
        summary="Allow the action with the signed message",
        request=SignedInput,
        responses=StepUpSchema,
    )
    def post(self, request: Request) -> Response:
        count_client(request)
        signed = body(request, SignedInput)
        proof = Proof(**signed, binding="", origin=require_own_page(request._request))
        granted = grant_step_up(login=login_of(request), proof=proof)
        return Response({"action": granted.action, "expires_at": moment(granted.expires_at)})
