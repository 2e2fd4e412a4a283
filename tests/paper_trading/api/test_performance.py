"""Results over the API; the sums themselves are tested beside the selector."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from paper_trading.services.booking import unbook_trade
from tests.api.world import Owned
from tests.paper_trading.api.asking import Asker
from tests.paper_trading.world import WBTC, World, block_at

KINDS = ["performance/", "performance/daily/", "performance/tokens/", "performance/exits/"]


def test_results_are_amounts_and_ratios(api: Asker, furnished: Owned) -> None:
    [row] = api.results("performance/")
    assert (row["chain"], row["quote_token"]["symbol"]) == ("devnet", "DOLLAR")
    assert (row["round_trips"], row["wins"], row["win_rate_pct"], row["profit_factor"]) == (1, 1, 100.0, None)
    assert (row["realised"]["text"], row["volume"]["text"], row["gas"]["text"]) == ("1.97", "402", "0.03")
    assert row["gas_native"]["symbol"] == "ETH"


def test_rows_are_by_day_token_and_exit(api: Asker, furnished: Owned) -> None:
    assert [row["date"] for row in api.results("performance/daily/")] == ["2025-06-15"]
    assert {row["token"]["symbol"] for row in api.results("performance/tokens/")} == {"ETHER", "COIN"}
    assert {row["exit_reason"] for row in api.results("performance/exits/")} == {"take_profit", "stop_loss"}


def test_only_ones_own_counts(stranger: Asker, furnished: Owned) -> None:
    for path in KINDS:
        assert stranger.results(path) == []
        stranger.get(f"{path}?session={furnished.running.pk}", status=404)
        stranger.get(f"{path}?account={furnished.account.pk}", status=404)


def test_a_period_can_be_named(api: Asker, furnished: Owned) -> None:
    assert api.results("performance/?since=2025-06-16T00:00:00Z") == []
    assert len(api.results("performance/?until=2025-06-16")) == 1


def test_what_is_no_period_is_refused(api: Asker) -> None:
    for query in [
        "since=now",
        "since=2025-13-01T00:00:00Z",
        "since=2025-06-02T00:00:00Z&until=2025-06-01T00:00:00Z",
        "account=-1",
    ]:
        api.get(f"performance/?{query}", status=400)


def sells(api: Asker, path: str) -> int:
    return sum(row["sells"] for row in api.results(path))


@pytest.mark.parametrize("path", KINDS)
def test_what_is_booked_or_taken_back_is_told_at_once(api: Asker, furnished: Owned, path: str) -> None:
    world = World(account=furnished.account, session=furnished.running, block=100)
    told = [sells(api, path), sells(api, path)]
    trade = world.sell(WBTC, 1, 500, exit_reason="stop_loss")
    told += [sells(api, path), sells(api, path)]
    unbook_trade(trade=trade, block=block_at(102, fork=1))
    told += [sells(api, path), sells(api, path)]
    assert told == [2, 2, 3, 3, 2, 2]


@pytest.mark.parametrize("path", KINDS)
def test_what_is_told_again_is_not_added_up_again(api: Asker, furnished: Owned, path: str) -> None:
    first = api.results(path)
    with CaptureQueriesContext(connection) as asked:
        assert api.results(path) == first
    assert [query["sql"] for query in asked if "SUM" in query["sql"].upper()] == []


def test_days_are_bounded(api: Asker, furnished: Owned) -> None:
    assert len(api.results("performance/daily/?days=366")) == 1
    api.get("performance/daily/?days=367", status=400)
    api.get("performance/?days=1", status=400)
