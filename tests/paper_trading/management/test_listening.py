"""Which port the dashboard gets, and by which address it is known."""

import socket
from collections.abc import Iterator

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from api.origins import is_our_origin
from chain.errors import ConfigurationError
from paper_trading.management import listening
from paper_trading.management.listening import PortTaken, listen, serve_at


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that another program has, with a free one after it."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = first.getsockname()[1]
            try:
                second.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            second.close()
            first.listen()
            yield port
            return


@pytest.fixture
def usual(settings: Settings) -> Settings:
    settings.HAS_PUBLIC_URL = False
    settings.PUBLIC_URLS = ["http://127.0.0.1:8000", "http://localhost:8000"]
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
    return settings


def test_a_taken_port_that_was_asked_for_is_told(taken: int) -> None:
    with pytest.raises(PortTaken, match=f"port {taken} of 127.0.0.1 is taken by another program"):
        listen("127.0.0.1", taken)


def test_without_a_port_the_next_free_one_is_taken(taken: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "FIRST_PORT", taken)
    with listen("127.0.0.1", None) as found:
        assert found.getsockname() == ("127.0.0.1", taken + 1)


def test_that_all_usual_ports_are_taken_is_told(taken: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "FIRST_PORT", taken)
    monkeypatch.setattr(listening, "PORTS", 1)
    with pytest.raises(PortTaken, match="all taken: --port N names another"):
        listen("127.0.0.1", None)


@pytest.mark.parametrize(("bind", "port"), [("127.0.0.1", 65536), ("127.0.0.1", -1), ("203.0.113.1", 0), ("::1", 0)])
def test_an_address_that_cannot_be_had_is_told_in_one_line(bind: str, port: int) -> None:
    with pytest.raises(ConfigurationError) as refused:
        listen(bind, port)
    assert "\n" not in str(refused.value)


def test_pages_of_the_port_that_is_served_are_ours(usual: Settings) -> None:
    assert serve_at("127.0.0.1", 8123) == "http://127.0.0.1:8123/"
    assert [is_our_origin(f"http://{name}:8123") for name in ("127.0.0.1", "localhost")] == [True, True]
    assert not is_our_origin("http://127.0.0.1:8000")


def test_another_address_of_this_machine_is_answered_to(usual: Settings) -> None:
    assert serve_at("192.0.2.7", 8000) == "http://192.0.2.7:8000/"
    assert "192.0.2.7" in usual.ALLOWED_HOSTS


def test_a_public_address_stays_what_it_is(usual: Settings) -> None:
    usual.HAS_PUBLIC_URL, usual.PUBLIC_URLS = True, ["https://bot.example.org"]
    assert serve_at("127.0.0.1", 8123) == "https://bot.example.org/"
    assert not is_our_origin("http://127.0.0.1:8123")


@pytest.mark.parametrize("option", [["--port", "8000"], ["--bind", "127.0.0.1"]])
def test_where_to_serve_is_refused_without_a_dashboard(option: list[str]) -> None:
    with pytest.raises(CommandError, match="it needs --dashboard"):
        call_command("run_paper_bot", *option)
