"""The page of all accounts: what each is worth, and what is added up."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from paper_trading.models import BotSession, PaperAccount, Position, SessionStatus, TradeSide
from paper_trading.services.accounts import close_account, reset_account
from paper_trading.tokens import NATIVE
from tests.api.world import Owned, furnish
from tests.paper_trading.world import USDC, WBTC, WETH, World, block_at, new_account, new_session
from tests.support.api_client import user_named
from trading.models import Chain, Token

pytestmark = pytest.mark.django_db
HOSTILE = "<script>alert(1)</script>"
PARTS = ("totals", "accounts", "others")
DOLLAR = 10**6


def page(browser: Client, **query: Any) -> str:
    answer = browser.get("/portfolio/", query)
    assert answer.status_code == 200
    return answer.content.decode()


def part(browser: Client, name: str) -> str:
    return page(browser, part=name)


def figures(text: str) -> dict[str, str]:
    """By name, the exact amount or what stands there in words; those of the first list."""
    found = {}
    for name, shown in re.findall(r"<dt[^>]*>([^<]+)</dt><dd>(.*?)</dd>", text.split("</dl>")[0], re.DOTALL):
        exact = re.search(r'title="(-?[\d.]+ \w+)"', shown)
        found[name] = exact[1] if exact else re.sub(r"<[^>]+>", "", shown).strip()
    return found


def valued(owned: Owned, dollars: int | None) -> None:
    """The open position of ``owned`` could be sold for so much at the newest block."""
    position = Position.objects.get(account=owned.account, status="open")
    worth = None if dollars is None else str(dollars * DOLLAR)
    BotSession.objects.filter(pk=owned.running.pk).update(worths={str(position.pk): worth})


def test_the_page_is_shown_with_all_its_parts(owned: Owned, browser: Client) -> None:
    shown = page(browser)
    for name in PARTS:
        assert f'id="part-{name}"' in shown


@pytest.mark.parametrize("name", PARTS)
def test_each_part_is_had_alone(owned: Owned, browser: Client, name: str) -> None:
    assert "<html" not in part(browser, name)


def test_without_an_account_it_says_how_there_will_be_one(browser: Client) -> None:
    assert "There is no account yet" in part(browser, "accounts")
    assert part(browser, "totals").strip() == ""


def test_an_account_is_worth_its_cash_and_what_its_positions_would_bring_less_its_gas(
    owned: Owned, browser: Client
) -> None:
    BotSession.objects.filter(pk=owned.running.pk).update(gas_quote=30_000)
    valued(owned, 190)
    known = figures(part(browser, "accounts"))
    assert known["Free"] == "9802 DOLLAR"  # of 10,000: 100 spent, 102 got, 200 spent
    assert known["In positions"] == "190 DOLLAR"
    assert known["Worth"] == "9991.97 DOLLAR"
    assert known["Result since its start"] == "-8.03 DOLLAR"


def test_a_position_that_cannot_be_sold_whole_leaves_the_worth_unknown(owned: Owned, browser: Client) -> None:
    valued(owned, None)
    shown = part(browser, "accounts")
    assert figures(shown)["Worth"] == "-"
    assert "cannot be sold whole" in shown
    assert "1 not known now" in part(browser, "totals")


def test_a_position_that_nobody_has_valued_is_told_apart(owned: Owned, browser: Client) -> None:
    assert "not valued yet" in part(browser, "accounts")


def test_what_waiting_buys_would_spend_is_not_free(owned: Owned, browser: Client) -> None:
    World(account=owned.account, session=owned.running, block=40).trade(TradeSide.BUY, WETH, 500 * DOLLAR)
    shown = part(browser, "accounts")
    known = figures(shown)
    assert (known["In waiting orders"], known["Free"]) == ("500 DOLLAR", "9302 DOLLAR")
    cash = next(row for row in shown.split("<tr>") if ">DOLLAR</th>" in row)
    assert re.findall(r'title="([\d.]+ \w+)"', cash) == ["9802 DOLLAR", "500 DOLLAR", "9302 DOLLAR", "9802 DOLLAR"]


def test_the_order_of_a_session_that_is_over_binds_nothing(owned: Owned, browser: Client) -> None:
    World(account=owned.account, session=owned.running, block=40).trade(TradeSide.BUY, WETH, 500 * DOLLAR)
    BotSession.objects.filter(pk=owned.running.pk).update(status=SessionStatus.ENDED)
    assert figures(part(browser, "accounts"))["Free"] == "9802 DOLLAR"


def test_tokens_say_what_is_free_and_what_is_in_positions(owned: Owned, browser: Client) -> None:
    valued(owned, 198)
    rows = part(browser, "accounts").split("<tr>")
    coin = next(row for row in rows if ">COIN</th>" in row)
    assert re.findall(r'title="([\d.]+ \w+)"', coin) == ["0.003 COIN", "0.003 COIN", "0 COIN", "198 DOLLAR"]
    assert ">1.98%<" in coin


def test_money_for_gas_and_tokens_without_a_position_count_for_nothing(browser: Client, alice: User) -> None:
    new_account(user=alice, deposits={USDC: 7 * DOLLAR, NATIVE: 10**18, WETH: 10**18})
    shown = part(browser, "accounts")
    assert "pays for gas, not counted" in shown
    assert "in no position, not counted" in shown


def test_an_account_that_no_session_has_opened_holds_nothing(owned: Owned, browser: Client) -> None:
    shown = part(browser, "accounts")
    assert "its first session opens it with USDC=5" in shown
    assert "waits for its first session" in shown


def test_accounts_on_one_chain_with_one_quote_token_are_added_up(owned: Owned, browser: Client, alice: User) -> None:
    valued(owned, 198)
    new_account(user=alice, name="second", deposits={USDC: 1_000 * DOLLAR})
    known = figures(part(browser, "totals"))
    assert known["Accounts"] == "2"
    assert known["Free"] == "10802 DOLLAR"
    assert known["Worth of all together"] == "10999.97 DOLLAR"
    assert known["Result since their start"] == "-0.03 DOLLAR"  # the second has no session yet


def test_another_quote_token_is_added_up_for_itself(owned: Owned, browser: Client, alice: User) -> None:
    other = new_account(user=alice, name="second", deposits={WBTC: 10**8})
    PaperAccount.objects.filter(pk=other.pk).update(quote_token=WBTC)
    assert part(browser, "totals").count("<section") == 2


@pytest.mark.parametrize(
    ("key", "why"),
    [("recording:abc", "on a recording"), ("0x" + "22" * 32, "on an earlier instance of the chain")],
)
def test_what_lies_on_no_present_chain_counts_in_no_sum(owned: Owned, browser: Client, key: str, why: str) -> None:
    PaperAccount.objects.filter(pk=owned.account.pk).update(chain_key=key)
    assert why in part(browser, "others")
    assert part(browser, "totals").strip() == ""


def test_a_closed_account_counts_in_no_sum(browser: Client, alice: User) -> None:
    close_account(account=new_account(user=alice))
    assert "closed" in part(browser, "others")
    assert "There is no account yet" in part(browser, "accounts")
    assert part(browser, "totals").strip() == ""


def test_the_running_session_is_named(owned: Owned, browser: Client) -> None:
    assert f'href="/sessions/{owned.running.pk}/">running' in part(browser, "accounts")


def test_accounts_of_others_are_not_there(browser: Client) -> None:
    foreign = furnish(user_named("mallory"))
    shown = page(browser)
    assert f"/portfolio/{foreign.account.pk}/" not in shown
    assert "There is no account yet" in shown


def test_after_a_reset_the_start_is_that_of_the_next_session(browser: Client, alice: User) -> None:
    chain = Chain.objects.create(chain_id=31337, name="devnet")
    Token.objects.create(chain=chain, address=USDC, symbol="USDC", decimals=6)
    account = new_account(user=alice)
    before = new_session(account)
    over = {"status": SessionStatus.ENDED, "start_equity": 77 * DOLLAR, "gas_quote": 5 * DOLLAR}
    BotSession.objects.filter(pk=before.pk).update(**over)
    reset_account(account=account, deposits={USDC: 300 * DOLLAR}, block=block_at(50))
    assert figures(part(browser, "accounts"))["Result since its start"] == "no session yet"
    after = new_session(account)
    later = timezone.now() + timedelta(seconds=1)
    BotSession.objects.filter(pk=after.pk).update(start_equity=290 * DOLLAR, gas_quote=DOLLAR, created_at=later)
    known = figures(part(browser, "accounts"))
    assert (known["Worth"], known["Result since its start"]) == ("299 USDC", "9 USDC")


def test_what_people_and_tokens_call_things_stays_text(owned: Owned, browser: Client) -> None:
    Token.objects.update(symbol=HOSTILE)
    PaperAccount.objects.update(name=HOSTILE)
    BotSession.objects.update(name=HOSTILE)
    shown = page(browser)
    assert HOSTILE not in shown
    assert shown.count("&lt;script&gt;alert(1)") > 3


def test_a_new_account_can_be_made_with_the_tokens_of_its_chain(browser: Client) -> None:
    shown = page(browser)
    assert '<option value="devnet" selected>' in shown
    assert re.search(r'<fieldset [^>]*data-chain="ethereum" hidden disabled>', shown)
    assert 'name="USDC" data-deposit' in shown
    assert 'placeholder="10000"' in shown


def test_it_listens_to_the_portfolio_and_the_chain_of_a_session(owned: Owned, browser: Client) -> None:
    shown = page(browser)
    assert f"portfolio:{owned.user.pk}" in shown
    assert "market:devnet" in shown


def queries(browser: Client) -> int:
    page(browser)
    with CaptureQueriesContext(connection) as asked:
        page(browser)
    return len(asked)


def test_it_asks_the_database_as_often_for_many_as_for_few(browser: Client, alice: User) -> None:
    counts = []
    for start, stop in ((0, 3), (3, 30)):
        for number in range(start, stop):
            world = World(account=new_account(user=alice, name=f"account {number}"), session=None)  # type: ignore[arg-type]
            world.session = new_session(world.account)
            world.buy(WETH, 100 * DOLLAR, 10**16)
        counts.append(queries(browser))
    assert counts[0] == counts[1]
    assert counts[1] <= 18
