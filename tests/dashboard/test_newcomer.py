"""What somebody who is here for the first time is told: what runs, how bold it is, what it thinks, its first trade."""

from collections.abc import Mapping

import pytest
from django.contrib.auth.models import User
from django.test import Client

from paper_trading.models import BotSession, FillReceipt, PaperTrade, TradeSide
from paper_trading.services.booking import unbook_trade
from tests.api.world import Owned, furnish
from tests.paper_trading.world import WBTC, WETH, World, block_at, new_account, new_session
from tests.support.api_client import user_named

pytestmark = pytest.mark.django_db


def walk(browser: Client) -> str:
    answer = browser.get("/", {"part": "walk"})
    assert answer.status_code == 200
    return answer.content.decode()


def reading(browser: Client, trade: PaperTrade) -> str:
    answer = browser.get(f"/trades/{trade.pk}/", {"part": "reading"})
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def first_trade(owned: Owned) -> PaperTrade:
    return PaperTrade.objects.get(account=owned.account, sequence=1)


def changed(trade: PaperTrade, **values: object) -> PaperTrade:
    rows = FillReceipt.objects.filter(trade=trade)
    super(type(rows), rows).update(**values)
    return trade


def test_the_first_page_has_a_place_for_it_and_does_not_read_it(owned: Owned, browser: Client) -> None:
    page = browser.get("/").content.decode()
    assert '<div id="part-walk" class="later"' in page
    assert "How bold it is" not in page


def test_it_names_what_runs_with_its_money_and_its_level(owned: Owned, browser: Client) -> None:
    told = walk(browser)
    assert "This runs." in told
    assert f'href="/sessions/{owned.running.pk}/"' in told
    assert 'title="10000 DOLLAR"' in told
    assert "level 5 of 10" in told
    assert "Balanced, with a hand on the brake" in told


def test_it_shows_the_newest_decision_and_leads_to_all_of_them(owned: Owned, browser: Client) -> None:
    told = walk(browser)
    assert "hold COIN" in told
    assert "costs are higher than the move" in told
    assert f'href="/sessions/{owned.running.pk}/#decisions"' in told


def test_it_leads_to_the_first_trade_with_its_numbers(owned: Owned, browser: Client) -> None:
    told = walk(browser)
    assert 'title="100 DOLLAR"' in told
    assert 'title="0.05 ETHER"' in told
    assert f'href="/trades/{first_trade(owned).pk}/#reading"' in told


def test_a_first_trade_that_was_refused_is_no_secret(alice: User, browser: Client) -> None:
    account = new_account(user=alice)
    session = new_session(account)
    World(account=account, session=session).revert(TradeSide.BUY, WETH, 10**6)
    assert "the router refused to buy" in walk(browser)


def test_before_the_first_trade_it_says_what_brings_one(alice: User, browser: Client) -> None:
    new_session(new_account(user=alice))
    told = walk(browser)
    assert "comes when a decision promises more than it costs" in told
    assert "It has not seen a block so far." in told


def test_when_all_has_ended_it_tells_of_the_newest(owned: Owned, browser: Client) -> None:
    BotSession.objects.filter(pk=owned.running.pk).update(status="ended")
    told = walk(browser)
    assert "This ran last." in told
    assert f'href="/sessions/{owned.ended.pk}/"' in told


def test_where_nothing_ever_ran_it_says_how_to_begin(browser: Client) -> None:
    assert "Nothing ran here so far." in walk(browser)


def test_it_tells_nothing_of_anybody_else(browser: Client) -> None:
    furnish(user_named("mallory"))
    assert "Nothing ran here so far." in walk(browser)


def test_a_receipt_is_explained_with_its_own_numbers(owned: Owned, browser: Client) -> None:
    trade = first_trade(owned)
    receipt = FillReceipt.objects.get(trade=trade)
    told = reading(browser, trade)
    for number in ('title="100 DOLLAR"', 'title="0.05 ETHER"', ">100,000<", "2.00000 gwei", 'title="0.0003 ETH"'):
        assert number in told
    assert 'title="0.03 DOLLAR"' in told
    assert "1 block later" in told
    assert receipt.hash[:12] in told
    assert "begins the account's chain of receipts" in told


def test_a_later_one_follows_the_one_before(owned: Owned, browser: Client) -> None:
    told = reading(browser, PaperTrade.objects.get(account=owned.account, sequence=2))
    assert "the hash of the receipt before it" in told


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "Both came to this amount, to the last unit."),
        ({"witness": "model_only", "node_amount_out": None}, "this node cannot run a call for others"),
        ({"witness": "node_only", "model_amount_out": None}, "there was no model of the pool"),
        ({"witness": "disputed", "model_amount_out": 4 * 10**16}, "the two differ, which should never be"),
        ({"base_fee": None}, "nothing is known of what the network charged"),
        ({"l1_fee": 10**14}, "for the layer below"),
    ],
)
def test_who_computed_it_and_what_was_charged_is_told_as_it_was(
    owned: Owned, browser: Client, values: Mapping[str, object], words: str
) -> None:
    assert words in reading(browser, changed(first_trade(owned), **values))


def test_a_dispute_tells_both_amounts(owned: Owned, browser: Client) -> None:
    told = reading(browser, changed(first_trade(owned), witness="disputed", model_amount_out=4 * 10**16))
    assert 'title="0.04 ETHER"' in told
    assert 'title="0.05 ETHER"' in told


def test_a_refusal_says_what_the_router_said(owned: Owned, browser: Client) -> None:
    world = World(account=owned.account, session=owned.running, block=50)
    told = reading(browser, world.revert(TradeSide.BUY, WETH, 10**6))
    assert "Nothing. The router refused with “UniswapV2Router: EXPIRED”" in told


def test_what_was_not_booked_or_is_gone_has_nothing_to_read(owned: Owned, browser: Client) -> None:
    world = World(account=owned.account, session=owned.running, block=50)
    assert reading(browser, world.trade(TradeSide.BUY, WETH, 10**6)) == ""
    trade = world.buy(WBTC, 10**6, 10**3)
    unbook_trade(trade=trade, block=block_at(60))
    assert reading(browser, trade) == ""
