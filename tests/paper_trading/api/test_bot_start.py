"""Starting a bot: what it makes, what again does, and everything that is refused with its field."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from paper_trading.models import BotHost, BotSession, PaperAccount, SessionStatus
from paper_trading.services.control import request_stop
from tests.paper_trading.api.asking import Asker
from tests.paper_trading.world import new_account
from trading.models import Chain, Market
from trading.networks import networks

DEVNET = networks()["devnet"]
pytestmark = pytest.mark.usefixtures("host")


def the_session() -> BotSession:
    return BotSession.objects.select_related("account").get()


def test_a_start_answers_with_session_and_task(api: Asker) -> None:
    answer = api.post("bot/start/", status=202)
    session = the_session()
    assert (answer["session_id"], answer["task_id"], answer["created"]) == (session.pk, session.task_id, True)
    assert answer["task_id"]
    assert api.client.get(answer["status_url"]).json()["sessions"][0]["id"] == session.pk


def test_what_is_not_said_is_as_usual(api: Asker, alice: User) -> None:
    api.post("bot/start/", status=202)
    session = the_session()
    assert (session.chain, session.intel_level, session.account.name, session.user) == ("devnet", 8, "main", alice)
    assert (session.runtime, session.tokens, session.overrides, session.account.deposits) == (None, [], {}, [])


def test_what_is_said_is_what_runs(api: Asker) -> None:
    wanted = {
        "chain": "31337",
        "account": "bold",
        "intel": 10,
        "session_name": "Überflug",
        "runtime_minutes": 1.5,
        "tokens": ["weth", DEVNET.token("WBTC").address],
        "overrides": {"min_trade_usd": 5, "signals": ["trend"]},
        "deposits": {"USDC": "2500.5", "ETH": "3"},
    }
    api.post("bot/start/", wanted, status=202)
    session = the_session()
    assert (session.chain, session.intel_level, session.name, session.runtime) == ("devnet", 10, "Überflug", 90)
    assert session.tokens == [DEVNET.token("WETH").address, DEVNET.token("WBTC").address]
    assert session.overrides == {"min_trade_usd": 5, "signals": ["trend"]}
    assert (session.account.name, session.account.deposits) == ("bold", ["USDC=2500.5", "ETH=3"])


def test_again_is_the_same_session(api: Asker) -> None:
    first = api.post("bot/start/", status=202)
    again = api.post("bot/start/", {"intel": 3}, status=202)
    assert (again["session_id"], again["task_id"], again["created"]) == (first["session_id"], first["task_id"], False)
    assert the_session().intel_level == 8


def test_another_account_is_another_session(api: Asker) -> None:
    first = api.post("bot/start/", status=202)
    assert api.post("bot/start/", {"account": "second"}, status=202)["session_id"] != first["session_id"]


def test_an_account_whose_session_ended_starts_anew(api: Asker) -> None:
    first = api.post("bot/start/", status=202)["session_id"]
    BotSession.objects.update(status=SessionStatus.ENDED)
    assert api.post("bot/start/", status=202)["session_id"] != first
    assert PaperAccount.objects.count() == 1


def test_two_users_have_their_own(api: Asker, stranger: Asker) -> None:
    mine, theirs = api.post("bot/start/", status=202), stranger.post("bot/start/", status=202)
    assert mine["session_id"] != theirs["session_id"]
    assert theirs["created"]


def test_where_nothing_could_run_it_the_line_says_what_is_missing(api: Asker) -> None:
    BotHost.objects.update(stopped_at=timezone.now())
    error = api.post("bot/start/", status=503)["error"]
    assert error["code"] == "background_unavailable"
    assert "worker" in error["message"]
    assert not BotSession.objects.exists()


def test_an_open_account_takes_no_deposits(api: Asker, alice: User) -> None:
    new_account(user=alice)
    assert "deposits" in api.refused("bot/start/", {"deposits": {"USDC": "1"}})


def test_an_account_that_waits_takes_no_other_deposits_than_its_own(api: Asker) -> None:
    api.post("bot/start/", {"deposits": {"USDC": "5"}}, status=202)
    BotSession.objects.update(status=SessionStatus.ENDED)
    assert "deposits" in api.refused("bot/start/", {"deposits": {"USDC": "6"}})
    api.post("bot/start/", {"deposits": {"USDC": "5"}}, status=202)


def test_a_closed_account_starts_nothing(api: Asker, alice: User) -> None:
    account = new_account(user=alice)
    api.post(f"accounts/{account.pk}/close/")
    assert "account" in api.refused("bot/start/", {})


def test_what_cannot_be_is_refused_with_its_field(api: Asker) -> None:
    for field, value in [
        ("chain", "nowhere"),
        ("chain", 31337),
        ("account", ""),
        ("account", "x" * 81),
        ("account", None),
        ("intel", 0),
        ("intel", 11),
        ("intel", 10**40),
        ("intel", "8"),
        ("intel", "\u0668"),
        ("intel", 8.0),
        ("intel", True),
        ("intel", None),
        ("session_name", ["x"]),
        ("session_name", "x" * 81),
        ("runtime_minutes", 0),
        ("runtime_minutes", -1),
        ("runtime_minutes", 10**9),
        ("runtime_minutes", "5"),
        ("runtime_minutes", True),
        ("tokens", "WETH"),
        ("tokens", ["NOPE"]),
        ("tokens", ["USDC"]),
        ("tokens", [1]),
        ("tokens", ["WETH"] * 51),
        ("overrides", []),
        ("overrides", {"luck": 1}),
        ("overrides", {"min_trade_usd": -1}),
        ("overrides", {"max_position_pct": 101}),
        ("overrides", {"max_position_pct": "10"}),
        ("overrides", {"min_trade_usd": 10**40}),
        ("overrides", {"signals": ["gas"]}),
        ("overrides", {"signals": ["tarot"]}),
        ("overrides", {"signals": "trend"}),
        ("deposits", []),
        ("deposits", {"USDC": 5}),
        ("deposits", {"USDC": "1e3"}),
        ("deposits", {"USDC": "-1"}),
        ("deposits", {"USDC": "NaN"}),
        ("deposits", {"USDC": "\u0661"}),
        ("deposits", {"USDC": "1.1234567"}),
        ("deposits", {"USDC": "9" * 78}),
        ("deposits", {"NOPE": "1"}),
        ("deposits", {"USDC=5": "1"}),
        ("deposits", {"": "1"}),
        ("luck", 1),
    ]:
        named = api.refused("bot/start/", {field: value})
        assert any(name.split(".")[0] == field for name in named), named
        assert not BotSession.objects.exists()


def test_what_is_no_object_is_refused(api: Asker) -> None:
    for body in [
        '{"intel": NaN}',
        '{"runtime_minutes": 1e999}',
        '{"intel": 8, "intel": 9}',
        '{"account": "a\\u0000b"}',
        "[]",
        '"x"',
        "{",
        "[" * 5000,
        "null",
    ]:
        api.post("bot/start/", body, status=400)
        assert not BotSession.objects.exists()


def test_with_a_node_the_chain_is_the_one_that_is_followed(api: Asker, settings: Any) -> None:
    settings.RPC_URLS = ["http://127.0.0.1:1"]
    followed(1, "ethereum")
    api.post("bot/start/", status=202)
    assert the_session().chain == "ethereum"


def test_what_is_followed_now_goes_before_what_was_once(api: Asker, settings: Any) -> None:
    settings.RPC_URLS = ["http://127.0.0.1:1"]
    followed(31337, "devnet", seconds=3600)
    followed(1, "ethereum")
    api.post("bot/start/", status=202)
    assert the_session().chain == "ethereum"


@pytest.mark.parametrize("chains", [[], [(1, "ethereum"), (10, "optimism")]])
def test_with_a_node_and_no_one_chain_it_must_be_named(api: Asker, settings: Any, chains: list[Any]) -> None:
    settings.RPC_URLS = ["http://127.0.0.1:1"]
    for chain_id, name in chains:
        followed(chain_id, name)
    [line] = api.refused("bot/start/", {})["chain"]
    assert "ethereum" in line
    assert "optimism" in line
    api.post("bot/start/", {"chain": "optimism"}, status=202)


def test_a_stopped_one_that_no_host_took_has_ended(api: Asker) -> None:
    api.post("bot/start/", status=202)
    assert request_stop(session=the_session(), reason="no more").status == SessionStatus.ENDED


def followed(chain_id: int, name: str, *, seconds: float = 0) -> None:
    chain = Chain.objects.create(chain_id=chain_id, name=name)
    now = timezone.now()
    Market.objects.create(
        chain=chain,
        chain_key=name,
        quote_token="0x",
        head_number=1,
        head_hash="0x",
        head_time=now,
        observed_at=now - timedelta(seconds=seconds),
    )
