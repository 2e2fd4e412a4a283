"""The middleware of pages, under WSGI and under ASGI, which the web process serves."""

import json
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.test import AsyncClient, Client
from django.urls import path

from tests.support.api_client import user_named
from tests.wallet.browser import ALICE, CHALLENGE, ORIGIN, VERIFY, address_of, logged_in, signed
from wallet.models import LoginSession
from wallet.services.wallets import allow_wallet

pytestmark = pytest.mark.django_db


def who(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.user.get_username())


def form(request: HttpRequest) -> HttpResponse:
    return HttpResponse(get_token(request))


urlpatterns = [path("who/", who), path("form/", form)]


class Asgi:
    """Django's client for ASGI, called as the one for WSGI is."""

    def __init__(self, **options: Any) -> None:
        self.client = AsyncClient(**options)
        self.cookies = self.client.cookies

    def get(self, address: str, **options: Any) -> Any:
        return async_to_sync(self.client.get)(address, **options)

    def post(self, address: str, **options: Any) -> Any:
        return async_to_sync(self.client.post)(address, **options)


@pytest.fixture(params=[Client, Asgi])
def client(request: pytest.FixtureRequest) -> Any:
    return request.param(enforce_csrf_checks=True)


@pytest.fixture
def pages(settings: Any) -> None:
    settings.ROOT_URLCONF = __name__


def test_a_page_knows_who_logged_in(client: Any, settings: Any) -> None:
    key = logged_in(user_named("alice")).session_key
    settings.ROOT_URLCONF = __name__
    assert client.get("/who/").content == b""
    client.cookies["dex_session"] = key
    assert client.get("/who/").content == b"alice"
    LoginSession.objects.update(revoked_at=LoginSession.objects.get().created_at)
    assert client.get("/who/").content == b""


def test_a_page_that_asks_for_nobody_reads_nothing(client: Any, pages: None, django_assert_num_queries: Any) -> None:
    client.cookies["dex_session"] = "a" * 32
    with django_assert_num_queries(0):
        answer = client.get("/form/")
    assert "dex_session" not in answer.cookies


def test_a_form_of_a_page_needs_its_token(client: Any, pages: None) -> None:
    token = client.get("/form/").content.decode()
    assert client.cookies["dex_csrf"]["samesite"] == "Strict"
    assert client.post("/form/").status_code == 403
    assert client.post("/form/", headers={"x-csrftoken": token}).status_code == 200
    foreign = {"x-csrftoken": token, "origin": "http://evil.example"}
    assert client.post("/form/", headers=foreign).status_code == 403


def test_a_login_leaves_its_cookies(client: Any) -> None:
    allow_wallet(address=address_of(ALICE), user=user_named("alice"))
    client.cookies["dex_csrf"] = "c" * 32
    headers = {"origin": ORIGIN, "x-csrftoken": "c" * 32}

    def post(where: str, **body: Any) -> Any:
        return client.post(where, data=json.dumps(body), content_type="application/json", headers=headers)

    message = post(CHALLENGE, address=address_of(ALICE), chain_id=1).json()["message"]
    assert post(VERIFY, message=message, signature=signed(message)).status_code == 200
    assert client.cookies["dex_csrf"].value != "c" * 32
    assert client.get("/api/auth/me/").json()["user"] == "alice"
