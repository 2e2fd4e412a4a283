"""What every answer tells the browser, whoever answers: a view, a refusal, an error, a file."""

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import AsyncRequestFactory, Client, RequestFactory
from pytest_django import Settings

from dexproject.security_headers import NOTHING, PAGE, SecurityHeadersMiddleware

SCRIPT = "/static/drf_spectacular_sidecar/swagger-ui-dist/swagger-ui-bundle.js"
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/healthz/", "/api/token/", "/api/nothing/", "/api/schema/", "/api/docs/", SCRIPT])
def test_every_answer_is_guarded(path: str, client: Client) -> None:
    headers = client.get(path).headers
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; ")
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "base-uri 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]


def test_a_host_that_is_not_ours_gets_no_less(client: Client) -> None:
    answer = client.get("/healthz/", headers={"host": "evil.example"})
    assert answer.status_code == 400
    assert answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"


def test_json_may_load_nothing_at_all(client: Client) -> None:
    assert client.get("/healthz/").headers["Content-Security-Policy"] == NOTHING


def test_a_page_may_load_what_comes_from_here_and_nothing_inline(client: Client) -> None:
    policy = client.get("/no-such-page/").headers["Content-Security-Policy"]
    assert policy == PAGE
    assert "unsafe" not in policy
    assert "http" not in policy


def test_nothing_is_granted_in_the_policy_of_permissions(client: Client) -> None:
    granted = client.get("/healthz/").headers["Permissions-Policy"].split(", ")
    assert len(granted) > 20
    assert all(one.endswith("=()") for one in granted)


def test_files_may_be_kept_and_nothing_else(client: Client) -> None:
    assert "max-age" in client.get(SCRIPT).headers["Cache-Control"]
    for path in ("/healthz/", "/api/token/", "/api/nothing/", "/no-such-page/"):
        assert "no-store" in client.get(path).headers["Cache-Control"], path


def test_what_a_view_said_stays() -> None:
    own = {"Content-Security-Policy": "sandbox", "Cache-Control": "max-age=60"}
    middleware = SecurityHeadersMiddleware(lambda _: HttpResponse(headers=own))
    answer: Any = middleware(RequestFactory().get("/"))
    assert {name: answer.headers[name] for name in own} == own


async def test_under_asgi_it_awaits_and_changes_no_thread() -> None:
    async def view(_: object) -> HttpResponse:
        return HttpResponse("a page")

    waiting: Any = SecurityHeadersMiddleware(view)(AsyncRequestFactory().get("/"))
    assert (await waiting).headers["Content-Security-Policy"] == PAGE


def test_https_is_remembered_where_it_is_spoken(client: Client, settings: Settings) -> None:
    settings.SECURE_HSTS_SECONDS = 60
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    fresh = Client()
    said = fresh.get("/healthz/", headers={"x-forwarded-proto": "https"}).headers
    assert said["Strict-Transport-Security"].startswith("max-age=60")
    assert "Strict-Transport-Security" not in fresh.get("/healthz/").headers
