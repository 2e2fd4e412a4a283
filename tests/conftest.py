from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.db.backends.base.base import BaseDatabaseWrapper
from pytest_django.plugin import DjangoDbBlocker

from dashboard.session.thoughts import line_of
from paper_trading.selectors.equity import forget_curves
from paper_trading.selectors.kept_results import by_day, by_exit, by_token
from tests.support.devnet import make_devnet, stepped_devnet
from tests.support.postgres import as_default, rolled_back, temporary_database

__all__ = ["make_devnet", "stepped_devnet"]


@pytest.fixture(scope="session")
def postgres_books(django_db_blocker: DjangoDbBlocker) -> Iterator[BaseDatabaseWrapper]:
    with django_db_blocker.unblock(), temporary_database() as wrapper:
        yield wrapper


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def books_db(request: pytest.FixtureRequest, db: None) -> Iterator[str]:
    """The same test on the default database and on PostgreSQL.

    ``db`` is asked for by name because pytest-django sets databases up only for tests that show that they need one.
    """
    if request.param == "sqlite":
        yield request.param
        return
    wrapper: BaseDatabaseWrapper = request.getfixturevalue("postgres_books")
    with as_default(wrapper), rolled_back():
        yield request.param


@pytest.fixture
def rival_books(db: None, postgres_books: BaseDatabaseWrapper) -> Iterator[BaseDatabaseWrapper]:
    """PostgreSQL without a transaction around the test, so that other connections see its writes; emptied after."""
    with as_default(postgres_books):
        yield postgres_books
        call_command("flush", interactive=False, verbosity=0)


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    """The worlds of two tests have the same books, points and decisions, by their ids."""
    forget_curves()
    line_of.cache_clear()
    for kept in (by_token, by_exit, by_day):
        kept.cache_clear()
