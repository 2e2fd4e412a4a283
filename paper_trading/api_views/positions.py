"""What is held and what was, with exit worth and result."""

from collections.abc import Sequence
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api.lists import Filter, ListApi
from api.parameters import line
from api.permissions import ReadScope
from api.views import ApiView
from paper_trading.api_views.filters import CHAIN, TOKEN, blocks, of_account, of_session, one_of
from paper_trading.api_views.find import find_row, user_of
from paper_trading.api_views.shapes.positions import PositionDetailSchema, PositionSchema, shape_positions
from paper_trading.models import PositionStatus
from paper_trading.selectors import owned
from paper_trading.selectors.rows import Row

MOST_REASON = 80


class PositionsApi(ListApi):
    permission_classes = [ReadScope]
    operation = "positions_list"
    summary = "Open and closed positions, newest first"
    rows = owned.position_rows
    row = PositionSchema
    csv_name = "positions"
    filters = {
        "status": one_of("status", list(PositionStatus)),
        "account": of_account(),
        "session": of_session(),
        "chain": Filter(parameter=CHAIN, lookup="account__chain_id"),
        "token": Filter(parameter=TOKEN, lookup="token__in"),
        "exit_reason": Filter(parameter=line(longest=MOST_REASON), lookup="exit_reason"),
        **blocks("opened_block"),
    }
    orderings = {"id": "id", "opened_block": "opened_block", "opened_at": "opened_at", "cost": "cost"}

    def shape(self, rows: Sequence[Row]) -> list[dict[str, Any]]:
        return shape_positions(rows)


class PositionApi(ApiView):
    permission_classes = [ReadScope]

    @extend_schema(
        operation_id="positions_read", summary="One position with its trades", responses=PositionDetailSchema
    )
    def get(self, request: Request, pk: int) -> Response:
        user_id = user_of(request).pk
        position = find_row(owned.position_rows, user_id, pk)
        return Response({**shape_positions([position])[0], "trades": owned.trades_of_position(user_id, pk)})
