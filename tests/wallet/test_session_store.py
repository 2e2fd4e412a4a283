import pytest
from asgiref.sync import async_to_sync
from django.contrib.sessions.models import Session

from tests.support.api_client import user_named
from tests.wallet.browser import Browser, logged_in
from wallet.models import LoginSession
from wallet.session_store import SessionStore

pytestmark = pytest.mark.django_db


def test_what_is_put_into_a_session_is_there_again() -> None:
    store = SessionStore()
    store["colour"] = "red"
    store.save()
    again = SessionStore(store.session_key)
    assert again["colour"] == "red"
    again["colour"] = "blue"
    again.save()
    assert (SessionStore(store.session_key)["colour"], Session.objects.count()) == ("blue", 1)


def test_the_database_does_not_know_who_is_logged_in() -> None:
    browser = logged_in(user_named("alice"))
    kept = [*Session.objects.values_list().get(), *LoginSession.objects.values_list().get()]
    assert browser.session_key not in " ".join(map(str, kept))


def test_what_the_database_knows_logs_nobody_in() -> None:
    logged_in(user_named("alice"))
    for known in (Session.objects.get().session_key, LoginSession.objects.get().key_digest):
        thief = Browser()
        thief.client.cookies["dex_session"] = known
        assert thief.get("/api/auth/me/").status_code == 401


def test_a_key_that_somebody_made_up_is_not_taken() -> None:
    store = SessionStore("a" * 32)
    assert store.get("colour") is None
    assert store.session_key is None


def test_a_new_key_takes_the_old_one_away() -> None:
    store = SessionStore()
    store.create()
    before = store.session_key
    assert store.exists(before)
    store.cycle_key()
    assert not store.exists(before)
    assert store.exists(store.session_key)
    store.flush()
    assert not Session.objects.exists()


def test_both_ways_to_ask_agree() -> None:
    store = SessionStore()
    async_to_sync(store.aset)("colour", "red")
    async_to_sync(store.asave)()
    key = store.session_key
    assert async_to_sync(SessionStore().aexists)(key)
    assert SessionStore(key)["colour"] == async_to_sync(SessionStore(key).aget)("colour") == "red"
    async_to_sync(store.adelete)()
    assert not Session.objects.exists()
