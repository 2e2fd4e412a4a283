from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.support.api_client import bearer, client_for, error_of, user_named
from wallet.errors import UnknownTokenError, WrongTokenRequest
from wallet.models import ApiToken
from wallet.services.api_tokens import create_token, revoke_token

pytestmark = pytest.mark.django_db
URL = "/api/token/"


def test_a_token_says_who_it_is() -> None:
    answer = client_for(user_named("alice"), scopes=["read"]).get(URL)
    assert answer.status_code == 200
    assert answer.json()["user"] == "alice"
    assert answer.json()["scopes"] == ["read"]


def test_the_secret_is_kept_nowhere() -> None:
    created = create_token(user=user_named("alice"), name="bot", scopes=["read"])
    kept = " ".join(str(value) for value in ApiToken.objects.values_list().get())
    assert len(created.secret) > 40
    assert created.secret not in kept
    assert created.secret[12:] not in kept


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic abc", "Bearer dex_wrong", "Bearer " + "x" * 5_000, "Bearer dex_\xfc"]
)
def test_without_a_valid_token_it_is_a_401(header: str) -> None:
    answer = Client(raise_request_exception=False).get(URL, headers={"authorization": header} if header else {})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    error_of(answer)


def test_a_revoked_token_is_none() -> None:
    user = user_named("alice")
    created = create_token(user=user, name="bot", scopes=["read"])
    revoke_token(user=user, token_id=created.token.pk)
    assert bearer(created.secret).get(URL).status_code == 401


def test_an_expired_token_is_none() -> None:
    created = create_token(user=user_named("alice"), name="bot", scopes=["read"], days=1)
    assert bearer(created.secret).get(URL).status_code == 200
    ApiToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert bearer(created.secret).get(URL).status_code == 401


def test_the_token_of_an_inactive_user_is_none() -> None:
    user = user_named("alice")
    client = client_for(user)
    user.is_active = False
    user.save()
    assert client.get(URL).status_code == 401


def test_a_token_without_the_read_scope_reads_nothing() -> None:
    answer = client_for(user_named("alice"), scopes=["trade"]).get(URL)
    assert answer.status_code == 403
    assert error_of(answer)["code"] == "scope_missing"


def test_use_is_written_down_once_a_minute(django_assert_num_queries: Any) -> None:
    client = client_for(user_named("alice"))
    with django_assert_num_queries(2):
        client.get(URL)
    with django_assert_num_queries(1):
        client.get(URL)
    ApiToken.objects.update(last_used_at=timezone.now() - timedelta(seconds=61))
    with django_assert_num_queries(2):
        client.get(URL)


def test_nobody_revokes_the_token_of_another() -> None:
    created = create_token(user=user_named("alice"), name="bot", scopes=["read"])
    with pytest.raises(UnknownTokenError):
        revoke_token(user=user_named("mallory"), token_id=created.token.pk)


@pytest.mark.parametrize(
    "wrong",
    [{"scopes": []}, {"scopes": ["admin"]}, {"name": ""}, {"name": "a\nb"}, {"name": "x" * 81}, {"days": 0}],
)
def test_no_token_is_made_of_nonsense(wrong: dict[str, Any]) -> None:
    with pytest.raises(WrongTokenRequest):
        create_token(**({"user": user_named("alice"), "name": "bot", "scopes": ["read"]} | wrong))
    assert not ApiToken.objects.exists()
