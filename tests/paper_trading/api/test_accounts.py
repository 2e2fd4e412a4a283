"""Accounts: made, looked at, reset and closed; and their books."""

from django.contrib.auth.models import User

from paper_trading.models import BotSession, PaperAccount
from paper_trading.selectors import balances, check_ledger
from tests.api.world import Owned
from tests.paper_trading.api.asking import Asker
from tests.paper_trading.world import GENESIS, USDC, WETH, new_account
from trading.models import Market
from trading.networks import networks

DEVNET = networks()["devnet"]


def test_a_new_account_waits_for_its_first_session(api: Asker, alice: User) -> None:
    made = api.post("accounts/", {"name": "holiday", "chain": "devnet", "deposits": {"USDC": "250"}}, status=201)
    account = PaperAccount.objects.get(pk=made["id"])
    assert (account.user, account.chain_id, account.chain_key, account.deposits) == (alice, 31337, "", ["USDC=250"])
    assert (made["opened"], made["quote_token"]["symbol"], made["live_session"]) == (False, "USDC", None)
    assert api.get(f"accounts/{account.pk}/") == made
    assert api.get(f"accounts/{account.pk}/balances/")["balances"] == []


def test_a_name_is_used_once(api: Asker) -> None:
    api.post("accounts/", {"name": "holiday"}, status=201)
    assert api.post("accounts/", {"name": "holiday"}, status=409)["error"]["code"] == "account_exists"
    api.post("accounts/", {"name": "holiday", "chain": "ethereum"}, status=201)


def test_a_name_on_the_chain_as_it_is_now_is_taken(api: Asker, furnished: Owned) -> None:
    api.post("accounts/", {"name": "main"}, status=409)


def test_a_chain_that_was_put_aside_takes_no_name(api: Asker, furnished: Owned) -> None:
    Market.objects.filter(chain_key=GENESIS).update(chain_key="0x" + "22" * 32)
    api.post("accounts/", {"name": "main"}, status=201)


def test_strangers_have_names_of_their_own(api: Asker, stranger: Asker) -> None:
    api.post("accounts/", {"name": "holiday"}, status=201)
    stranger.post("accounts/", {"name": "holiday"}, status=201)


def test_what_cannot_be_is_refused_with_its_field(api: Asker) -> None:
    for field, body in [
        ("name", {}),
        ("name", {"name": ""}),
        ("name", {"name": "x" * 81}),
        ("name", {"name": 5}),
        ("chain", {"name": "a", "chain": "nowhere"}),
        ("deposits", {"name": "a", "deposits": {"NOPE": "1"}}),
        ("deposits", {"name": "a", "deposits": {"USDC": "0.0000001"}}),
        ("deposits", {"name": "a", "deposits": ["USDC=1"]}),
        ("user", {"name": "a", "user": 1}),
    ]:
        named = api.refused("accounts/", body)
        assert any(name.split(".")[0] == field for name in named), named
        assert not PaperAccount.objects.exists()


def test_lists_hold_what_is_asked_for(api: Asker, furnished: Owned) -> None:
    for query, found in [
        ("", ["savings", "main"]),
        ("?opened=true", ["main"]),
        ("?opened=false", ["savings"]),
        ("?closed=true", []),
        ("?name=main", ["main"]),
        ("?chain=ethereum", []),
        ("?ordering=name", ["main", "savings"]),
    ]:
        assert [account["name"] for account in api.results(f"accounts/{query}")] == found


def test_an_account_names_the_session_that_trades_on_it(api: Asker, furnished: Owned) -> None:
    assert api.get(f"accounts/{furnished.account.pk}/")["live_session"] == furnished.running.pk


def test_balances_are_exact(api: Asker, furnished: Owned) -> None:
    shown = {one["symbol"]: one["text"] for one in api.get(f"accounts/{furnished.account.pk}/balances/")["balances"]}
    assert shown == {"ETH": "0.9988", "DOLLAR": "9802", "ETHER": "0", "COIN": "0.003"}


def test_the_books_balance(api: Asker, furnished: Owned) -> None:
    sums: dict[tuple[int, str], int] = {}
    for entry in api.results(f"accounts/{furnished.account.pk}/ledger/?limit=200"):
        key = (entry["posting"], entry["token"]["address"])
        sums[key] = sums.get(key, 0) + int(entry["amount"]["raw"])
    assert sums
    assert set(sums.values()) == {0}


