"""A temporary PostgreSQL database that stands in as Django's default one."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import dj_database_url
import psycopg
import pytest
from django.core.management import call_command
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

SERVER_URL = os.environ.get("TEST_POSTGRES_URL", "postgres://postgres@127.0.0.1:5432/postgres")


@contextmanager
def temporary_database() -> Iterator[BaseDatabaseWrapper]:
    """A migrated database of its own, dropped at the end; skips without a server, and fails without one in CI."""
    name = f"books_{uuid.uuid4().hex[:12]}"
    with _administrator() as server:
        server.execute(f'CREATE DATABASE "{name}"')
        wrapper = _wrapper(name)
        try:
            with as_default(wrapper):
                call_command("migrate", verbosity=0)
            yield wrapper
        finally:
            wrapper.close()
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def as_default(wrapper: BaseDatabaseWrapper) -> Iterator[None]:
    """Everything that this thread asks of the default database goes to ``wrapper``."""
    usual = connections["default"]
    connections["default"] = wrapper
    try:
        yield
    finally:
        connections["default"] = usual


@contextmanager
def rolled_back() -> Iterator[None]:
    """What happens inside never happened."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _administrator() -> psycopg.Connection[tuple[object, ...]]:
    try:
        return psycopg.connect(SERVER_URL, autocommit=True, connect_timeout=3)
    except psycopg.OperationalError as error:
        reason = f"no PostgreSQL server at {urlsplit(SERVER_URL).hostname}: {error}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)


def _wrapper(name: str) -> BaseDatabaseWrapper:
    settings = dict(dj_database_url.parse(SERVER_URL))
    connections.settings["books"] = connections.configure_settings({"default": {}, "books": settings | {"NAME": name}})[
        "books"
    ]
    try:
        wrapper = connections.create_connection("books")
    finally:
        del connections.settings["books"]
    wrapper.alias = "default"
    return wrapper
