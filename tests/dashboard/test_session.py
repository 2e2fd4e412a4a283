import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from paper_trading.models import (
    BotSession,
    CommandKind,
    Decision,
    EquityPoint,
    PaperTrade,
    QuarantinedPool,
    SessionStatus,
    TradeSide,
)
from paper_trading.services.control import order_by_hand
from tests.api.world import Owned
from tests.dashboard.world import browser_of
from tests.paper_trading.world import WBTC, WETH, World, block_at
from tests.support.api_client import user_named
from trading.models import Token

pytestmark = pytest.mark.django_db
HOSTILE = "<script>alert(1)</script>"
PARTS = ("head", "figures", "positions", "orders", "decisions", "trades", "log", "level")


def address(session: BotSession) -> str:
    return f"/sessions/{session.pk}/"


def page(browser: Client, session: BotSession, **query: object) -> str:
    answer = browser.get(address(session), query)
    assert answer.status_code == 200
    return answer.content.decode()


def part(browser: Client, session: BotSession, name: str, **query: object) -> str:
    return page(browser, session, part=name, **query)


def world_of(owned: Owned) -> World:
    return World(account=owned.account, session=owned.running, block=50)


def decide(session: BotSession, block: int, *, token: str = WETH, **values: object) -> Decision:
    at = block_at(block)
    wanted = {"action": "hold", "code": "no_edge", "edge_bps": 0, "confidence_pct": 0, **values}
    return Decision.objects.create(
        session=session, block_number=block, block_hash=at.hash, last_block=block, token=token, **wanted
    )


def test_the_page_is_shown_with_all_its_parts(owned: Owned, browser: Client) -> None:
    shown = page(browser, owned.running)
    for name in PARTS:
        assert f'id="part-{name}"' in shown


@pytest.mark.parametrize("name", PARTS)
def test_each_part_is_had_alone(owned: Owned, browser: Client, name: str) -> None:
    alone = part(browser, owned.running, name)
    assert "<html" not in alone
    assert alone.strip() in page(browser, owned.running)


def test_a_session_of_somebody_else_is_not_there(owned: Owned) -> None:
    assert browser_of(user_named("mallory")).get(address(owned.running)).status_code == 404


def test_neither_is_one_that_never_was(browser: Client) -> None:
    assert browser.get(f"/sessions/{2**40}/").status_code == 404
    assert browser.get(f"/sessions/{2**70}/").status_code == 404


def test_who_is_not_logged_in_goes_to_the_login(owned: Owned, client: Client) -> None:
    answer = client.get(address(owned.running))
    assert (answer.status_code, answer["Location"]) == (302, f"/login/?next={address(owned.running)}")


def test_a_live_session_listens_to_its_market_and_an_ended_one_does_not(owned: Owned, browser: Client) -> None:
    assert "market:devnet" in page(browser, owned.running)
    assert "market:devnet" not in page(browser, owned.ended)


def test_a_running_session_can_be_paused_stopped_and_sold_out(owned: Owned, browser: Client) -> None:
    head = part(browser, owned.running, "head")
    for action in ("pause", "stop", "exit-all", "rename"):
        assert f'data-do="{action}"' in head
    assert 'data-do="archive"' not in head


def test_an_ended_session_can_be_archived_and_no_more(owned: Owned, browser: Client) -> None:
    head = part(browser, owned.ended, "head")
    assert 'data-do="archive"' in head
    assert not re.search(r'data-do="(pause|resume|stop|exit-all)"', head)
    assert "done" in head


def test_an_archived_session_can_be_brought_back(owned: Owned, browser: Client) -> None:
    BotSession.objects.filter(pk=owned.ended.pk).update(archived_at=timezone.now())
    assert 'data-do="unarchive"' in part(browser, owned.ended, "head")


def test_a_paused_session_says_so_and_can_be_resumed(owned: Owned, browser: Client) -> None:
    BotSession.objects.filter(pk=owned.running.pk).update(entries_paused=True)
    head = part(browser, owned.running, "head")
    assert "buying paused" in head
    assert 'data-do="resume"' in head
    assert 'data-do="pause"' not in head


