"""Every thought of the bot, what it did not trade included, and the standing thought of each token."""

from collections.abc import Sequence
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.lists import Filter, ListApi
from api.parameters import line, whole
from api.permissions import ReadScope
from api.views import ApiView
from paper_trading.api_views.filters import TOKEN, of_account, of_session, one_of
from paper_trading.api_views.find import find_row, require, user_of
from paper_trading.api_views.shapes.decisions import DecisionDetailSchema, DecisionSchema, shape_decisions
from paper_trading.intelligence.base import Action
from paper_trading.selectors import owned
from paper_trading.selectors.rows import Row
from paper_trading.selectors.thoughts import standing_thoughts

MOST_CODE = 80


class DecisionsApi(ListApi):
    permission_classes = [ReadScope]
    operation = "decisions_list"
    summary = "What the bot thought of each token, newest first"
    rows = owned.whole_decision_rows
    row = DecisionSchema
    csv_name = "decisions"
    filters = {
        "session": of_session(),
        "account": of_account("session__account"),
        "token": Filter(parameter=TOKEN, lookup="token__in"),
        "action": one_of("action", [action.value for action in Action]),
        "code": Filter(parameter=line(longest=MOST_CODE, description="why, in one word"), lookup="code"),
        # A thought holds for a range of blocks: those that overlap what is asked for.
        "from_block": Filter(parameter=whole(description="first block"), lookup="last_block__gte"),
        "to_block": Filter(parameter=whole(description="last block"), lookup="block_number__lte"),
    }

    def shape(self, rows: Sequence[Row]) -> list[dict[str, Any]]:
        return shape_decisions(rows)


class DecisionApi(ApiView):
    permission_classes = [ReadScope]

    @extend_schema(operation_id="decisions_read", summary="One thought", responses=DecisionDetailSchema)
    def get(self, request: Request, pk: int) -> Response:
        user_id = user_of(request).pk
        decision = find_row(owned.whole_decision_rows, user_id, pk)
        return Response({**shape_decisions([decision])[0], "trades": owned.trades_of_decision(user_id, pk)})


class ThoughtsSchema(serializers.Serializer[Any]):
    session = serializers.IntegerField()
    thoughts = DecisionSchema(many=True)


class ThoughtsApi(ApiView):
    permission_classes = [ReadScope]
    parameters = {"session": whole(minimum=1, required=True, description="the session's id")}

    @extend_schema(
        operation_id="thoughts_read",
        summary="What a session thinks of each token now: the newest thought about it",
        responses=ThoughtsSchema,
    )
    def get(self, request: Request) -> Response:
        user_id, session_id = user_of(request).pk, self.query["session"]
        require(owned.sessions, user_id, session_id)
        thoughts = standing_thoughts(user_id, session_id)
        return Response({"session": session_id, "thoughts": shape_decisions(thoughts)})
