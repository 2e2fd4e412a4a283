"""Accounts on paper: list, create, balances, ledger, reset, close."""

from collections.abc import Sequence
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api.inputs import Input, Line, NoInput, body
from api.lists import Filter, ListApi, Rows
from api.parameters import flag, line
from api.permissions import ReadScope, TradeScope
from api.views import ApiView
from paper_trading.api_views.bot_inputs import MOST_NAME, DepositsField
from paper_trading.api_views.filters import CHAIN, TOKEN, blocks, one_of, present
from paper_trading.api_views.find import find, find_row, require, user_of
from paper_trading.api_views.shapes.accounts import (
    AccountSchema,
    BalancesSchema,
    EntrySchema,
    shape_accounts,
    shape_balances,
    shape_entries,
)
from paper_trading.models import UNOPENED, Book, PostingKind
from paper_trading.selectors import owned
from paper_trading.selectors.live import live_by_account
from paper_trading.selectors.rows import Row
from paper_trading.selectors.wallets import balances_by_account
from paper_trading.services.account_requests import create_requested, reset_requested
from paper_trading.services.accounts import close_account


class CreateInput(Input):
    """``deposits`` differ from the usual ones; what is not named is deposited as usual, 0 leaves it out."""

    name = Line(max_length=MOST_NAME)
    chain = Line(max_length=40, required=False, default="", allow_blank=True)
    deposits = DepositsField(required=False, default=dict)


class ResetInput(Input):
    deposits = DepositsField(required=False, default=dict)


def _opened(rows: Rows, value: bool, request: Request) -> Rows:
    return rows.exclude(chain_key=UNOPENED) if value else rows.filter(chain_key=UNOPENED)


class AccountsApi(ListApi):
    permission_classes = [TradeScope]
    operation = "accounts_list"
    summary = "All accounts, newest first"
    rows = owned.account_rows
    row = AccountSchema
    filters = {
        "chain": Filter(parameter=CHAIN, lookup="chain_id"),
        "name": Filter(parameter=line(longest=MOST_NAME), lookup="name"),
        "opened": Filter(
            parameter=flag(description="those that hold money, or those that wait for it"), lookup=_opened
        ),
        "closed": present("closed_at", "closed ones, or those that are not"),
    }
    orderings = {"id": "id", "name": "name", "created_at": "created_at"}

    def shape(self, rows: Sequence[Row]) -> list[dict[str, Any]]:
        return shape_accounts(rows, live_by_account(row.id for row in rows))

    @extend_schema(
        operation_id="accounts_create",
        summary="A new account; its first session opens it with its deposits",
        request=CreateInput,
        responses={201: AccountSchema},
    )
    def post(self, request: Request) -> Response:
        wanted = body(request, CreateInput)
        account = create_requested(
            user=user_of(request), name=wanted["name"], chain=wanted["chain"], deposits=wanted["deposits"]
        )
        return _answer(request, account.pk, 201)


class AccountApi(ApiView):
    permission_classes = [ReadScope]

    @extend_schema(operation_id="accounts_read", summary="One account", responses=AccountSchema)
    def get(self, request: Request, pk: int) -> Response:
        return _answer(request, pk)


class BalancesApi(ApiView):
    permission_classes = [ReadScope]

    @extend_schema(operation_id="accounts_balances", summary="What the account holds", responses=BalancesSchema)
    def get(self, request: Request, pk: int) -> Response:
        account = find_row(owned.account_rows, user_of(request).pk, pk)
        return Response(shape_balances(account, balances_by_account([pk])[pk]))


class LedgerApi(ListApi):
    permission_classes = [ReadScope]
    operation = "accounts_ledger_list"
    summary = "The account's books, newest entry first"
    rows = owned.entry_rows
    row = EntrySchema
    csv_name = "ledger"
    filters = {
        "book": one_of("book", list(Book)),
        "kind": one_of("posting__kind", list(PostingKind)),
        "token": Filter(parameter=TOKEN, lookup="token__in"),
        **blocks("posting__block_number"),
    }
    orderings = {"id": "id"}

    def check(self, user_id: int) -> None:
        require(owned.accounts, user_id, self.kwargs["pk"])

    def shape(self, rows: Sequence[Row]) -> list[dict[str, Any]]:
        return shape_entries(rows)


class ResetApi(ApiView):
    permission_classes = [TradeScope]

    @extend_schema(
        operation_id="accounts_reset",
        summary="Start over with fresh deposits; all that was booked stays readable",
        request=ResetInput,
        responses=AccountSchema,
    )
    def post(self, request: Request, pk: int) -> Response:
        wanted = body(request, ResetInput)
        account = find(owned.accounts, user_of(request).pk, pk)
        reset_requested(account=account, deposits=wanted["deposits"])
        return _answer(request, pk)


class CloseApi(ApiView):
    permission_classes = [TradeScope]

    @extend_schema(
        operation_id="accounts_close",
        summary="Let nothing new begin; all that was booked stays readable",
        request=NoInput,
        responses=AccountSchema,
    )
    def post(self, request: Request, pk: int) -> Response:
        body(request, NoInput)
        close_account(account=find(owned.accounts, user_of(request).pk, pk))
        return _answer(request, pk)


def _answer(request: Request, pk: int, status: int = 200) -> Response:
    account = find_row(owned.account_rows, user_of(request).pk, pk)
    return Response(shape_accounts([account], live_by_account([pk]))[0], status=status)