def test_a_stopping_session_takes_no_more_orders(owned: Owned, browser: Client) -> None:
    BotSession.objects.filter(pk=owned.running.pk).update(desired_status=SessionStatus.ENDED, stop_reason="enough")
    head = part(browser, owned.running, "head")
    assert head.count(" disabled") == 3
    assert "Stopping (enough)" in head
    assert 'data-do="sell"' not in part(browser, owned.running, "positions")


def test_a_halted_session_says_why(owned: Owned, browser: Client) -> None:
    BotSession.objects.filter(pk=owned.ended.pk).update(status=SessionStatus.HALTED, end_reason="books differ")
    assert "Halted: books differ" in part(browser, owned.ended, "head")


def test_a_session_that_rests_after_failures_says_so(owned: Owned, browser: Client) -> None:
    BotSession.objects.filter(pk=owned.running.pk).update(failures=2, last_error="no node")
    assert "failed 2 times in a row: no node" in part(browser, owned.running, "head")


def test_a_session_that_nobody_runs_yet_says_what_it_waits_for(owned: Owned, browser: Client) -> None:
    BotSession.objects.filter(pk=owned.running.pk).update(status=SessionStatus.QUEUED)
    assert "waits for somebody to run it" in part(browser, owned.running, "head")


def test_the_result_is_told_in_amount_and_percent(owned: Owned, browser: Client) -> None:
    BotSession.objects.filter(pk=owned.running.pk).update(start_equity=10**10, equity=10**10 + 10**8)
    figures = part(browser, owned.running, "figures")
    assert 'value="100" title="100 ' in figures
    assert "+1.00%" in figures


def test_the_figures_add_up_its_round_trips(owned: Owned, browser: Client) -> None:
    figures = part(browser, owned.running, "figures")
    assert "1 of 1</span>" in figures  # bought for 100, sold for 41 and 61
    assert 'title="1.97 ' in figures
    assert '<dd><data class="num" value="4">4</data>' in figures


def test_a_session_without_a_block_has_no_figures_yet(owned: Owned, browser: Client) -> None:
    assert "Nothing is known yet" in part(browser, owned.ended, "figures")


def test_the_drawdown_is_the_largest_fall_from_a_peak(owned: Owned, browser: Client) -> None:
    for block, equity in enumerate((100, 200, 150, 300, 270), start=1):
        EquityPoint.objects.create(
            session=owned.running, block_number=block, block_time=timezone.now(), equity=equity * 10**6
        )
    figures = part(browser, owned.running, "figures")
    assert "25.00%" in figures
    assert 'title="50 ' in figures


def test_an_open_position_tells_its_cost_its_worth_and_its_result(owned: Owned, browser: Client) -> None:
    held = owned.account.positions.get(status="open")
    BotSession.objects.filter(pk=owned.running.pk).update(worths={str(held.pk): "150000000"})
    shown = part(browser, owned.running, "positions")
    for told in ('title="0.003 COIN"', 'title="200 ', 'title="150 ', 'title="-50 ', "-25.00%"):
        assert told in shown


def test_the_mid_price_stands_beside_it(owned: Owned, browser: Client) -> None:
    assert 'title="180 ' in part(browser, owned.running, "positions")  # 0.003 at 60,000


def test_a_position_that_cannot_be_sold_whole_says_so(owned: Owned, browser: Client) -> None:
    held = owned.account.positions.get(status="open")
    BotSession.objects.filter(pk=owned.running.pk).update(worths={str(held.pk): None})
    assert "cannot be sold whole" in part(browser, owned.running, "positions")


def test_a_position_can_be_sold_by_hand_once(owned: Owned, browser: Client, alice: User) -> None:
    owned.running.commands.all().delete()
    assert not re.search(r'data-do="sell"[^>]* disabled', part(browser, owned.running, "positions"))
    order_by_hand(session=owned.running, user=alice, kind=CommandKind.SELL, token=WBTC)
    assert re.search(r'data-do="sell"[^>]* disabled', part(browser, owned.running, "positions"))


def test_neither_while_a_sale_waits_for_its_block(owned: Owned, browser: Client) -> None:
    owned.running.commands.all().delete()
    world_of(owned).trade(TradeSide.SELL, WBTC, 300_000)
    assert re.search(r'data-do="sell"[^>]* disabled', part(browser, owned.running, "positions"))


