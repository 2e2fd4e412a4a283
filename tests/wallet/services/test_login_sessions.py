from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone

from tests.support.api_client import user_named
from tests.wallet.browser import logged_in
from wallet.digests import session_digest, stored_session_key
from wallet.errors import UnknownLogin
from wallet.models import LoginSession
from wallet.selectors.login_sessions import logins_of
from wallet.services.login_sessions import end_logins, login_with_key, note_seen, revoke_login, revoke_other_logins
from wallet.services.wallets import allow_wallet
from wallet.session_store import SessionStore

pytestmark = pytest.mark.usefixtures("books_db")
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
START = timezone.now()


def new_login(name: str = "alice", *, at: datetime = START) -> tuple[str, LoginSession]:
    """A session key and its login."""
    user = user_named(name)
    wallet = user.wallets.first() or allow_wallet(address="0x" + f"{user.pk + 1:040x}", user=user)
    store = SessionStore()
    store.set_expiry(at + 100 * DAY)
    store.create()
    login = LoginSession.objects.create(
        user=user,
        wallet=wallet,
        chain_id=1,
        key_digest=session_digest(store.session_key),
        created_at=at,
        last_seen_at=at,
        ends_at=at + 14 * DAY,
        client_address="127.0.0.1",
    )
    return store.session_key, login


def test_a_login_is_found_by_its_session_key() -> None:
    key, login = new_login()
    assert login_with_key(key, START) == login


@pytest.mark.parametrize("key", ["", "x", "a" * 32, "a" * 10_000, "' OR 1=1", "\x00", "ä" * 32])
def test_no_other_key_finds_one(key: str) -> None:
    new_login()
    assert login_with_key(key, START) is None


def test_the_key_is_not_kept_with_the_login() -> None:
    key, _ = new_login()
    assert key not in " ".join(str(value) for value in LoginSession.objects.values_list().get())


def test_a_login_that_is_not_used_ends_after_two_days() -> None:
    key, login = new_login()
    assert login_with_key(key, START + 2 * DAY) is None
    assert login_with_key(key, START + 2 * DAY - timedelta(seconds=1)) == login


def test_a_login_that_is_used_goes_on() -> None:
    key, login = new_login()
    for days in range(14):
        assert login_with_key(key, START + days * DAY) == login


def test_every_login_ends_after_fourteen_days() -> None:
    key, _ = new_login()
    for days in range(14):
        login_with_key(key, START + days * DAY)
    assert login_with_key(key, START + 14 * DAY - MINUTE) is not None
    assert login_with_key(key, START + 14 * DAY) is None


def test_use_is_written_down_once_a_minute(django_assert_num_queries: Any) -> None:
    key, login = new_login()
    with django_assert_num_queries(1, connection=connection):
        login_with_key(key, START + timedelta(seconds=30))
    login.refresh_from_db()
    assert login.last_seen_at == START
    login_with_key(key, START + 2 * MINUTE)
    login.refresh_from_db()
    assert login.last_seen_at == START + 2 * MINUTE


def test_a_revoked_login_is_none_and_its_session_is_gone() -> None:
    key, login = new_login()
    other_key, other = new_login()
    revoke_login(user=login.user, login_id=login.pk, now=START)
    assert login_with_key(key, START) is None
    assert login_with_key(other_key, START) == other
    assert Session.objects.get().session_key == stored_session_key(other_key)


def test_a_login_is_none_by_its_mark_alone_and_by_its_session_alone() -> None:
    key, login = new_login()
    LoginSession.objects.update(revoked_at=START)
    assert login_with_key(key, START) is None
    LoginSession.objects.update(revoked_at=None)
    assert login_with_key(key, START) == login
    Session.objects.all().delete()
    assert login_with_key(key, START) is None


def test_use_does_not_bring_back_what_was_revoked_meanwhile() -> None:
    _, login = new_login()
    stale = LoginSession.objects.get()
    end_logins([login], now=START)
    note_seen(stale, START + DAY)
    login.refresh_from_db()
    assert (login.last_seen_at, login.revoked_at) == (START, START)


def test_nobody_revokes_the_login_of_another() -> None:
    key, login = new_login("alice")
    with pytest.raises(UnknownLogin):
        revoke_login(user=user_named("mallory"), login_id=login.pk, now=START)
    assert login_with_key(key, START) == login


def test_what_was_revoked_is_not_there_to_be_revoked() -> None:
    _, login = new_login()
    revoke_login(user=login.user, login_id=login.pk, now=START)
    with pytest.raises(UnknownLogin):
        revoke_login(user=login.user, login_id=login.pk, now=START)


def test_all_other_logins_of_the_user_end_and_nobody_elses() -> None:
    (kept_key, kept), (lost_key, _), (foreign_key, foreign) = new_login(), new_login(), new_login("bob")
    assert revoke_other_logins(login=kept, now=START) == 1
    found = [login_with_key(key, START) for key in (kept_key, lost_key, foreign_key)]
    assert found == [kept, None, foreign]


def test_an_inactive_users_login_is_none() -> None:
    key, login = new_login()
    login.user.is_active = False
    login.user.save()
    assert login_with_key(key, START) is None


def test_with_another_secret_key_nobody_is_logged_in(settings: Any) -> None:
    key, _ = new_login()
    settings.SECRET_KEY = "another"
    assert login_with_key(key, START) is None


def test_only_live_logins_are_listed() -> None:
    _, live = new_login()
    _, revoked = new_login()
    new_login(at=START - 3 * DAY)
    new_login("bob")
    end_logins([revoked], now=START)
    assert list(logins_of(user=live.user, now=START)) == [live]


def test_a_new_login_sweeps_out_what_ended_long_ago() -> None:
    now = timezone.now()
    _, old = new_login(at=now - 105 * DAY)
    _, ended = new_login(at=now - 30 * DAY)
    Session.objects.update(expire_date=now - DAY)
    logged_in(user_named("bob"))
    assert not LoginSession.objects.filter(pk=old.pk).exists()
    assert LoginSession.objects.filter(pk=ended.pk).exists()
    assert Session.objects.count() == 1
