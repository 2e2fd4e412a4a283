"""What the first page says needs attention: each thing with its reason, and only as long as it does."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from paper_trading.models import (
    STOPPED_AT_TERMINAL,
    BotHost,
    BotSession,
    PaperTrade,
    QuarantinedPool,
    SessionStatus,
    TradeSide,
)
from tests.api.world import Owned, furnish
from tests.paper_trading.world import GENESIS, WETH, World, new_account, new_session
from tests.support.api_client import user_named
from trading.models import Market

pytestmark = pytest.mark.django_db
POOL = "0xB4e16d0168e52d35CaCD2c6185b44281Ec28C9Dc"


def told(browser: Client) -> str:
    answer = browser.get("/", {"part": "attention"})
    assert answer.status_code == 200
    return answer.content.decode()


def become(session: BotSession, **values: object) -> None:
    BotSession.objects.filter(pk=session.pk).update(**values)


def run_well(owned: Owned) -> None:
    """Nothing of ``owned`` needs attention any more."""
    become(owned.ended, stop_reason="asked to")
    Market.objects.update(observed_at=timezone.now())


def test_where_all_is_well_it_says_so(owned: Owned, browser: Client) -> None:
    run_well(owned)
    assert "Nothing. Every session runs" in told(browser)


def test_a_halted_session_is_told_with_its_reason_until_it_is_put_away(owned: Owned, browser: Client) -> None:
    become(owned.ended, status=SessionStatus.HALTED, end_reason="the <books> are wrong")
    shown = told(browser)
    assert ">Halted<" in shown
    assert f'href="/sessions/{owned.ended.pk}/"' in shown
    assert "the &lt;books&gt; are wrong" in shown
    become(owned.ended, archived_at=timezone.now())
    assert ">Halted<" not in told(browser)


def test_one_that_fails_is_told_with_its_error(owned: Owned, browser: Client) -> None:
    become(owned.running, failures=3, last_error="the node lies")
    shown = told(browser)
    assert "Failed 3 times in a row" in shown
    assert "the node lies" in shown


def test_one_whose_host_is_silent_is_told(owned: Owned, browser: Client) -> None:
    host = BotHost.objects.get(name="host")
    become(owned.running, owner=host.name)
    assert "Its host is silent" not in told(browser)
    BotHost.objects.update(heartbeat_at=timezone.now() - timedelta(minutes=1))
    assert "Its host is silent" in told(browser)


def test_one_of_a_terminal_lives_by_its_own_heartbeat(owned: Owned, browser: Client) -> None:
    become(owned.running, owner="terminal", heartbeat_at=timezone.now())
    assert "Its host is silent" not in told(browser)
    become(owned.running, heartbeat_at=timezone.now() - timedelta(minutes=1))
    assert "Its host is silent" in told(browser)


def test_one_that_nobody_takes_is_told_after_a_while(owned: Owned, browser: Client) -> None:
    become(owned.running, status=SessionStatus.QUEUED)
    assert "Waits to be run" not in told(browser)
    become(owned.running, created_at=timezone.now() - timedelta(minutes=1))
    assert "Waits to be run" in told(browser)


def test_a_chain_that_says_nothing_is_told(owned: Owned, browser: Client) -> None:
    run_well(owned)
    Market.objects.update(observed_at=timezone.now() - timedelta(minutes=5))
    shown = told(browser)
    assert "devnet is silent" in shown
    assert "came in 300 seconds ago" in shown


def test_a_chain_that_cannot_be_trusted_says_why(owned: Owned, browser: Client) -> None:
    run_well(owned)
    Market.objects.update(problem="the node disagrees with itself")
    shown = told(browser)
    assert "devnet cannot be trusted" in shown
    assert "the node disagrees with itself" in shown


def test_a_chain_that_nothing_runs_on_is_no_matter(owned: Owned, browser: Client) -> None:
    become(owned.running, status=SessionStatus.ENDED)
    Market.objects.update(observed_at=timezone.now() - timedelta(minutes=5))
    assert "is silent" not in told(browser)


def test_a_disputed_trade_is_told_once_and_not_its_pool_beside_it(owned: Owned, browser: Client) -> None:
    trade = PaperTrade.objects.get(account=owned.account, sequence=1)
    PaperTrade.objects.filter(pk=trade.pk).update(disputed=True, block_time=timezone.now())
    shut_out(owned.running, block=trade.block_number or 0)
    shown = told(browser)
    assert shown.count(">Disputed<") == 1
    assert f'href="/trades/{trade.pk}/"' in shown
    assert "A pool was shut out" not in shown


def test_a_pool_that_was_shut_out_without_a_trade_is_told(owned: Owned, browser: Client) -> None:
    shut_out(owned.running, block=7)
    shown = told(browser)
    assert "A pool was shut out" in shown
    assert "it lies" in shown


def shut_out(session: BotSession, *, block: int) -> None:
    QuarantinedPool.objects.create(session=session, pool=POOL, block_number=block, reason="it lies")


def gas_costs(wei: int) -> None:
    Market.objects.filter(chain_key=GENESIS).update(base_fee=wei, tip=0)


def test_an_account_that_runs_out_of_gas_money_is_told(owned: Owned, browser: Client) -> None:
    gas_costs(10**9)
    assert "money for gas" not in told(browser)
    gas_costs(10**18 // 420_000 // 3)
    shown = told(browser)
    assert "Low on money for gas" in shown
    assert "some 2 more swaps" in shown or "some 3 more swaps" in shown


def test_an_account_without_gas_money_is_told(owned: Owned, browser: Client) -> None:
    gas_costs(10**18)
    assert "No money for gas" in told(browser)


def test_where_no_gas_is_charged_none_is_missing(owned: Owned, browser: Client) -> None:
    Market.objects.update(base_fee=None, tip=10**18)
    assert "money for gas" not in told(browser)


def test_what_the_router_refused_today_is_told(owned: Owned, browser: Client) -> None:
    world = World(account=owned.account, session=owned.running, block=50)
    trades = [world.revert(TradeSide.BUY, WETH, 10**6) for _ in range(2)]
    assert ">Reverted<" not in told(browser)
    PaperTrade.objects.filter(pk__in=[trade.pk for trade in trades]).update(block_time=timezone.now())
    shown = told(browser)
    assert "refused 2 orders" in shown
    assert "UniswapV2Router: EXPIRED" in shown


def test_one_that_ended_by_itself_today_is_told(owned: Owned, browser: Client) -> None:
    become(owned.ended, end_reason="the runtime is over")
    shown = told(browser)
    assert "Ended by itself" in shown
    assert "the runtime is over" in shown


@pytest.mark.parametrize(
    "values",
    [
        {"stop_reason": "stopped on the page"},
        {"end_reason": STOPPED_AT_TERMINAL},
        {"ended_at": timezone.now() - timedelta(days=2)},
    ],
)
def test_one_that_was_stopped_or_ended_long_ago_is_not(
    owned: Owned, browser: Client, values: dict[str, object]
) -> None:
    become(owned.ended, **values)
    assert "Ended by itself" not in told(browser)


def test_what_is_broken_comes_before_what_is_only_worth_knowing(owned: Owned, browser: Client) -> None:
    gas_costs(10**18)
    shown = told(browser)
    assert shown.index("No money for gas") < shown.index("Ended by itself")


def test_nothing_of_anybody_else_is_told(owned: Owned, browser: Client) -> None:
    foreign = furnish(user_named("mallory"))
    run_well(owned)
    become(foreign.running, failures=3, owner="nobody", heartbeat_at=timezone.now() - timedelta(minutes=1))
    become(foreign.ended, status=SessionStatus.HALTED)
    shut_out(foreign.running, block=1)
    PaperTrade.objects.filter(account=foreign.account).update(disputed=True, block_time=timezone.now())
    assert "Nothing. Every session runs" in told(browser)


def test_very_many_are_counted_instead_of_listed(owned: Owned, browser: Client) -> None:
    for number in range(8):
        session = new_session(new_account(user=owned.user, name=f"account {number}"))
        become(session, status=SessionStatus.RUNNING, failures=1)
    shown = told(browser)
    assert shown.count("Failed, and is tried again") == 5
    assert "3 more" in shown
