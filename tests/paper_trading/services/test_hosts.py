"""Hosts that come and go are told to everybody who watches the system."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from paper_trading.feed import log, publisher
from paper_trading.models import BotHost
from paper_trading.services.hosts import report_host, report_stopped

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _empty_feed() -> Iterator[None]:
    publisher.forget()
    yield
    publisher.forget()


def told() -> list[Any]:
    assert publisher.flush(5)
    return [json.loads(frame.text)["data"] for frame in log.tail("system", count=10)]


def report(name: str = "machine/1") -> None:
    report_host(name=name, chain="devnet", sessions=0, pace={})


def test_a_host_that_comes_is_told_once() -> None:
    report()
    report()
    assert told() == [{"event": "came", "host": BotHost.objects.get().pk, "chain": "devnet"}]


def test_a_host_that_leaves_is_told() -> None:
    report()
    report_stopped(name="machine/1")
    assert told()[-1] == {"event": "left", "host": BotHost.objects.get().pk, "chain": "devnet"}


def test_a_host_that_nobody_knew_leaves_without_a_word() -> None:
    report_stopped(name="machine/1")
    assert told() == []
