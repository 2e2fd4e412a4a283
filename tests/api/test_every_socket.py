"""Walks all addresses of sockets: a new one is covered, whoever remembers it."""

from typing import Any

import pytest
from asgiref.sync import async_to_sync
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.urls import path
from django.utils import timezone

from paper_trading.routing import websocket_urlpatterns
from tests.support.api_client import user_named
from tests.support.browser import as_headers, logged_in
from wallet.services.api_tokens import create_token
from wallet.services.tickets import issue_ticket

pytestmark = pytest.mark.django_db

MOST_SECONDS = 5.0
A_MOMENT = 0.3
SOCKETS = [str(route.pattern) for route in websocket_urlpatterns]
OURS = settings.PUBLIC_URLS[0]


def cookies(origin: str | None) -> dict[str, str]:
    """Those of somebody who is logged in, sent by a page of ``origin``."""
    sent = {"Cookie": as_headers(logged_in(user_named("alice")))["Cookie"]}
    return sent if origin is None else {**sent, "Origin": origin}


def is_open(routes: list[Any], address: str, headers: dict[str, str]) -> bool:
    """Whether the socket is agreed to, and stays open."""

    async def ask() -> bool:
        said = [(b"host", b"localhost"), *((name.lower().encode(), value.encode()) for name, value in headers.items())]
        socket = WebsocketCommunicator(URLRouter(routes), address, headers=said)
        accepted, _ = await socket.connect(timeout=MOST_SECONDS)
        stays = accepted and await socket.receive_nothing(timeout=A_MOMENT)
        await socket.disconnect()
        return stays

    return async_to_sync(ask)()


def test_there_is_something_to_walk() -> None:
    assert "ws/feed/" in SOCKETS


@pytest.mark.parametrize("address", SOCKETS)
@pytest.mark.parametrize("origin", [None, OURS, "https://evil.example"])
def test_no_socket_is_for_strangers(address: str, origin: str | None) -> None:
    assert not is_open(websocket_urlpatterns, f"/{address}", {} if origin is None else {"Origin": origin})


@pytest.mark.parametrize("address", SOCKETS)
@pytest.mark.parametrize("origin", [None, "null", "https://evil.example", f"{OURS}.evil.example"])
def test_no_socket_is_for_another_sites_page_whoever_looks_at_it(address: str, origin: str | None) -> None:
    assert not is_open(websocket_urlpatterns, f"/{address}", cookies(origin))


@pytest.mark.parametrize("address", SOCKETS)
def test_no_socket_is_for_a_token_that_may_not_read(address: str) -> None:
    token = create_token(user=user_named("alice"), name="trader", scopes=["trade"]).token
    secret = issue_ticket(auth=token, now=timezone.now()).secret
    assert not is_open(websocket_urlpatterns, f"/{address}?ticket={secret}", {})


def test_a_page_of_ours_is_let_in() -> None:
    with pytest.raises(TypeError, match="daphne"):  # which is what comes after that, and is not here
        is_open(websocket_urlpatterns, "/ws/feed/", cookies(OURS))


class Careless(AsyncWebsocketConsumer):
    """Agrees to everybody."""


def test_a_socket_that_asks_nobody_is_found() -> None:
    assert is_open([path("ws/planted/", Careless.as_asgi())], "/ws/planted/", {})  # type: ignore[arg-type]
