from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api.inputs import NoInput, body
from api.permissions import ReadScope
from api.times import moment
from api.views import ApiView
from wallet.api_views.auth import auth_of
from wallet.api_views.shapes import TicketSchema
from wallet.services.tickets import issue_ticket


class SocketTicketApi(ApiView):
    permission_classes = [ReadScope]

    @extend_schema(
        operation_id="auth_socket_ticket",
        summary="A ticket that opens one WebSocket within 30 seconds",
        request=NoInput,
        responses={201: TicketSchema},
    )
    def post(self, request: Request) -> Response:
        body(request, NoInput)
        issued = issue_ticket(auth=auth_of(request), now=timezone.now())
        return Response({"ticket": issued.secret, "expires_at": moment(issued.expires_at)}, status=201)
