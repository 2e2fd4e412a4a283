"""A trade is computed again from a node, over the API."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection

from chain.devnet.endpoint import published
from dex.market.pools import Protocol
from paper_trading.models import FillReceipt, PaperTrade, TradeSide
from paper_trading.services.accounts import RECORDING_KEY, open_account
from paper_trading.services.booking import book_fill
from paper_trading.tokens import NATIVE
from tests.api.world import Owned
from tests.paper_trading.api.asking import Asker
from tests.paper_trading.services.test_verify import CASH, GAS_MONEY, filled, ordered
from tests.paper_trading.world import new_session
from tests.support.orders import place_order
from tests.support.small_market import SmallMarket, open_market

NOBODY = "http://127.0.0.1:1"


@pytest.fixture(scope="module")
def market() -> Iterator[SmallMarket]:
    market = open_market()
    yield market
    market.close()


@pytest.fixture
def trade(alice: User, market: SmallMarket, settings: Any) -> PaperTrade:
    """Decided and filled on a real node, which is then the one at hand."""
    settings.RPC_URLS = [market.node.url]
    plan = asyncio.run(ordered(market, Protocol.V3))
    market.mine(1)
    account = open_account(
        user=alice,
        name="main",
        chain_id=31337,
        chain_key=market.rpc.call("eth_getBlockByNumber", "0x0", False)["hash"],
        quote_token=market.usd,
        deposits={market.usd: CASH, NATIVE: GAS_MONEY},
        block=plan.decided_at,
    )
    session = new_session(account)
    trade = place_order(session=session, plan=plan, side=TradeSide.BUY, decision=None, exit_reason="")  # type: ignore[arg-type]
    book_fill(session=session, trade=trade, fill=asyncio.run(filled(market, plan)))
    return trade


@pytest.mark.anvil
def test_an_honest_trade_comes_out_as_it_was_written(api: Asker, trade: PaperTrade) -> None:
    answer = api.post(f"trades/{trade.pk}/verify/")
    [check] = answer["checks"]
    assert (answer["trade"], answer["ok"]) == (trade.pk, True)
    assert (check["ok"], check["witness"], check["problems"]) == (True, "both", [])
    assert check["hash"] == FillReceipt.objects.get().hash


@pytest.mark.anvil
def test_a_forged_receipt_is_told_apart(api: Asker, trade: PaperTrade) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE paper_trading_fillreceipt SET gas_used = gas_used - 1")
    answer = api.post(f"trades/{trade.pk}/verify/")
    assert answer["ok"] is False
    assert any("gas_used" in problem for problem in answer["checks"][0]["problems"])


@pytest.mark.anvil
def test_the_local_chain_is_found_where_no_node_is_set(
    api: Asker, trade: PaperTrade, settings: Any, market: SmallMarket, tmp_path: Any
) -> None:
    settings.RPC_URLS, settings.VAR_DIR = [], tmp_path
    (tmp_path / "devnet").mkdir()
    with published(tmp_path / "devnet", url=market.node.url, genesis=trade.account.chain_key):
        assert api.post(f"trades/{trade.pk}/verify/")["ok"] is True
    assert api.post(f"trades/{trade.pk}/verify/", status=503)["error"]["code"] == "node_unavailable"


@pytest.mark.anvil
def test_another_instance_of_the_chain_cannot_say(
    api: Asker, furnished: Owned, settings: Any, market: SmallMarket
) -> None:
    settings.RPC_URLS = [market.node.url]
    trade = PaperTrade.objects.filter(account=furnished.account).first()
    assert trade is not None
    assert api.post(f"trades/{trade.pk}/verify/", status=409)["error"]["code"] == "wrong_chain"


def test_without_a_node_nothing_is_said(api: Asker, furnished: Owned, settings: Any) -> None:
    settings.RPC_URLS = [NOBODY]
    trade = PaperTrade.objects.filter(account=furnished.account).first()
    assert trade is not None
    assert api.post(f"trades/{trade.pk}/verify/", status=503)["error"]["code"] == "node_unavailable"


def test_what_was_never_filled_has_nothing_to_verify(api: Asker, furnished: Owned) -> None:
    PaperTrade.objects.filter(sequence=1).update(status="expired")
    pk = PaperTrade.objects.get(sequence=1).pk
    assert api.post(f"trades/{pk}/verify/", status=409)["error"]["code"] == "nothing_to_verify"


def test_a_recording_is_not_asked_of_a_node(api: Asker, furnished: Owned) -> None:
    furnished.account.chain_key = f"{RECORDING_KEY}abc"
    furnished.account.save()
    pk = PaperTrade.objects.get(sequence=1).pk
    assert api.post(f"trades/{pk}/verify/", status=409)["error"]["code"] == "nothing_to_verify"


def test_a_stranger_verifies_nothing(stranger: Asker, furnished: Owned) -> None:
    pk = PaperTrade.objects.get(sequence=1).pk
    stranger.post(f"trades/{pk}/verify/", status=404)