def test_entries_are_found(api: Asker, furnished: Owned) -> None:
    for query, count in [
        ("book=wallet&kind=opening", 2),
        ("kind=gas&book=network", 4),
        (f"token={USDC}&book=market", 4),
        ("from_block=2&to_block=2", 6),
        ("kind=reset", 0),
        ("token=ETH&book=network", 4),
    ]:
        assert len(api.results(f"accounts/{furnished.account.pk}/ledger/?limit=200&{query}")) == count


def test_the_books_are_exported(api: Asker, furnished: Owned) -> None:
    rows = api.csv(f"accounts/{furnished.account.pk}/ledger/?format=csv&book=wallet&ordering=id")
    assert (rows[0]["kind"], rows[0]["amount"], rows[0]["balance_after"]) == ("opening", "1", "1")


def ended(furnished: Owned) -> str:
    BotSession.objects.update(status="ended")
    return f"accounts/{furnished.account.pk}"


def test_a_reset_starts_over_with_the_usual_deposits(api: Asker, furnished: Owned) -> None:
    account = api.post(f"{ended(furnished)}/reset/")
    assert account["generation"] == 2
    # The network's own quote token: the account of this test counts in another.
    held = {token: amount for token, amount in balances(furnished.account).items() if amount > 0}
    assert held == {DEVNET.quote_token: 10_000_000_000, "0x" + "0" * 40: 10**18}
    assert check_ledger(furnished.account) == []


def test_a_reset_takes_what_is_named(api: Asker, furnished: Owned) -> None:
    api.post(f"{ended(furnished)}/reset/", {"deposits": {"USDC": "7", "WETH": "2", "ETH": "0"}})
    held = {token: amount for token, amount in balances(furnished.account).items() if amount > 0}
    assert held == {DEVNET.quote_token: 7_000_000, DEVNET.token("WETH").address: 2 * 10**18}


def test_a_reset_is_booked_at_the_head_that_a_host_saw(api: Asker, furnished: Owned) -> None:
    api.post(f"{ended(furnished)}/reset/")
    assert {entry["block_number"] for entry in api.results(f"accounts/{furnished.account.pk}/ledger/?kind=reset")} == {
        9
    }


def test_a_live_session_keeps_its_account_from_a_reset(api: Asker, furnished: Owned) -> None:
    error = api.post(f"accounts/{furnished.account.pk}/reset/", status=409)["error"]
    assert error["code"] == "session_still_open"
    api.post(f"accounts/{furnished.account.pk}/close/", status=409)


def test_without_a_block_there_is_no_reset(api: Asker, furnished: Owned) -> None:
    path = ended(furnished)
    Market.objects.all().delete()
    assert api.post(f"{path}/reset/", status=409)["error"]["code"] == "chain_not_followed"
    [savings] = api.ids("accounts/?name=savings")
    assert api.post(f"accounts/{savings}/reset/", status=409)["error"]["code"] == "chain_not_followed"


def test_a_closed_account_stays_closed(api: Asker, furnished: Owned) -> None:
    path = ended(furnished)
    first = api.post(f"{path}/close/")
    assert first["closed_at"] is not None
    assert api.post(f"{path}/close/") == first
    assert api.post(f"{path}/reset/", status=409)["error"]["code"] == "account_closed"


def test_bad_deposits_reset_nothing(api: Asker, furnished: Owned) -> None:
    path = ended(furnished)
    assert api.refused(f"{path}/reset/", {"deposits": {"NOPE": "1"}}).keys() == {"deposits"}
    furnished.account.refresh_from_db()
    assert furnished.account.generation == 1


def test_a_stranger_touches_no_account(stranger: Asker, furnished: Owned) -> None:
    path = ended(furnished)
    for part in ("", "/balances", "/ledger"):
        stranger.get(f"{path}{part}/", status=404)
    for action in ("reset", "close"):
        stranger.post(f"{path}/{action}/", status=404)
    furnished.account.refresh_from_db()
    assert (furnished.account.generation, furnished.account.closed_at) == (1, None)


def test_an_unknown_token_stays_whole_units(api: Asker, alice: User) -> None:
    account = new_account(user=alice, deposits={WETH: 123})
    [held] = api.get(f"accounts/{account.pk}/balances/")["balances"]
    assert (held["symbol"], held["decimals"], held["text"]) == ("?", 0, "123")
