from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from tests.support.postgres import as_default


@pytest.fixture(autouse=True)
def clean_cache() -> None:
    """Nobody has asked for anything yet this minute."""
    cache.clear()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def shared_books(request: pytest.FixtureRequest, db: None, tmp_path: Path) -> Iterator[BaseDatabaseWrapper]:
    """A database that several threads write to at once, each over a connection of its own: a file, and PostgreSQL."""
    if request.param == "postgres":
        yield request.getfixturevalue("rival_books")
        return
    wrapper = _file_database(tmp_path / "books.sqlite3")
    with as_default(wrapper):
        call_command("migrate", verbosity=0)
        yield wrapper
    wrapper.close()


def _file_database(path: Path) -> BaseDatabaseWrapper:
    given = {**settings.DATABASES["default"], "ENGINE": "django.db.backends.sqlite3", "NAME": str(path)}
    connections.settings["file"] = connections.configure_settings({"default": {}, "file": given})["file"]
    try:
        wrapper = connections.create_connection("file")
    finally:
        del connections.settings["file"]
    wrapper.alias = "default"
    return wrapper
