import json
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from tests.support.api_client import user_named
from tests.wallet.browser import ALICE, MALLORY, address_of, logged_in, mistyped
from wallet.models import Wallet
from wallet.services.owner import local_owner

pytestmark = pytest.mark.django_db
HERS, THEIRS = address_of(ALICE), address_of(MALLORY)


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("wallet_allow", *arguments, stdout=out)
    return out.getvalue()


def test_an_address_is_allowed_as_the_local_owner() -> None:
    assert run(HERS.lower()) == f"allowed: {HERS}  logs in as owner\n"
    assert Wallet.objects.get(can_login=True).user == local_owner()


def test_again_changes_nothing() -> None:
    run(HERS)
    run(HERS)
    assert Wallet.objects.count() == 1


def test_an_address_is_allowed_as_another_user() -> None:
    user_named("bob")
    told = json.loads(run(HERS, "--user", "bob", "--label", "phone", "--json"))
    assert told == {"allowed": {"address": HERS, "user": "bob", "label": "phone"}}


def test_a_new_user_is_made_where_that_is_said() -> None:
    with pytest.raises(CommandError, match="there is no user"):
        run(HERS, "--user", "bob")
    run(HERS, "--user", "bob", "--create-user")
    bob = User.objects.get(username="bob")
    assert not bob.has_usable_password()
    with pytest.raises(CommandError, match="taken"):
        run(THEIRS, "--user", "bob", "--create-user")


def test_all_are_listed() -> None:
    assert run("--list") == "No wallet may log in yet.\n"
    run(HERS)
    run(THEIRS, "--user", "bob", "--create-user")
    assert [one["user"] for one in json.loads(run("--list", "--json"))] == ["owner", "bob"]
    assert run("--list", "--user", "bob") == f"{THEIRS}  logs in as bob\n"


def test_a_removed_wallet_is_out_at_once() -> None:
    browser = logged_in(user_named("alice"))
    assert run("--remove", HERS).startswith(f"removed: {HERS}")
    assert browser.get("/api/auth/me/").status_code == 401
    assert browser.log_in().status_code == 403


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["0x12"], "40 hex digits"),
        (["--remove", "x"], "40 hex digits"),
        (["--remove", THEIRS], "nobody logs in with"),
        ([mistyped(HERS)], "typing mistake"),
        ([HERS, "--create-user"], "--create-user needs the name"),
        ([HERS, "--user", "a b", "--create-user"], "no user name"),
        ([HERS, "--label", "x" * 81], "80 printable"),
        ([], "required"),
        ([HERS, "--list"], "not allowed with"),
    ],
)
def test_what_cannot_be_is_refused_in_a_line(arguments: list[str], says: str) -> None:
    with pytest.raises(CommandError, match=says):
        run(*arguments)
    assert not Wallet.objects.exists()


def test_the_wallet_of_somebody_else_is_left_alone() -> None:
    run(HERS, "--user", "bob", "--create-user")
    with pytest.raises(CommandError, match="another user"):
        run(HERS)
