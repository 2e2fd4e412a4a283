"""The page of a new session: what it offers, and what it says will happen."""

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django import Settings
from pytest_django.fixtures import DjangoAssertNumQueries

from paper_trading.models import UNOPENED, BotHost, BotSession, PaperAccount, SessionStatus
from paper_trading.services.accounts import close_account, create_account, open_account
from paper_trading.tokens import NATIVE
from tests.paper_trading.world import GENESIS, block_at
from tests.support.api_client import user_named
from tests.support.browser import logged_in
from tests.support.celery_app import celery_on
from tests.support.redis_server import redis_server
from trading.models import Chain, Market
from trading.networks import networks

pytestmark = pytest.mark.django_db
PATH, START = "/sessions/new/", "/paper-trading/api/bot/start/"
DEVNET = networks()["devnet"]
WETH = DEVNET.token("WETH").address
HOSTILE = "<script>alert(1)</script>"
MILLION = 10**6


@pytest.fixture
def host() -> BotHost:
    return BotHost.objects.create(name="machine:1", chain="devnet", sessions=2)


@pytest.fixture
def market() -> Market:
    chain = Chain.objects.create(chain_id=DEVNET.chain_id, name="devnet")
    now = timezone.now()
    return Market.objects.create(
        chain=chain,
        chain_key=GENESIS,
        quote_token=DEVNET.quote_token,
        head_number=9,
        head_hash="0x9",
        head_time=now,
        observed_at=now,
        base_fee=2 * 10**9,
        tip=10**9,
        prices={str(WETH): 2_000.0, str(DEVNET.token("WBTC").address): 60_000.0},
    )


def open_one(user: User, name: str = "main", *, cash: int = 10_000, key: str = GENESIS, **others: int) -> PaperAccount:
    """``cash`` is whole dollars, ``others`` base units by symbol."""
    held = {str(DEVNET.token(symbol).address): amount for symbol, amount in others.items()}
    return open_account(
        user=user,
        name=name,
        chain_id=DEVNET.chain_id,
        chain_key=key,
        quote_token=DEVNET.quote_token,
        deposits={str(DEVNET.quote_token): cash * MILLION, NATIVE: 10**18, **held},
        block=block_at(0),
    )


def run_on(account: PaperAccount) -> BotSession:
    return BotSession.objects.create(account=account, user=account.user, chain="devnet", intel_level=5)


def page(browser: Client, **query: str) -> str:
    answer = browser.get(PATH, query)
    assert answer.status_code == 200
    return answer.content.decode()


def check(browser: Client, **asked: Any) -> str:
    """What is said of a start with the body ``asked``, without its markup and with exact amounts."""
    shown = page(browser, part="check", asked=json.dumps({"chain": "devnet", "account": "main", **asked}))
    shown = re.sub(r'<data class="num" value="[^"]*" title="([^"]*)">.*?</data>', r"\1", shown)
    return " ".join(re.sub(r"<[^>]+>", "", shown.replace("</dt>", ": ")).split()).replace(" ,", ",").replace(" .", ".")


def test_it_is_ready_to_start_as_it_stands(host: BotHost, market: Market, browser: Client) -> None:
    shown = page(browser)
    assert "Ready to start" in shown
    assert 'data-problems="{}"' in shown


def test_it_offers_what_the_market_follows(host: BotHost, market: Market, browser: Client) -> None:
    shown = page(browser)
    offered = re.findall(r'name="tokens" value="(0x\w+)"', shown)
    assert set(offered) == {WETH, DEVNET.token("WBTC").address}


def test_it_offers_the_whole_list_where_nobody_follows_the_chain(host: BotHost, browser: Client) -> None:
    assert page(browser).count('name="tokens"') == len(DEVNET.tokens) - 1


def test_it_chooses_a_free_account_at_first(host: BotHost, alice: User, browser: Client) -> None:
    run_on(open_one(alice, "main"))
    open_one(alice, "second")
    shown = page(browser)
    assert '<option value="second" selected>' in shown
    assert "session 1 runs on it" in re.sub(r"session \d+", "session 1", shown)


