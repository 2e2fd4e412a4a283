import re

import pytest
from django.test import Client
from pytest_django.fixtures import DjangoAssertNumQueries

from paper_trading.models import BotSession, Decision, FillReceipt, PaperTrade, TradeSide, TradeStatus
from paper_trading.services.booking import unbook_trade
from tests.api.world import Owned
from tests.dashboard.world import browser_of
from tests.paper_trading.world import WBTC, WETH, World, block_at
from tests.support.api_client import user_named
from trading.models import Token

pytestmark = pytest.mark.django_db
HOSTILE = "<script>alert(1)</script>"
PARTS = ("head", "decision", "plan", "outcome", "costs", "receipts", "position")


@pytest.fixture
def bought(owned: Owned) -> PaperTrade:
    return PaperTrade.objects.get(account=owned.account, sequence=1)


def page(browser: Client, trade: PaperTrade, **query: str) -> str:
    answer = browser.get(f"/trades/{trade.pk}/", query)
    assert answer.status_code == 200
    return answer.content.decode()


def part(browser: Client, trade: PaperTrade, name: str) -> str:
    return page(browser, trade, part=name)


def become(trade: PaperTrade, **values: object) -> None:
    PaperTrade.objects.filter(pk=trade.pk).update(**values)


def test_the_page_is_shown_with_all_its_parts(bought: PaperTrade, browser: Client) -> None:
    shown = page(browser, bought)
    for name in PARTS:
        assert f'id="part-{name}"' in shown


@pytest.mark.parametrize("name", PARTS)
def test_each_part_is_had_alone(bought: PaperTrade, browser: Client, name: str) -> None:
    alone = part(browser, bought, name)
    assert "<html" not in alone
    assert alone.strip() in page(browser, bought)


def test_a_trade_of_somebody_else_is_not_there(bought: PaperTrade) -> None:
    assert browser_of(user_named("mallory")).get(f"/trades/{bought.pk}/").status_code == 404


@pytest.mark.parametrize("number", [2**40, 2**70])
def test_neither_is_one_that_never_was(browser: Client, number: int) -> None:
    assert browser.get(f"/trades/{number}/").status_code == 404


def test_who_is_not_logged_in_goes_to_the_login(bought: PaperTrade, client: Client) -> None:
    assert client.get(f"/trades/{bought.pk}/")["Location"] == f"/login/?next=/trades/{bought.pk}/"


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (TradeStatus.PENDING, "waits for the first block"),
        (TradeStatus.FILLED, "A block took it"),
        (TradeStatus.REVERTED, "the gas was paid all the same"),
        (TradeStatus.EXPIRED, "No block before the deadline"),
        (TradeStatus.CANCELLED, "called off"),
        (TradeStatus.UNBOOKED, "took its block away"),
    ],
)
def test_each_state_is_told_in_words(bought: PaperTrade, browser: Client, status: TradeStatus, words: str) -> None:
    become(bought, status=status)
    assert words in part(browser, bought, "head")


def test_a_disputed_trade_says_whose_answer_was_booked(bought: PaperTrade, browser: Client) -> None:
    assert "two witnesses" not in part(browser, bought, "head")
    become(bought, disputed=True)
    assert "two witnesses came to different amounts" in part(browser, bought, "head")


def test_the_decision_gives_its_reasons_and_signals(bought: PaperTrade, browser: Client) -> None:
    thought = Decision.objects.filter(session=bought.session).earliest("pk")
    become(bought, decision=thought)
    shown = part(browser, bought, "decision")
    for told in ("costs are higher than the move", "momentum", "+0.50", "no edge"):
        assert told in shown


def test_an_order_without_a_decision_says_so(bought: PaperTrade, browser: Client) -> None:
    assert "No decision of the bot" in part(browser, bought, "decision")


def test_the_plan_tells_amounts_router_and_pools(bought: PaperTrade, browser: Client) -> None:
    shown = part(browser, bought, "plan")
    for told in ("100 DOLLAR", bought.plan["router"], bought.plan["path"][0]["pool"], "1.00%", "0.30%", "100.000 gwei"):
        assert told in shown


def test_what_a_filled_trade_gave_is_beside_what_was_planned(bought: PaperTrade, browser: Client) -> None:
    become(bought, amount_in=7)
    assert 'title="100 ' in part(browser, bought, "plan")


def test_the_outcome_tells_block_gas_and_fee(bought: PaperTrade, browser: Client) -> None:
    shown = part(browser, bought, "outcome")
    bought.refresh_from_db()
    for told in (bought.block_hash, "100,000", "2.00000 gwei", "1.00000 gwei", 'title="0.0003 ', 'title="0.03 '):
        assert told in shown


