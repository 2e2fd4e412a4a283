from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from paper_trading.models import BotHost, BotSession, SessionStatus
from tests.api.world import furnish
from tests.support.api_client import client_for, user_named
from trading.models import Market

pytestmark = pytest.mark.django_db


def away(*_: object, **__: object) -> Any:
    raise OperationalError("no route to postgres.internal")


def test_it_is_well_while_the_database_answers(client: Client) -> None:
    answer = client.get("/healthz/")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "database": "ok", "redis": "off", "hosts_alive": 0, "chains": []}


def test_it_is_not_well_without_a_database_and_tells_no_secret(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "cursor", away)
    answer = client.get("/healthz/")
    assert (answer.status_code, answer.json()) == (503, {"status": "failing", "database": "away"})


def test_a_redis_that_is_away_is_told_and_harms_nothing(client: Client, settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    answer = client.get("/healthz/")
    assert (answer.status_code, answer.json()["redis"]) == (200, "away")
    told = client_for(user_named("alice")).get("/api/health/").json()
    assert (told["redis"], told["queues"]) == ("away", None)


def test_a_host_is_alive_while_it_reports(client: Client) -> None:
    furnish(user_named("alice"))
    assert client.get("/healthz/").json()["hosts_alive"] == 1
    BotHost.objects.update(heartbeat_at=timezone.now() - timedelta(minutes=5))
    assert client.get("/healthz/").json()["hosts_alive"] == 0
    [host] = client_for(user_named("alice")).get("/api/health/").json()["hosts"]
    assert not host["alive"]
    assert host["heartbeat_age_seconds"] >= 300


def test_the_lag_of_a_chain_is_told_in_seconds_and_blocks(client: Client) -> None:
    furnish(user_named("alice"))
    Market.objects.update(head_time=timezone.now() - timedelta(seconds=90))
    [chain] = client_for(user_named("alice")).get("/api/health/").json()["chains"]
    assert 90 <= chain["seconds_behind"] < 100
    assert chain["blocks_behind"] == int(chain["seconds_behind"])  # one block a second
    assert chain["live"]
    Market.objects.update(observed_at=timezone.now() - timedelta(seconds=90))
    [chain] = client_for(user_named("alice")).get("/api/health/").json()["chains"]
    assert not chain["live"]


def test_sessions_are_counted_for_their_owner(client: Client) -> None:
    owned = furnish(user_named("alice"))
    assert client_for(user_named("alice")).get("/api/health/").json()["sessions"]["running"] == 1
    assert client_for(user_named("mallory")).get("/api/health/").json()["sessions"]["running"] == 0
    host = BotHost.objects.get()
    BotSession.objects.filter(pk=owned.running.pk).update(owner=host.name, status=SessionStatus.RUNNING)
    assert client_for(user_named("alice")).get("/api/health/").json()["sessions"]["without_host"] == 0
    BotHost.objects.update(heartbeat_at=timezone.now() - timedelta(minutes=5))
    assert client_for(user_named("alice")).get("/api/health/").json()["sessions"]["without_host"] == 1