def test_where_none_is_free_it_suggests_a_new_one(host: BotHost, alice: User, browser: Client) -> None:
    run_on(open_one(alice, "main"))
    run_on(open_one(alice, "account 2"))
    shown = page(browser)
    assert '<option value="" selected>a new account</option>' in shown
    assert 'name="account_name" maxlength="80" value="account 3"' in shown
    assert "Ready to start" in shown


def test_the_address_may_choose_the_account(host: BotHost, alice: User, browser: Client) -> None:
    open_one(alice, "main")
    open_one(alice, "second")
    assert '<option value="second" selected>' in page(browser, account="second")
    assert '<option value="main" selected>' in page(browser, account="nobody's")


def test_accounts_of_others_and_closed_ones_are_not_offered(host: BotHost, alice: User, browser: Client) -> None:
    open_one(user_named("mallory"), "hers")
    close_account(account=open_one(alice, "over"))
    shown = page(browser)
    assert "hers" not in shown
    assert "over (" not in shown


def test_what_people_wrote_stays_text(host: BotHost, alice: User, browser: Client) -> None:
    open_one(alice, HOSTILE)
    assert HOSTILE not in page(browser)
    assert HOSTILE not in page(browser, part="check", asked=json.dumps({"account": HOSTILE, "chain": "devnet"}))


def test_the_money_of_an_account_is_what_it_holds(host: BotHost, alice: User, browser: Client) -> None:
    open_one(alice, cash=2_500)
    assert "Account: main with 2500 USDC to trade and 1 ETH for gas" in check(browser)


def test_the_money_of_a_new_account_is_what_is_deposited(host: BotHost, browser: Client) -> None:
    told = check(browser, account="fresh", deposits={"USDC": "123", "ETH": "2"})
    assert "fresh, which is made for it with 123 USDC to trade and 2 ETH for gas" in told


def test_an_account_that_waits_for_its_chain_opens_with_what_was_asked_for_it(
    host: BotHost, alice: User, browser: Client
) -> None:
    account = create_account(user=alice, name="main", network=DEVNET, deposits=["USDC=77"])
    assert account.chain_key == UNOPENED
    assert "main, which it opens with 77 USDC" in check(browser)


def test_an_account_of_a_chain_that_was_put_aside_is_opened_anew(
    host: BotHost, market: Market, alice: User, browser: Client
) -> None:
    open_one(alice, cash=1, key="0xgone")
    assert "main, which is opened anew, since its chain was put aside, with 10000 USDC" in check(browser)


def test_what_an_account_holds_beside_is_told(host: BotHost, alice: User, browser: Client) -> None:
    open_one(alice, WETH=5 * 10**17)
    assert "It also holds 0.5 WETH, which the session takes over" in check(browser)


def test_the_largest_order_is_the_levels_share_of_the_money(host: BotHost, alice: User, browser: Client) -> None:
    open_one(alice, cash=10_000)
    told = check(browser, intel=8)
    assert "Largest order: 1800 USDC: at most 18% of what the account is worth" in told
    assert "at most 5 at a time, together at most 9000 USDC" in told
    assert "The smallest buy is 200 USDC" in told
    assert "loses about 40 USDC at most" in told


def test_all_positions_together_are_no_more_than_the_cash(host: BotHost, alice: User, browser: Client) -> None:
    open_one(alice, cash=10_000)
    told = check(browser, intel=10, overrides={"max_position_pct": 50, "max_open_positions": 9})
    assert "together at most 10000 USDC" in told


def test_what_is_overridden_is_named_and_counts(host: BotHost, alice: User, browser: Client) -> None:
    open_one(alice, cash=10_000)
    told = check(browser, intel=8, overrides={"max_position_pct": 5})
    assert "8, but with your own max position (%)" in told
    assert "Largest order: 500 USDC" in told


