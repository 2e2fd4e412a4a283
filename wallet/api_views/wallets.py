"""A user's wallets. Those that log in are allowed by `manage.py wallet_allow` or by the link of the first run."""

from collections.abc import Sequence
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api.inputs import body
from api.lists import ListApi
from api.views import ApiView
from wallet.api_views.auth import login_of
from wallet.api_views.inputs import LabelInput, WatchInput
from wallet.api_views.shapes import WalletSchema, shape_wallet
from wallet.permissions import LoginRequired, LoginToChange
from wallet.selectors import owned
from wallet.services.wallets import add_watched, relabel_wallet, remove_wallet


class WalletsApi(ListApi):
    permission_classes = [LoginToChange]
    operation = "wallets_list"
    summary = "All your wallets, newest first"
    rows = owned.wallet_rows
    row = WalletSchema

    def shape(self, rows: Sequence[Any]) -> list[dict[str, Any]]:
        return [shape_wallet(row) for row in rows]

    @extend_schema(
        operation_id="wallets_watch",
        summary="An address to look at; nobody can log in with it",
        request=WatchInput,
        responses={201: WalletSchema},
    )
    def post(self, request: Request) -> Response:
        wanted = body(request, WatchInput)
        wallet = add_watched(user=login_of(request).user, address=wanted["address"], label=wanted["label"])
        return Response(shape_wallet(wallet), status=201)


class WalletApi(ApiView):
    permission_classes = [LoginRequired]

    @extend_schema(operation_id="wallets_relabel", summary="Another label", request=LabelInput, responses=WalletSchema)
    def patch(self, request: Request, pk: int) -> Response:
        label = body(request, LabelInput)["label"]
        return Response(shape_wallet(relabel_wallet(user=login_of(request).user, wallet_id=pk, label=label)))

    @extend_schema(
        operation_id="wallets_remove",
        summary="Remove it, and end the logins that were made with it; the last one that logs in stays",
        request=None,
        responses={204: None},
    )
    def delete(self, request: Request, pk: int) -> Response:
        remove_wallet(user=login_of(request).user, wallet_id=pk)
        return Response(status=204)
