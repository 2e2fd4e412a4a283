from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from paper_trading.models import BotHost
from tests.api.world import Owned, furnish
from tests.paper_trading.api.asking import Asker
from tests.support.api_client import client_for, user_named


@pytest.fixture(autouse=True)
def no_broker(settings: Any) -> None:
    """A session goes straight to a host that lives, and no request is one too many."""
    settings.REDIS_URL = ""
    settings.RPC_URLS = []
    settings.API_REQUESTS_PER_CLIENT = settings.API_REQUESTS_PER_TOKEN = None


@pytest.fixture
def alice(db: None) -> User:
    return user_named("alice")


@pytest.fixture
def api(alice: User) -> Asker:
    return Asker(client_for(alice))


@pytest.fixture
def stranger(db: None) -> Asker:
    return Asker(client_for(user_named("mallory")))


@pytest.fixture
def anonymous(db: None) -> Asker:
    return Asker(Client(raise_request_exception=False))


@pytest.fixture
def furnished(alice: User) -> Owned:
    return furnish(alice)


@pytest.fixture
def host(db: None) -> BotHost:
    """One that lives and could run what is started."""
    return BotHost.objects.create(name="machine/7/abc", heartbeat_at=timezone.now())