def test_an_account_too_small_to_buy_anything_is_told(host: BotHost, alice: User, browser: Client) -> None:
    open_one(alice, cash=100)
    told = check(browser, intel=8)
    assert "would buy nothing: the largest position would be 18 USDC, the smallest buy is 200 USDC" in told
    assert "Ready" not in told


def test_an_account_without_money_for_gas_is_told(host: BotHost, market: Market, browser: Client) -> None:
    told = check(browser, account="dry", deposits={"ETH": "0"})
    assert "could not trade: the account has no ETH to pay gas with" in told


def test_gas_is_what_the_chain_charges_now(host: BotHost, market: Market, browser: Client) -> None:
    # One pool of Uniswap V3: 120,000 and 150,000 gas at 2 + 1 gwei.
    told = check(browser)
    assert "now 3,000,000,000 wei: a swap over one pool needs at most 0.00081 ETH" in told
    assert "pays more than a thousand" in told
    assert "The account pays 12 such swaps" in check(browser, account="x", deposits={"ETH": "0.01"})


def test_without_a_market_nothing_is_said_of_gas(host: BotHost, browser: Client) -> None:
    assert "what gas costs is not known" in check(browser)


def test_chosen_tokens_are_the_only_ones(host: BotHost, market: Market, browser: Client) -> None:
    assert "Buys: only WETH." in check(browser, tokens=[WETH])
    assert "Buys: any of WETH, WBTC." in check(browser)
    assert "only LARK. LARK has no price now." in check(browser, tokens=["LARK"])


@pytest.mark.parametrize(
    ("minutes", "words"), [(1, "1 minute after"), (90.5, "90 minutes and 30 seconds after"), (None, "when you stop it")]
)
def test_it_says_when_it_ends(host: BotHost, browser: Client, minutes: float | None, words: str) -> None:
    assert words in check(browser, runtime_minutes=minutes)


def test_an_account_whose_session_runs_leads_to_that_one(host: BotHost, alice: User, browser: Client) -> None:
    session = run_on(open_one(alice))
    shown = page(browser, part="check", asked=json.dumps({"chain": "devnet", "account": "main", "intel": 3}))
    assert f'<a href="/sessions/{session.pk}/">session {session.pk}</a>' in shown
    assert "Largest order" not in shown


def test_a_session_that_has_ended_leaves_its_account_free(host: BotHost, alice: User, browser: Client) -> None:
    session = run_on(open_one(alice))
    BotSession.objects.filter(pk=session.pk).update(status=SessionStatus.ENDED)
    assert "Ready to start" in check(browser)


def test_the_session_of_somebody_else_is_not_in_the_way(host: BotHost, browser: Client) -> None:
    run_on(open_one(user_named("mallory")))
    assert "Ready to start" in check(browser)


def test_a_new_account_with_a_taken_name_is_refused_before_it_starts(
    host: BotHost, alice: User, browser: Client
) -> None:
    open_one(alice)
    assert "There is an account main already" in check(browser, deposits={"USDC": "5"})


def test_a_closed_account_is_told(host: BotHost, alice: User, browser: Client) -> None:
    close_account(account=open_one(alice))
    assert "Account main is closed." in check(browser)


def test_it_says_who_will_run_it(host: BotHost, market: Market, browser: Client) -> None:
    told = check(browser)
    assert f"Run by: host {host.pk} (2 sessions now), on devnet. block 9 came" in told


def test_it_never_names_the_machine_of_a_host(host: BotHost, browser: Client) -> None:
    assert "machine" not in page(browser)


def test_without_redis_and_host_it_says_what_is_missing(browser: Client) -> None:
    assert "Nothing could run it now: background sessions need Redis and a worker" in check(browser)


def test_a_host_of_another_chain_does_not_count(browser: Client) -> None:
    BotHost.objects.create(name="other", chain="ethereum")
    assert "no host runs sessions on devnet now: it waits until one comes" in check(browser)