def test_both_witnesses_stand_side_by_side(bought: PaperTrade, browser: Client) -> None:
    shown = part(browser, bought, "outcome")
    assert shown.count('title="0.05 ETHER"') == 3  # got, model, node
    assert "Both came to the same amount" in shown
    assert '<span class="good">none</span>' in shown


def test_witnesses_that_differ_tell_by_how_much(bought: PaperTrade, browser: Client) -> None:
    rows = FillReceipt.objects.filter(trade=bought)
    super(type(rows), rows).update(witness="disputed", model_amount_out=4 * 10**16)
    shown = part(browser, bought, "outcome")
    assert 'title="0.01 ETHER"' in shown
    assert "They differ" in shown


def test_the_costs_are_itemised_and_add_up(bought: PaperTrade, browser: Client) -> None:
    become(bought, pool_fee_quote=300_000, impact_quote=20_000, drift_quote=-50_000)
    shown = part(browser, bought, "costs")
    titles = re.findall(r'title="(-?[\d.]+) DOLLAR"', shown)
    assert titles == ["0.3", "0.02", "-0.05", "0.03", "0.3"]
    assert "0.30%" in shown


def test_what_was_not_booked_cost_nothing(world: World, browser: Client) -> None:
    assert "Nothing was paid so far" in part(browser, world.trade(TradeSide.BUY, WETH, 10**6), "costs")


def test_an_order_that_waits_has_no_outcome_and_listens_to_its_market(world: World, browser: Client) -> None:
    waiting = world.trade(TradeSide.BUY, WETH, 10**6)
    shown = page(browser, waiting)
    assert "no block has taken it" in shown
    assert "There is no receipt" in shown
    assert "market:devnet" in shown


def test_a_settled_one_listens_to_its_session_alone(bought: PaperTrade, browser: Client) -> None:
    shown = page(browser, bought)
    assert f"session:{bought.session_id}" in shown
    assert "market:devnet" not in shown


def test_the_receipt_shows_its_hash_the_one_before_and_the_call(owned: Owned, browser: Client) -> None:
    receipt = FillReceipt.objects.filter(account=owned.account).order_by("sequence")[1]
    shown = part(browser, receipt.trade, "receipts")
    for told in (receipt.hash, receipt.previous_hash, receipt.calldata, receipt.sender, receipt.decision_hash):
        assert told in shown
    assert f'data-copy="hash-{receipt.pk}"' in shown


def test_what_a_reorg_took_away_shows_both_receipts(world: World, browser: Client) -> None:
    trade = world.buy(WETH, 10**6, 10**14)
    unbook_trade(trade=trade, block=block_at(60))
    assert part(browser, trade, "receipts").count("<article") == 2
    assert "its block is gone" in part(browser, trade, "outcome")


def test_the_position_links_to_its_other_trades(bought: PaperTrade, browser: Client) -> None:
    shown = part(browser, bought, "position")
    assert shown.count('href="/trades/') == 2
    assert f"<strong>{bought.pk}</strong>" in shown


def test_a_closed_position_can_be_saved_as_a_picture(bought: PaperTrade, browser: Client) -> None:
    newest = FillReceipt.objects.filter(account=bought.account).latest("sequence")
    shown = part(browser, bought, "position")
    assert f'data-hash="{newest.hash}"' in shown
    assert 'data-result="+1.97' in shown
    assert 'data-level="5"' in shown


def test_an_open_one_cannot(owned: Owned, browser: Client) -> None:
    held = PaperTrade.objects.get(account=owned.account, token_out=WBTC)
    shown = part(browser, held, "position")
    assert "Still held" in shown
    assert "data-card" not in shown


def test_what_tokens_and_routers_say_stays_text(bought: PaperTrade, browser: Client) -> None:
    Token.objects.filter(address=WETH).update(symbol=HOSTILE)
    become(bought, revert_reason=HOSTILE, exit_reason=HOSTILE)
    BotSession.objects.filter(pk=bought.session_id).update(name=HOSTILE)
    shown = page(browser, bought)
    assert HOSTILE not in shown
    assert "&lt;script&gt;alert(1)" in shown


def test_it_asks_the_database_as_often_for_many_as_for_few(
    bought: PaperTrade, world: World, browser: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(10):
        world.buy(WBTC, 10**6, 10**3)
    page(browser, bought)
    with django_assert_max_num_queries(16):
        page(browser, bought)
