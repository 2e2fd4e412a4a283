"""Bot sessions: lists, one, rename, archive, stop, pause."""

from collections.abc import Sequence
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api.inputs import Input, Line, NoInput, body
from api.lists import Filter, ListApi, Rows
from api.parameters import flag
from api.permissions import ReadScope, TradeScope
from api.views import ApiView
from paper_trading.api_views.bot_inputs import BY_API, MOST_NAME, MOST_REASON
from paper_trading.api_views.filters import CHAIN, of_account, one_of, present
from paper_trading.api_views.find import find, find_row, user_of
from paper_trading.api_views.shapes.sessions import SessionSchema, shape_sessions
from paper_trading.models import LIVE_STATUSES, BotSession, SessionStatus
from paper_trading.selectors import owned
from paper_trading.selectors.rows import Row
from paper_trading.services import control


class RenameInput(Input):
    name = Line(max_length=MOST_NAME, allow_blank=True)


class StopInput(Input):
    reason = Line(max_length=MOST_REASON, required=False, default=BY_API)


class SessionsApi(ListApi):
    permission_classes = [ReadScope]
    operation = "sessions_list"
    summary = "All sessions, newest first"
    rows = owned.session_rows
    row = SessionSchema
    csv_name = "sessions"
    orderings = {"id": "id", "created_at": "created_at", "chain": "chain", "intel_level": "intel_level"}

    @staticmethod
    def _live(rows: Rows, value: bool, request: Request) -> Rows:
        return rows.filter(status__in=LIVE_STATUSES) if value else rows.exclude(status__in=LIVE_STATUSES)

    filters = {
        "status": one_of("status", list(SessionStatus)),
        "chain": Filter(parameter=CHAIN, lookup="account__chain_id"),
        "account": of_account(),
        "archived": present("archived_at", "archived ones, or those that are not"),
        "live": Filter(parameter=flag(description="those that have not ended, or those that have"), lookup=_live),
    }

    def shape(self, rows: Sequence[Row]) -> list[dict[str, Any]]:
        return shape_sessions(rows)


def answer(request: Request, pk: int, status: int = 200) -> Response:
    row = find_row(owned.session_rows, user_of(request).pk, pk)
    return Response(shape_sessions([row])[0], status=status)


class OneSessionApi(ApiView):
    """What every action on one session begins with."""

    permission_classes = [TradeScope]

    def session(self, request: Request, pk: int) -> BotSession:
        return find(owned.sessions, user_of(request).pk, pk)


class SessionApi(OneSessionApi):
    @extend_schema(operation_id="sessions_read", summary="One session", responses=SessionSchema)
    def get(self, request: Request, pk: int) -> Response:
        return answer(request, pk)

    @extend_schema(
        operation_id="sessions_rename", summary="Rename a session", request=RenameInput, responses=SessionSchema
    )
    def patch(self, request: Request, pk: int) -> Response:
        wanted = body(request, RenameInput)
        control.rename(session=self.session(request, pk), name=wanted["name"])
        return answer(request, pk)


class StopApi(OneSessionApi):
    @extend_schema(
        operation_id="sessions_stop",
        summary="Ask a session to end; again changes nothing",
        request=StopInput,
        responses={202: SessionSchema},
    )
    def post(self, request: Request, pk: int) -> Response:
        wanted = body(request, StopInput)
        control.request_stop(session=self.session(request, pk), reason=wanted["reason"])
        return answer(request, pk, 202)


class PauseApi(OneSessionApi):
    @extend_schema(
        operation_id="sessions_pause",
        summary="Buy nothing more by itself; sales and orders by hand go on",
        request=NoInput,
        responses=SessionSchema,
    )
    def post(self, request: Request, pk: int) -> Response:
        body(request, NoInput)
        control.pause_entries(session=self.session(request, pk), paused=True)
        return answer(request, pk)


class ResumeApi(OneSessionApi):
    @extend_schema(operation_id="sessions_resume", summary="Buy again", request=NoInput, responses=SessionSchema)
    def post(self, request: Request, pk: int) -> Response:
        body(request, NoInput)
        control.pause_entries(session=self.session(request, pk), paused=False)
        return answer(request, pk)


class ArchiveApi(OneSessionApi):
    @extend_schema(
        operation_id="sessions_archive",
        summary="Put an ended session out of the usual lists; nothing is deleted",
        request=NoInput,
        responses=SessionSchema,
    )
    def post(self, request: Request, pk: int) -> Response:
        body(request, NoInput)
        control.archive(session=self.session(request, pk), archived=True)
        return answer(request, pk)


class UnarchiveApi(OneSessionApi):
    @extend_schema(
        operation_id="sessions_unarchive",
        summary="Put a session back into the usual lists",
        request=NoInput,
        responses=SessionSchema,
    )
    def post(self, request: Request, pk: int) -> Response:
        body(request, NoInput)
        control.archive(session=self.session(request, pk), archived=False)
        return answer(request, pk)
