import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.api.world import Owned, furnish
from tests.dashboard.world import browser_of
from tests.paper_trading.world import World
from tests.support.api_client import user_named


@pytest.fixture
def alice() -> User:
    return user_named("alice")


@pytest.fixture
def owned(alice: User) -> Owned:
    """What is hers: a session that runs and one that has ended, with a little of everything."""
    return furnish(alice)


@pytest.fixture
def browser(alice: User) -> Client:
    """Hers, logged in."""
    return browser_of(alice)


@pytest.fixture
def world(owned: Owned) -> World:
    """To go on trading in the session that runs."""
    return World(account=owned.account, session=owned.running, block=50)