def test_neither_while_everything_is_to_be_sold(owned: Owned, browser: Client) -> None:
    assert re.search(r'data-do="sell"[^>]* disabled', part(browser, owned.running, "positions"))
    assert re.search(r'data-do="exit-all" disabled', part(browser, owned.running, "head"))


def test_an_order_that_waits_says_what_it_gives_and_gets_at_least(owned: Owned, browser: Client) -> None:
    world_of(owned).trade(TradeSide.SELL, WBTC, 300_000)
    shown = part(browser, owned.running, "orders")
    assert "sell COIN" in shown
    assert 'title="0.003 COIN"' in shown


def test_a_refused_command_says_why(owned: Owned, browser: Client) -> None:
    owned.running.commands.update(status="refused", reason="nothing is held")
    shown = part(browser, owned.running, "orders")
    assert "refused" in shown
    assert "nothing is held" in shown


def test_a_decision_says_in_a_line_why_it_was_made(owned: Owned, browser: Client) -> None:
    shown = part(browser, owned.running, "decisions")
    for told in ("no edge", "costs are higher than the move", "-0.12%", "COIN", "ETHER"):
        assert told in shown


def why_address(browser: Client, session: BotSession, decision: Decision) -> str:
    """Where the page has it from."""
    shown = part(browser, session, "decisions")
    found = re.search(rf'id="why-{decision.pk}" data-why="([^"]+)"', shown)
    assert found is not None
    return found[1]


def test_what_its_signals_read_is_had_when_it_is_opened(owned: Owned, browser: Client) -> None:
    readings = [{"signal": "momentum", "score": 0.5, "confidence": 0.5}]
    decision = decide(owned.running, 60, reasons=["first", "second <b>"], readings=readings)
    answer = browser.get(why_address(browser, owned.running, decision))
    shown = answer.content.decode()
    for told in ("momentum", "+0.50", "50%", "<li>second &lt;b&gt;</li>"):
        assert told in shown
    assert "first" not in shown


@pytest.mark.parametrize("number", [0, 10**9, 10**30])
def test_a_decision_that_never_was_has_no_reasons(browser: Client, number: int) -> None:
    assert browser.get(f"/decisions/{number}/why/").status_code == 404


def test_decisions_of_one_token_alone(owned: Owned, browser: Client) -> None:
    shown = part(browser, owned.running, "decisions", token=WBTC)
    assert "COIN" in shown
    assert "ETHER" not in shown


def test_decisions_that_traded_alone(owned: Owned, browser: Client) -> None:
    traded = decide(owned.running, 60, action="buy", code="edge_over_bar")
    trade = owned.running.trades.earliest("pk")
    PaperTrade.objects.filter(pk=trade.pk).update(decision=traded)
    decide(owned.running, 61)
    shown = part(browser, owned.running, "decisions", trades="1")
    assert re.findall(r'id="decision-(\d+)"', shown) == [str(traded.pk)]
    assert f"trade {trade.pk}" in shown


def test_the_newest_twenty_decisions_and_then_the_older_ones(owned: Owned, browser: Client) -> None:
    made = [decide(owned.running, 100 + number).pk for number in range(25)][::-1]
    shown = part(browser, owned.running, "decisions")
    assert [int(pk) for pk in re.findall(r'id="decision-(\d+)"', shown)] == made[:20]
    assert f'data-before="{made[19]}"' in shown
    older = part(browser, owned.running, "decisions", decisions_before=made[19])
    assert [int(pk) for pk in re.findall(r'id="decision-(\d+)"', older)][:5] == made[20:]


@pytest.mark.parametrize("cursor", ["x", "-1", "9" * 19, "9" * 40, "\N{FULLWIDTH DIGIT ONE}"])
def test_a_place_in_the_list_that_makes_no_sense_is_no_error(owned: Owned, browser: Client, cursor: str) -> None:
    part(browser, owned.running, "decisions", decisions_before=cursor)
    part(browser, owned.running, "trades", trades_before=cursor)


def test_a_trade_tells_its_amounts_its_block_and_its_witnesses(owned: Owned, browser: Client) -> None:
    shown = part(browser, owned.running, "trades")
    for told in ("buy COIN", 'title="0.003 COIN"', "take profit", "model and node", "receipt 0x"):
        assert told in shown
    assert shown.count('data-do="verify"') == 4


