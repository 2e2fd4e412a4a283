import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.support.api_client import bearer, user_named
from wallet.models import ApiToken

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("api_token", *arguments, stdout=out, stderr=StringIO())
    return out.getvalue()


def told(*arguments: str) -> Any:
    return json.loads(run(*arguments, "--json"))


def test_the_secret_alone_is_printed_so_that_a_script_can_take_it() -> None:
    secret = run("create", "--scopes", "read,trade").strip()
    answer = bearer(secret).get("/api/token/").json()
    assert answer["user"] == "owner"
    assert answer["scopes"] == ["read", "trade"]


def test_the_list_holds_no_secret() -> None:
    created = told("create", "--name", "notebook", "--days", "3")
    listed = told("list")
    assert [token["name"] for token in listed] == ["notebook"]
    assert created["secret"] not in json.dumps(listed)
    assert created["secret"] not in run("list")


def test_a_revoked_token_opens_nothing_any_more() -> None:
    created = told("create")
    assert told("revoke", str(created["id"]))["revoked_at"] is not None
    assert bearer(created["secret"]).get("/api/token/").status_code == 401


def test_another_user_is_named() -> None:
    user_named("bob")
    assert told("create", "--user", "bob")["user"] == "bob"
    assert ApiToken.objects.get().user.username == "bob"


@pytest.mark.parametrize(
    "arguments",
    [["create", "--user", "nobody"], ["create", "--scopes", "all"], ["create", "--days", "0"], ["revoke", "7"]],
)
def test_what_cannot_be_is_one_clear_line(arguments: list[str]) -> None:
    with pytest.raises(CommandError) as caught:
        run(*arguments)
    assert "\n" not in str(caught.value)
