"""Orders by hand, from the request to the row that a session's host reads."""

import pytest

from paper_trading.models import BotSession, SessionCommand, SessionStatus
from tests.api.world import Owned
from tests.paper_trading.api.asking import Asker
from trading.networks import networks

DEVNET = networks()["devnet"]
WETH, USDC = DEVNET.token("WETH"), DEVNET.token("USDC")


@pytest.fixture
def path(furnished: Owned) -> str:
    SessionCommand.objects.all().delete()
    return f"sessions/{furnished.running.pk}"


def test_a_buy_gives_the_quote_token(api: Asker, path: str) -> None:
    command = api.post(f"{path}/buy/", {"token": "weth", "amount": "12.5"}, status=202)
    row = SessionCommand.objects.get(pk=command["id"])
    assert (row.kind, row.token, row.amount, row.status) == ("buy", WETH.address, 12_500_000, "waiting")
    assert api.get(f"commands/{row.pk}/") == command


def test_a_sale_gives_the_token(api: Asker, path: str) -> None:
    api.post(f"{path}/sell/", {"token": WETH.address.lower(), "amount": "0.5"}, status=202)
    assert SessionCommand.objects.get().amount == 5 * 10**17


def test_an_amount_may_be_base_units(api: Asker, path: str) -> None:
    api.post(f"{path}/buy/", {"token": "WETH", "amount_raw": "7"}, status=202)
    assert SessionCommand.objects.get().amount == 7


def test_a_sale_without_an_amount_sells_all(api: Asker, path: str) -> None:
    assert api.post(f"{path}/sell/", {"token": "WETH"}, status=202)["amount"] is None


def test_exit_all_names_no_token(api: Asker, path: str) -> None:
    command = api.post(f"{path}/exit-all/", status=202)
    assert (command["kind"], command["token"], command["amount"]) == ("exit_all", None, None)


def test_with_a_key_it_is_one_command(api: Asker, path: str) -> None:
    wanted, headers = {"token": "WETH", "amount": "1"}, {"Idempotency-Key": "a-1"}
    first = api.post(f"{path}/buy/", wanted, status=202, headers=headers)
    assert api.post(f"{path}/buy/", wanted, status=202, headers=headers) == first
    assert api.post(f"{path}/buy/", wanted, status=202)["id"] != first["id"]


def test_a_key_is_not_used_for_another_command(api: Asker, path: str) -> None:
    headers = {"Idempotency-Key": "a-1"}
    api.post(f"{path}/buy/", {"token": "WETH", "amount": "1"}, status=202, headers=headers)
    api.post(f"{path}/buy/", {"token": "WETH", "amount": "2"}, status=400, headers=headers)
    api.post(f"{path}/exit-all/", status=400, headers=headers)


def test_a_key_is_short_and_plain(api: Asker, path: str) -> None:
    for key in ["", "a b", "x" * 81, "é"]:
        api.post(f"{path}/exit-all/", status=400, headers={"Idempotency-Key": key})
        assert not SessionCommand.objects.exists()


def test_what_cannot_be_traded_is_refused_with_its_field(api: Asker, path: str) -> None:
    for action, field, body in [
        ("buy", "amount", {"token": "WETH"}),
        ("buy", "amount", {"token": "WETH", "amount": "0"}),
        ("sell", "amount", {"token": "WETH", "amount": "0.0"}),
        ("buy", "amount", {"token": "WETH", "amount": "1e3"}),
        ("buy", "amount", {"token": "WETH", "amount": "-1"}),
        ("buy", "amount", {"token": "WETH", "amount": "+1"}),
        ("buy", "amount", {"token": "WETH", "amount": "NaN"}),
        ("buy", "amount", {"token": "WETH", "amount": " 1"}),
        ("buy", "amount", {"token": "WETH", "amount": "\u0661"}),
        ("buy", "amount", {"token": "WETH", "amount": 1}),
        ("buy", "amount", {"token": "WETH", "amount": "0.0000001"}),
        ("buy", "amount", {"token": "WETH", "amount": "9" * 78}),
        ("buy", "amount", {"token": "WETH", "amount": "9" * 4000}),
        ("buy", "amount_raw", {"token": "WETH", "amount_raw": "1.5"}),
        ("buy", "amount_raw", {"token": "WETH", "amount_raw": str(2**256)}),
        ("buy", "amount_raw", {"token": "WETH", "amount_raw": 10**20}),
        ("buy", "amount_raw", {"token": "WETH", "amount": "1", "amount_raw": "1"}),
        ("buy", "token", {"token": "USDC", "amount": "1"}),
        ("buy", "token", {"token": "NOPE", "amount": "1"}),
        ("sell", "token", {"token": "0x" + "0" * 40}),
        ("sell", "token", {}),
        ("sell", "token", {"token": None}),
        ("sell", "luck", {"token": "WETH", "luck": 1}),
    ]:
        assert field in api.refused(f"{path}/{action}/", body)
        assert not SessionCommand.objects.exists()


@pytest.mark.parametrize("action", ["buy", "sell", "exit-all"])
def test_an_ended_session_takes_no_orders(api: Asker, furnished: Owned, action: str) -> None:
    body = {} if action == "exit-all" else {"token": "WETH", "amount": "1"}
    answer = api.post(f"sessions/{furnished.ended.pk}/{action}/", body, status=409)
    assert answer["error"]["code"] == "session_not_running"


def test_a_session_that_is_stopping_takes_no_orders(api: Asker, path: str) -> None:
    BotSession.objects.update(desired_status=SessionStatus.ENDED)
    api.post(f"{path}/exit-all/", status=409)


def test_the_commands_of_a_session_are_listed(api: Asker, furnished: Owned, path: str) -> None:
    api.post(f"{path}/exit-all/", status=202)
    api.post(f"{path}/sell/", {"token": "WETH"}, status=202)
    assert [row["kind"] for row in api.results(f"{path}/commands/")] == ["sell", "exit_all"]
    assert [row["kind"] for row in api.results(f"{path}/commands/?kind=sell")] == ["sell"]
    assert api.results(f"{path}/commands/?status=done") == []
    assert api.results(f"sessions/{furnished.ended.pk}/commands/") == []


def test_a_stranger_orders_and_sees_nothing(api: Asker, stranger: Asker, path: str) -> None:
    command = api.post(f"{path}/exit-all/", status=202)
    stranger.get(f"commands/{command['id']}/", status=404)
    stranger.get(f"{path}/commands/", status=404)
    stranger.post(f"{path}/exit-all/", status=404)
    assert SessionCommand.objects.count() == 1
