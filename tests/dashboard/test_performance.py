import json
import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from dashboard.performance.subject import since_of
from paper_trading.models import BotSession, EquityPoint, FillReceipt, PaperTrade
from tests.api.world import Owned, furnish
from tests.paper_trading.world import WETH, World
from tests.support.api_client import user_named
from trading.models import Token

pytestmark = pytest.mark.django_db
HOSTILE = "<script>alert(1)</script>"
PARTS = ("totals", "curve", "days", "tokens", "exits", "compare")
DOLLAR = 10**6


@pytest.fixture
def foreign() -> Owned:
    return furnish(user_named("mallory"))


def page(browser: Client, **query: Any) -> str:
    answer = browser.get("/performance/", query)
    assert answer.status_code == 200
    return answer.content.decode()


def part(browser: Client, name: str, **query: Any) -> str:
    return page(browser, part=name, **query)


def worth(session: BotSession, *dollars: int, since: datetime | None = None) -> None:
    start = timezone.now() if since is None else since
    for block, amount in enumerate(dollars, start=1):
        EquityPoint.objects.create(
            session=session,
            block_number=block,
            block_time=start + timedelta(minutes=block),
            equity=amount * DOLLAR,
        )


def drawn(text: str) -> Any:
    found = re.search(r'data-curves="([^"]*)"', text)
    assert found is not None
    return json.loads(unescape(found[1]))


def titles(text: str) -> list[str]:
    return re.findall(r'title="(-?[\d.]+) DOLLAR"', text)


def test_the_page_is_shown_with_all_its_parts(owned: Owned, browser: Client) -> None:
    shown = page(browser)
    for name in PARTS:
        assert f'id="part-{name}"' in shown


@pytest.mark.parametrize("name", PARTS)
def test_each_part_is_had_alone(owned: Owned, browser: Client, name: str) -> None:
    alone = part(browser, name)
    assert "<html" not in alone
    assert alone.strip() in page(browser)


def test_who_is_not_logged_in_goes_to_the_login(client: Client) -> None:
    assert client.get("/performance/")["Location"] == "/login/?next=/performance/"


def test_without_any_trade_it_says_when_there_will_be_results(browser: Client) -> None:
    shown = page(browser)
    assert "results come with the first trade" in shown
    assert "a running session adds a point every minute" in shown
    assert "once there are two sessions" in shown


def test_the_totals_add_up_what_was_booked(owned: Owned, browser: Client) -> None:
    shown = part(browser, "totals")
    assert titles(shown)[0] == "1.97"  # bought for 100, sold for 41 and 61, gas 0.03
    assert titles(shown)[1] == "402"
    assert "1 of 1" in shown
    assert "no loss yet" in shown


def test_the_costs_are_itemised_and_add_up(owned: Owned, browser: Client) -> None:
    newest = PaperTrade.objects.latest("pk")
    PaperTrade.objects.filter(pk=newest.pk).update(pool_fee_quote=3, impact_quote=20, drift_quote=-1)
    shown = part(browser, "totals", period="30d", session=owned.running.pk)
    assert "Nothing was booked" in shown  # the blocks of this world are of 2025
    assert titles(part(browser, "totals"))[2:] == ["0.000003", "0.00002", "-0.000001", "0.03", "0.030022"]


def test_the_profit_factor_is_what_was_won_for_what_was_lost(owned: Owned, browser: Client) -> None:
    world = World(account=owned.account, session=owned.running, block=50)
    world.buy(WETH, 10 * DOLLAR, 10**15)
    world.sell(WETH, 10**15, 9 * DOLLAR)
    assert '<span class="num">1.97</span>' in part(browser, "totals")


def test_results_of_others_are_not_among_them(foreign: Owned, browser: Client) -> None:
    assert "results come with the first trade" in page(browser)


@pytest.mark.parametrize("name", ["account", "session", "compare"])
def test_what_belongs_to_somebody_else_is_not_there(owned: Owned, foreign: Owned, browser: Client, name: str) -> None:
    pk = foreign.account.pk if name == "account" else foreign.running.pk
    assert browser.get("/performance/", {name: pk}).status_code == 404


@pytest.mark.parametrize(("name", "value"), [("period", "1y"), ("account", "x"), ("session", "-1"), ("compare", "")])
def test_what_makes_no_sense_asks_for_nothing(owned: Owned, browser: Client, name: str, value: str) -> None:
    assert titles(part(browser, "totals", **{name: value}))[0] == "1.97"


def test_a_session_alone_is_shown(owned: Owned, browser: Client) -> None:
    assert titles(part(browser, "totals", session=owned.running.pk))[0] == "1.97"
    assert "Nothing was booked in what is chosen" in part(browser, "totals", session=owned.ended.pk)


def test_an_account_alone_is_shown(owned: Owned, browser: Client) -> None:
    assert titles(part(browser, "totals", account=owned.account.pk))[0] == "1.97"
    assert "Nothing was booked" in part(browser, "totals", account=owned.ended.account_id)


def test_a_period_starts_with_an_hour_or_a_day_so_that_its_answer_can_be_kept() -> None:
    now = datetime(2026, 5, 9, 14, 35, 12, tzinfo=UTC)
    assert since_of("24h", now) == datetime(2026, 5, 8, 14, tzinfo=UTC)
    assert since_of("7d", now) == datetime(2026, 5, 2, tzinfo=UTC)
    assert since_of("all", now) is None


def test_what_is_chosen_stays_chosen(owned: Owned, browser: Client) -> None:
    shown = page(browser, period="7d", session=owned.running.pk)
    assert '<option value="7d" selected>' in shown
    assert f'<option value="{owned.running.pk}" selected>' in shown
    assert f"period=7d&amp;session={owned.running.pk}&amp;part=totals" in shown


