"""Receipts: of one trade, and of all as the chain that they are."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from rest_framework.request import Request

from api.lists import Filter, ListApi, Rows
from api.parameters import whole
from api.permissions import ReadScope
from paper_trading.api_views.filters import blocks, of_account, of_session, one_of
from paper_trading.api_views.find import require, user_of
from paper_trading.api_views.shapes.receipts import ReceiptSchema, shape_receipts
from paper_trading.models import ReceiptKind
from paper_trading.selectors import owned
from paper_trading.selectors.rows import Row
from paper_trading.services.fill import FillStatus, Witness


def _of_trade(rows: Rows, value: int, request: Request) -> Rows:
    require(owned.trades, user_of(request).pk, value)
    return rows.filter(trade=value)


class ReceiptsApi(ListApi):
    permission_classes = [ReadScope]
    operation = "receipts_list"
    summary = "All receipts, newest first"
    rows: ClassVar[Callable[..., Rows]] = owned.receipt_rows
    row = ReceiptSchema
    csv_name = "receipts"
    filters = {
        "account": of_account(),
        "session": of_session("trade__session"),
        "trade": Filter(parameter=whole(minimum=1, description="the trade's id"), lookup=_of_trade),
        "kind": one_of("kind", list(ReceiptKind)),
        "status": one_of("status", [status.value for status in FillStatus]),
        "witness": one_of("witness", [witness.value for witness in Witness]),
        **blocks("block_number"),
    }

    def shape(self, rows: Sequence[Row]) -> list[dict[str, Any]]:
        return shape_receipts(rows)


class TradeReceiptsApi(ReceiptsApi):
    operation = "trades_receipts_list"
    summary = "A trade's receipts: its fill, and what reorgs made of it"
    rows = owned.receipts_of_trade
    csv_name = ""
    filters = {}
    orderings = {"sequence": "sequence"}
    default_ordering = "sequence"

    def check(self, user_id: int) -> None:
        require(owned.trades, user_id, self.kwargs["pk"])