def test_a_redis_that_is_away_is_told_without_its_password(browser: Client, settings: Settings) -> None:
    settings.REDIS_URL = "redis://:hunter2@127.0.0.1:1/0"
    told = check(browser)
    assert "Nothing could run it now: Redis at 127.0.0.1:1 does not answer" in told
    assert "hunter2" not in told


def test_with_redis_a_host_alone_does_not_take_it_from_the_queue(
    host: BotHost, browser: Client, tmp_path: Path
) -> None:
    with redis_server(tmp_path) as server, celery_on(server.url):
        assert "no worker takes new sessions now" in check(browser)


def test_a_chain_that_is_silent_is_told(host: BotHost, market: Market, browser: Client) -> None:
    Market.objects.update(observed_at=timezone.now() - timedelta(minutes=5))
    assert "nothing is bought until it is back" in check(browser)


def test_the_chain_is_one_that_a_host_runs(browser: Client) -> None:
    BotHost.objects.create(name="other", chain="ethereum")
    assert '<input type="hidden" name="chain" value="ethereum">' in page(browser)


def test_of_several_chains_one_is_chosen(host: BotHost, browser: Client) -> None:
    BotHost.objects.create(name="other", chain="ethereum")
    assert '<option value="devnet" selected>' in page(browser)
    chosen = page(browser, chain="ethereum")
    assert '<option value="ethereum" selected>' in chosen
    assert "Deposit in USDC" in chosen
    assert "market:ethereum" in chosen


def test_every_showing_of_the_form_has_its_own_key(host: BotHost, browser: Client) -> None:
    keys = {re.findall(r'data-key="([\w-]{36})"', page(browser))[0] for _ in range(2)}
    assert len(keys) == 2


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"intel": 11}, "intel"),
        ({"runtime_minutes": "soon"}, "runtime_minutes"),
        ({"runtime_minutes": 0}, "runtime_minutes"),
        ({"tokens": ["NOPE"]}, "tokens"),
        ({"overrides": {"cooldown_blocks": "x"}}, "overrides.cooldown_blocks"),
        ({"overrides": {"max_position_pct": 101}}, "overrides"),
        ({"overrides": {"signals": ["gas"]}}, "overrides"),
        ({"account": ""}, "account"),
        ({"deposits": {"USDC": "-1"}}, "deposits.USDC"),
        ({"session_name": "x" * 81}, "session_name"),
    ],
)
def test_what_the_api_would_refuse_is_told_at_its_field(
    host: BotHost, browser: Client, asked: dict[str, Any], field: str
) -> None:
    answer = browser.get(PATH, {"part": "check", "asked": json.dumps({"account": "fresh", **asked})})
    assert set(json.loads(answer.context["problems"])) == {field}
    assert "It cannot be started like this" in answer.content.decode()


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"intel": NaN}', "[" * 5000, "\x00", "\ud83d"])
def test_what_is_no_form_is_refused(host: BotHost, browser: Client, text: str) -> None:
    text = text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    assert "It cannot be started like this" in page(browser, part="check", asked=text)


def test_asking_changes_nothing(host: BotHost, alice: User, browser: Client) -> None:
    check(browser, account="fresh")
    assert not PaperAccount.objects.exists()
    assert not BotSession.objects.exists()


def test_the_form_starts_what_the_check_was_about(host: BotHost, alice: User) -> None:
    browser = logged_in(alice)
    body = {"chain": "devnet", "account": "fresh", "intel": 3, "deposits": {"USDC": "500"}, "tokens": [WETH]}
    assert "fresh, which is made for it with 500 USDC" in check(browser, **body)
    answers = [
        browser.post(START, data=body, content_type="application/json", headers={"Idempotency-Key": "once"})
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [202, 202]
    session = BotSession.objects.get()
    assert (session.account.name, session.intel_level, session.tokens) == ("fresh", 3, [WETH])


def test_it_asks_the_database_as_often_for_many_accounts_as_for_few(
    host: BotHost, market: Market, alice: User, browser: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(30):
        open_one(alice, f"account {number}")
    page(browser)
    with django_assert_max_num_queries(22):
        page(browser)
