"""Web, worker and beat all prepare the database first, and may be started in the same moment."""

import sqlite3
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from tests.support.postgres import SERVER_URL, _administrator
from tests.support.program import PATIENCE, ROOT, Program

AT_ONCE = 4
SESSIONS = "SELECT count(*) FROM paper_trading_botsession"


@pytest.fixture
def empty_postgres() -> Iterator[str]:
    """The URL of a database without a table."""
    name = f"empty_{uuid.uuid4().hex[:12]}"
    with _administrator() as server:
        server.execute(f'CREATE DATABASE "{name}"')
        try:
            yield urlunsplit(urlsplit(SERVER_URL)._replace(path=f"/{name}"))
        finally:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def prepare_at_once(var: Path, database_url: str) -> list[tuple[int, str]]:
    """The exit code of each process and what it said on standard error."""
    environment = Program(var, {"DATABASE_URL": database_url})._environment()
    command = [sys.executable, "manage.py", "prepare_database"]
    processes = [
        subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True) for _ in range(AT_ONCE)
    ]
    return [(process.wait(PATIENCE), process.communicate()[1]) for process in processes]


@pytest.mark.postgres
def test_four_processes_at_once_prepare_an_empty_postgres_database(tmp_path: Path, empty_postgres: str) -> None:
    assert prepare_at_once(tmp_path, empty_postgres) == [(0, "")] * AT_ONCE
    with psycopg.connect(empty_postgres) as database:
        assert database.execute(SESSIONS).fetchone() == (0,)


def test_four_processes_at_once_prepare_an_empty_sqlite_file(tmp_path: Path) -> None:
    file = tmp_path / "empty.sqlite3"
    assert prepare_at_once(tmp_path, f"sqlite:///{file}") == [(0, "")] * AT_ONCE
    assert sqlite3.connect(file).execute(SESSIONS).fetchone() == (0,)


def test_a_database_that_cannot_be_reached_is_told_in_one_line(tmp_path: Path) -> None:
    done = Program(tmp_path, {"DATABASE_URL": "postgres://postgres@127.0.0.1:1/nowhere"}).run("prepare_database")
    assert done.returncode == 1
    assert done.stderr.startswith("CommandError: the database refused: connection failed")
    assert len(done.stderr.strip().splitlines()) == 1
