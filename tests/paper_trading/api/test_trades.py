"""Trades and receipts: what is shown of them, what is found, what is exported."""

import pytest

from paper_trading.models import FillReceipt, PaperTrade, TradeSide
from paper_trading.receipt_digest import receipt_hash
from paper_trading.selectors import receipt_fields
from paper_trading.services.booking import unbook_trade
from tests.api.world import Owned
from tests.paper_trading.api.asking import Asker
from tests.paper_trading.world import FEE, USDC, WBTC, WETH, World, new_world


@pytest.fixture
def buy(furnished: Owned) -> PaperTrade:
    return PaperTrade.objects.get(sequence=1)


def test_a_trade_shows_what_moved_and_what_it_cost(api: Asker, buy: PaperTrade) -> None:
    PaperTrade.objects.filter(pk=buy.pk).update(pool_fee_quote=300_000, impact_quote=12, drift_quote=-5)
    trade = api.get(f"trades/{buy.pk}/")
    assert (trade["side"], trade["token"]["symbol"], trade["status"]) == ("buy", "ETHER", "filled")
    assert (trade["amount_in"]["text"], trade["amount_in"]["token"]) == ("100", USDC)
    assert (trade["amount_out"]["text"], trade["amount_out"]["token"]) == ("0.05", WETH)
    costs = {name: trade[name]["raw"] for name in ("pool_fee", "impact", "drift", "gas", "gas_native")}
    assert costs == {"pool_fee": "300000", "impact": "12", "drift": "-5", "gas": "30000", "gas_native": str(FEE)}
    assert trade["gas_native"]["symbol"] == "ETH"


def test_a_price_is_quote_for_a_whole_token(api: Asker, buy: PaperTrade) -> None:
    trades = {trade["sequence"]: trade for trade in api.results("trades/")}
    assert (trades[1]["price"], trades[2]["price"]) == ("2000", "2050")


def test_a_trade_shows_its_plan_and_its_receipts(api: Asker, buy: PaperTrade) -> None:
    trade = api.get(f"trades/{buy.pk}/")
    [hop] = trade["plan"]["path"]
    assert (hop["token_in"]["symbol"], hop["token_out"]["symbol"], hop["fee_pips"]) == ("DOLLAR", "ETHER", 3000)
    assert trade["plan"]["calldata"] == buy.plan["calldata"]
    assert trade["receipts"] == api.results(f"trades/{buy.pk}/receipts/")
    assert len(trade["receipts"]) == 1


def test_an_order_that_waits_has_no_block(api: Asker, furnished: Owned) -> None:
    world = World(account=furnished.account, session=furnished.running, block=50)
    pending = world.trade(TradeSide.BUY, WETH, 5)
    trade = api.get(f"trades/{pending.pk}/")
    assert (trade["status"], trade["block_number"], trade["amount_out"], trade["price"]) == (
        "pending",
        None,
        None,
        None,
    )


def test_lists_hold_what_is_asked_for(api: Asker, furnished: Owned) -> None:
    for query, found in [
        ("", [4, 3, 2, 1]),
        ("?side=buy", [4, 1]),
        ("?status=reverted", []),
        ("?token=" + WBTC.lower(), [4]),
        ("?exit_reason=stop_loss", [3]),
        ("?from_block=3&to_block=4", [3, 2]),
        ("?disputed=true", []),
        ("?ordering=id", [1, 2, 3, 4]),
        ("?limit=2", [4, 3]),
    ]:
        assert [trade["sequence"] for trade in api.results(f"trades/{query}")] == found


def test_trades_of_one_session_or_account(api: Asker, furnished: Owned) -> None:
    assert len(api.results(f"trades/?session={furnished.running.pk}")) == 4
    assert api.results(f"trades/?session={furnished.ended.pk}") == []
    assert len(api.results(f"trades/?account={furnished.account.pk}")) == 4


def test_a_filter_by_what_is_not_ones_own_is_not_there(stranger: Asker, furnished: Owned) -> None:
    for filters in ["session={session}", "account={account}"]:
        for path in ["trades/", "receipts/", "decisions/", "positions/", "performance/"]:
            query = filters.format(session=furnished.running.pk, account=furnished.account.pk)
            stranger.get(f"{path}?{query}", status=404)


def test_what_is_no_filter_is_refused(api: Asker) -> None:
    for query in ["token=NOPE", "token=0x12", "side=hold", "from_block=-1", "from_block=1e3", "to_block=" + "9" * 40]:
        api.get(f"trades/?{query}", status=400)


def test_the_export_has_every_trade(api: Asker, furnished: Owned) -> None:
    rows = api.csv("trades/?format=csv&ordering=id&limit=1")
    assert [row["sequence"] for row in rows] == ["1", "2", "3", "4"]
    assert (rows[0]["amount_in"], rows[0]["amount_in_raw"], rows[0]["amount_in_symbol"]) == (
        "100",
        "100000000",
        "DOLLAR",
    )


def test_an_export_runs_no_formula(api: Asker, furnished: Owned) -> None:
    PaperTrade.objects.filter(sequence=3).update(exit_reason="=cmd|'/c calc'!A1")
    assert api.csv("trades/?format=csv")[1]["exit_reason"].startswith("'=")


def test_a_receipt_holds_what_its_hash_covers(api: Asker, buy: PaperTrade) -> None:
    row = FillReceipt.objects.get(trade=buy)
    [shown] = api.results(f"receipts/?trade={buy.pk}")
    amounts = ("amount_in", "amount_out", "minimum_out", "balance_in", "balance_out", "native_balance")
    amounts += ("model_amount_out", "node_amount_out", "l1_fee", "fee_paid")
    fields = {name: shown[name] for name in receipt_fields(row) if name in shown and name not in amounts}
    fields |= {name: int(shown[name]["raw"]) for name in amounts}
    fields |= {"token_in": shown["amount_in"]["token"], "token_out": shown["amount_out"]["token"]}
    fields |= {"account": shown["account_address"], "trade": shown["trade_sequence"]}
    assert receipt_hash(fields) == shown["hash"] == row.hash


def test_a_reversal_shows_what_it_takes_back(api: Asker, alice: object) -> None:
    world = new_world()
    trade = world.buy(WETH, 100, 5)
    unbook_trade(trade=trade, block=world.next_block())
    fill, reversal = api.results(f"trades/{trade.pk}/receipts/")
    assert (fill["kind"], reversal["kind"], reversal["reverses"]) == ("fill", "reversal", fill["hash"])
    assert [row["kind"] for row in api.results("receipts/?kind=reversal")] == ["reversal"]


def test_receipts_are_a_chain(api: Asker, furnished: Owned) -> None:
    receipts = api.results("receipts/?ordering=id")
    assert [one["previous_hash"] for one in receipts[1:]] == [one["hash"] for one in receipts[:-1]]


def test_a_stranger_filters_by_no_trade_of_others(stranger: Asker, buy: PaperTrade) -> None:
    stranger.get(f"receipts/?trade={buy.pk}", status=404)
