"""Start, stop and status, as users of trading bots know them."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from api.amounts import AmountSchema, amount
from api.errors import BadRequest
from api.inputs import body
from api.parameters import whole
from api.permissions import ReadScope, TradeScope
from api.views import ApiView
from paper_trading.api_views.bot_inputs import StartInput, StopBotInput, requested_start
from paper_trading.api_views.find import find, find_row, user_of
from paper_trading.api_views.idempotency import idempotency_key, key_parameter
from paper_trading.api_views.shapes.parts import TokenRefSchema
from paper_trading.api_views.shapes.sessions import SessionSchema, shape_sessions
from paper_trading.models import BotSession, RequestKind, SessionStatus
from paper_trading.selectors import owned
from paper_trading.selectors.live import LiveTotals, live_session_rows, live_sessions, live_totals
from paper_trading.selectors.token_book import TokenBook
from paper_trading.services import control
from paper_trading.services.repeats import came_to, keep
from trading.networks import chain_name


class StartedSchema(serializers.Serializer[Any]):
    """``created`` is false where the account had a live session already, which is then the answer."""

    session_id = serializers.IntegerField()
    task_id = serializers.CharField(allow_blank=True)
    status = serializers.ChoiceField(choices=SessionStatus.choices)
    created = serializers.BooleanField()
    status_url = serializers.URLField()


class StoppedSchema(serializers.Serializer[Any]):
    session_id = serializers.IntegerField()
    task_id = serializers.CharField(allow_blank=True)
    status = serializers.ChoiceField(choices=SessionStatus.choices)
    desired_status = serializers.ChoiceField(choices=SessionStatus.choices)
    stop_reason = serializers.CharField(allow_blank=True)
    status_url = serializers.URLField()


class LiveTotalsSchema(serializers.Serializer[Any]):
    """All live sessions that count in this quote token; amounts are of the ``valued`` ones, whose worth is known."""

    chain = serializers.CharField()
    quote_token = TokenRefSchema()
    sessions = serializers.IntegerField()
    valued = serializers.IntegerField()
    start_equity = AmountSchema()
    equity = AmountSchema()
    result = AmountSchema()


class StatusSchema(serializers.Serializer[Any]):
    """``sessions`` are the live ones, newest first (at most 200), or the one that was asked for."""

    running = serializers.BooleanField()
    live_sessions = serializers.IntegerField()
    totals = LiveTotalsSchema(many=True)
    sessions = SessionSchema(many=True)


class StartApi(ApiView):
    permission_classes = [TradeScope]

    @extend_schema(
        operation_id="bot_start",
        summary="Start a bot in the background; again gives the session that runs",
        request=StartInput,
        responses={202: StartedSchema},
        parameters=[key_parameter("With the same key it is the same start: also once its session has ended.")],
    )
    def post(self, request: Request) -> Response:
        key = idempotency_key(request)
        wanted = body(request, StartInput)
        asked = requested_start(user_of(request), wanted, key=key)
        started = control.start_session(asked)
        session = started.session
        answer = {
            "session_id": session.pk,
            "task_id": session.task_id,
            "status": str(session.status),
            "created": started.created,
            "status_url": _status_url(request, session),
        }
        return Response(answer, status=202)


class StopApi(ApiView):
    permission_classes = [TradeScope]

    @extend_schema(
        operation_id="bot_stop",
        summary="Ask a session to end, the only live one where none is named; again changes nothing",
        request=StopBotInput,
        responses={202: StoppedSchema},
        parameters=[key_parameter("With the same key it is the same stop: no other session is ended by it.")],
    )
    def post(self, request: Request) -> Response:
        user, key = user_of(request), idempotency_key(request)
        wanted = body(request, StopBotInput)
        session = came_to(user=user, kind=RequestKind.STOP, key=key)
        if session is None:
            found = _to_stop(request, wanted.get("session_id"))
            session = keep(user=user, kind=RequestKind.STOP, key=key, session=found)
        if wanted.get("session_id", session.pk) != session.pk:
            raise BadRequest("this key was used to stop another session", "session_id")
        session = control.request_stop(session=session, reason=wanted["reason"])
        answer = {
            "session_id": session.pk,
            "task_id": session.task_id,
            "status": str(session.status),
            "desired_status": str(session.desired_status),
            "stop_reason": session.stop_reason,
            "status_url": _status_url(request, session),
        }
        return Response(answer, status=202)


class StatusApi(ApiView):
    permission_classes = [ReadScope]
    parameters = {"session_id": whole(minimum=1, description="one session, also one that has ended")}

    @extend_schema(operation_id="bot_status", summary="What the bots are doing", responses=StatusSchema)
    def get(self, request: Request) -> Response:
        user_id, wanted = user_of(request).pk, self.query["session_id"]
        shown = live_session_rows(user_id) if wanted is None else [find_row(owned.session_rows, user_id, wanted)]
        totals = live_totals(user_id)
        book = TokenBook().load((one.chain_id, one.quote_token) for one in totals)
        live = sum(one.sessions for one in totals)
        answer = {
            "running": live > 0,
            "live_sessions": live,
            "totals": [_totals(one, book) for one in totals],
            "sessions": shape_sessions(shown),
        }
        return Response(answer)


def _to_stop(request: Request, session_id: int | None) -> BotSession:
    user_id = user_of(request).pk
    if session_id is not None:
        return find(owned.sessions, user_id, session_id)
    live = list(live_sessions(user_id).order_by("-pk")[:2])
    if len(live) == 1:
        return live[0]
    none = "no session runs" if not live else "several sessions run"
    raise BadRequest(f"{none}: name the one to stop", "session_id")


def _status_url(request: Request, session: BotSession) -> str:
    return f"{reverse('paper-bot-status', request=request)}?session_id={session.pk}"


def _totals(totals: LiveTotals, book: TokenBook) -> dict[str, Any]:
    quote = book.token(totals.chain_id, totals.quote_token)
    return {
        "chain": chain_name(totals.chain_id),
        "quote_token": {"address": quote.address, "symbol": quote.symbol, "decimals": quote.decimals},
        "sessions": totals.sessions,
        "valued": totals.valued,
        "start_equity": amount(totals.start_equity, quote),
        "equity": amount(totals.equity, quote),
        "result": amount(totals.equity - totals.start_equity, quote),
    }