def test_a_trade_without_a_receipt_has_nothing_to_verify(owned: Owned, browser: Client) -> None:
    trade = world_of(owned).trade(TradeSide.BUY, WETH, 10**6)
    row = re.search(rf'<tr id="trade-{trade.pk}".*?</tr>', part(browser, owned.running, "trades"), re.DOTALL)
    assert row is not None
    assert "data-do" not in row[0]


def test_a_disputed_trade_is_marked(owned: Owned, browser: Client) -> None:
    owned.running.trades.update(disputed=True)
    assert part(browser, owned.running, "trades").count("disputed") == 4


def test_the_newest_twenty_trades_and_then_the_older_ones(owned: Owned, browser: Client) -> None:
    world = world_of(owned)
    made = []
    for number in range(21):
        world.block = 100 + number
        made.append(world.trade(TradeSide.BUY, WETH, 10**6).pk)
    shown = part(browser, owned.running, "trades")
    assert [int(pk) for pk in re.findall(r'id="trade-(\d+)"', shown)] == made[:0:-1]
    older = part(browser, owned.running, "trades", trades_before=made[1])
    assert re.findall(r'id="trade-(\d+)"', older)[0] == str(made[0])


def test_the_level_says_what_was_set_in_its_place(owned: Owned, browser: Client) -> None:
    BotSession.objects.filter(pk=owned.running.pk).update(overrides={"max_position_pct": 33})
    shown = part(browser, owned.running, "level")
    assert "33%" in shown
    assert "the level says 10%" in shown
    assert shown.count("set by you") == 1


def test_pools_that_it_keeps_off_are_named(owned: Owned, browser: Client) -> None:
    QuarantinedPool.objects.create(session=owned.running, pool="0xB4e1", block_number=7, reason="two answers")
    shown = part(browser, owned.running, "level")
    assert "0xB4e1" in shown
    assert "two answers" in shown


def test_the_chart_offers_the_tokens_that_have_a_price(owned: Owned, browser: Client) -> None:
    choices = re.search(r'<select id="chart-token">.*?</select>', page(browser, owned.running), re.DOTALL)
    assert choices is not None
    assert re.findall(r'value="(0x\w+)">(\w+)<', choices[0]) == [(WBTC, "COIN"), (WETH, "ETHER")]


def test_of_them_those_alone_that_the_session_trades(owned: Owned, browser: Client) -> None:
    BotSession.objects.filter(pk=owned.running.pk).update(tokens=[WBTC])
    choices = re.search(r'<select id="chart-token">.*?</select>', page(browser, owned.running), re.DOTALL)
    assert choices is not None
    assert re.findall(r'value="(0x\w+)"', choices[0]) == [WBTC]


def test_what_tokens_and_people_call_things_stays_text(owned: Owned, browser: Client) -> None:
    Token.objects.filter(address__in=[WETH, WBTC]).update(symbol=HOSTILE)
    BotSession.objects.filter(pk=owned.running.pk).update(name=HOSTILE, failures=1, last_error=HOSTILE)
    decide(owned.running, 70, code=HOSTILE, reasons=[HOSTILE, HOSTILE])
    owned.running.commands.update(reason=HOSTILE)
    shown = page(browser, owned.running)
    assert HOSTILE not in shown
    assert shown.count("&lt;script&gt;alert(1)") > 10


def test_it_asks_the_database_as_often_for_many_as_for_few(
    owned: Owned, browser: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    world = world_of(owned)
    for number in range(15):
        world.block = 100 + number
        world.buy(WETH, 10**6, 10**14)
        decide(owned.running, 100 + number)
    page(browser, owned.running)
    with django_assert_max_num_queries(35):
        page(browser, owned.running)


@pytest.mark.parametrize(("name", "most"), list(zip(PARTS, (8, 9, 9, 7, 7, 7, 6, 6), strict=True)))
def test_so_does_each_part(
    owned: Owned, browser: Client, django_assert_max_num_queries: DjangoAssertNumQueries, name: str, most: int
) -> None:
    part(browser, owned.running, name)
    with django_assert_max_num_queries(most):
        part(browser, owned.running, name)
