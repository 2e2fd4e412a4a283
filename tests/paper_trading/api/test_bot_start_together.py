"""Start and stop, pressed many times at once, on a database with real concurrency."""

import json
from collections import Counter
from typing import Any

import pytest
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

from paper_trading.models import BotHost, BotSession, PaperAccount
from tests.paper_trading.api.asking import ROOT
from tests.paper_trading.rivals import together
from tests.support.api_client import bearer, user_named
from wallet.services.api_tokens import create_token

pytestmark = pytest.mark.postgres
TIMES = 50


def pressed(rival_books: BaseDatabaseWrapper, path: str, secret: str) -> list[Any]:
    """The answers to ``TIMES`` posts at the same moment."""
    answers: list[Any] = []

    def press() -> None:
        answer = bearer(secret).post(ROOT + path, data="{}", content_type="application/json")
        answers.append((answer.status_code, json.loads(answer.content)))

    together(rival_books, [press] * TIMES)
    return answers


@pytest.fixture
def secret(rival_books: BaseDatabaseWrapper) -> str:
    BotHost.objects.create(name="machine/7/abc", heartbeat_at=timezone.now())
    return create_token(user=user_named("alice"), name="script", scopes=["read", "trade"]).secret


def test_fifty_starts_at_once_are_one_session(rival_books: BaseDatabaseWrapper, secret: str) -> None:
    answers = pressed(rival_books, "bot/start/", secret)
    [session] = BotSession.objects.all()
    assert PaperAccount.objects.count() == 1
    assert {status for status, _ in answers} == {202}
    assert {(body["session_id"], body["task_id"]) for _, body in answers} == {(session.pk, session.task_id)}
    assert Counter(body["created"] for _, body in answers) == {True: 1, False: TIMES - 1}


def test_fifty_stops_at_once_end_it_once(rival_books: BaseDatabaseWrapper, secret: str) -> None:
    pk = bearer(secret).post(ROOT + "bot/start/", data="{}", content_type="application/json").json()["session_id"]
    answers = pressed(rival_books, f"sessions/{pk}/stop/", secret)
    assert {status for status, _ in answers} == {202}
    assert {body["desired_status"] for _, body in answers} == {"ended"}
    assert BotSession.objects.get().status == "ended"