def test_a_curve_is_drawn_in_its_own_unit_with_its_falls(owned: Owned, browser: Client) -> None:
    worth(owned.running, 100, 200, 150)
    (curve,) = drawn(part(browser, "curve", session=owned.running.pk))
    assert curve["unit"] == "DOLLAR"
    assert [point[1:] for point in curve["points"]] == [["100", 0], ["200", 0], ["150", 2500]]


def test_its_figures_stand_below(owned: Owned, browser: Client) -> None:
    worth(owned.running, 100, 200, 150)
    shown = part(browser, "curve", session=owned.running.pk)
    assert titles(shown) == ["100", "150", "50", "50"]
    assert "+50.00%" in shown
    assert "25.00%" in shown


def test_curves_of_several_accounts_are_in_percent_of_their_start(owned: Owned, browser: Client) -> None:
    worth(owned.running, 100, 150)
    worth(owned.ended, 50, 40)
    lines = drawn(part(browser, "curve"))
    assert [line["unit"] for line in lines] == ["%", "%"]
    assert sorted(line["points"][1][1] for line in lines) == ["-20", "50"]


def test_the_period_bounds_the_curve(owned: Owned, browser: Client) -> None:
    worth(owned.running, 100, 200, since=timezone.now() - timedelta(days=10))
    assert drawn(part(browser, "curve", period="7d")) == []
    assert len(drawn(part(browser, "curve", period="30d"))) == 1


def test_a_new_point_is_in_the_curve_at_once(owned: Owned, browser: Client) -> None:
    worth(owned.running, 100)
    assert len(drawn(part(browser, "curve", session=owned.running.pk))[0]["points"]) == 1
    EquityPoint.objects.create(session=owned.running, block_number=9, block_time=timezone.now(), equity=1)
    assert len(drawn(part(browser, "curve", session=owned.running.pk))[0]["points"]) == 2


def test_days_have_a_bar_and_a_line_in_the_table(owned: Owned, browser: Client) -> None:
    shown = part(browser, "days")
    assert shown.count('<rect class="good"') == 1
    assert '<th scope="row">2025-06-15</th>' in shown


def test_results_are_told_by_token(owned: Owned, browser: Client) -> None:
    shown = part(browser, "tokens")
    assert re.findall(r'<th scope="row">(\w+)</th>', shown) == ["ETHER", "COIN"]
    assert "1.97" in titles(shown)


def test_results_are_told_by_exit_reason(owned: Owned, browser: Client) -> None:
    assert "stop loss" in part(browser, "exits")


def test_sessions_are_compared_side_by_side(owned: Owned, browser: Client) -> None:
    worth(owned.running, 100, 150)
    worth(owned.ended, 50, 40)
    shown = part(browser, "compare", compare=[owned.running.pk, owned.ended.pk])
    assert [curve["points"][1][1] for curve in drawn(shown)] == ["50", "-20"]
    for told in ("+50.00%", "-20.00%", "20.00%", "old"):
        assert told in shown


def test_one_alone_is_not_compared(owned: Owned, browser: Client) -> None:
    assert "Choose at least two" in part(browser, "compare", compare=[owned.running.pk])


def test_a_session_without_a_curve_is_compared_by_its_figures(owned: Owned, browser: Client) -> None:
    shown = part(browser, "compare", compare=[owned.running.pk, owned.ended.pk])
    assert drawn(shown) == []
    assert shown.count("<tr><th") == 3


def test_no_more_than_four_are_compared(owned: Owned, browser: Client) -> None:
    made = [
        BotSession.objects.create(
            account=owned.ended.account, user=owned.user, chain="devnet", intel_level=1, status="ended"
        ).pk
        for _ in range(5)
    ]
    assert part(browser, "compare", compare=made).count('href="/sessions/') == 4


def test_a_session_can_be_saved_as_a_picture_with_the_newest_hash(owned: Owned, browser: Client) -> None:
    BotSession.objects.filter(pk=owned.running.pk).update(start_equity=100 * DOLLAR, equity=90 * DOLLAR)
    shown = part(browser, "curve", session=owned.running.pk)
    newest = FillReceipt.objects.filter(account=owned.account).latest("sequence")
    assert f'data-hash="{newest.hash}"' in shown
    assert 'data-result="-10.' in shown
    assert 'data-percent="-10.00%"' in shown
    assert 'data-kind="bad"' in shown


def test_all_sessions_together_cannot(owned: Owned, browser: Client) -> None:
    assert "data-card" not in part(browser, "curve")


def test_what_people_and_tokens_call_things_stays_text(owned: Owned, browser: Client) -> None:
    Token.objects.update(symbol=HOSTILE)
    BotSession.objects.filter(pk=owned.running.pk).update(name=HOSTILE)
    owned.account.name = HOSTILE
    owned.account.save()
    worth(owned.running, 100, 150)
    shown = page(browser, session=owned.running.pk, compare=[owned.running.pk, owned.ended.pk])
    assert HOSTILE not in shown
    assert shown.count("&lt;script&gt;alert(1)") > 3


def test_it_listens_to_the_portfolio(owned: Owned, browser: Client) -> None:
    assert f"portfolio:{owned.user.pk}" in page(browser)


def test_the_second_look_adds_nothing_up(
    owned: Owned, browser: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    worth(owned.running, 100, 150)
    page(browser)
    with django_assert_max_num_queries(13):
        page(browser)


def test_a_comparison_costs_a_few_queries_for_each_session(
    owned: Owned, browser: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    chosen = [owned.running.pk, owned.ended.pk]
    part(browser, "compare", compare=chosen)
    with django_assert_max_num_queries(10):
        part(browser, "compare", compare=chosen)
