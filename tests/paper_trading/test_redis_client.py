import os
import time
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from pytest_django import Settings

from paper_trading.redis_client import Breaker, namespace

SQLITE = "django.db.backends.sqlite3"


@pytest.mark.parametrize("url", ["", "redis://127.0.0.1:6379/0"])
def test_no_address_and_a_good_one_pass_the_check(settings: Settings, url: str) -> None:
    settings.REDIS_URL = url
    call_command("check")


def test_a_wrong_address_is_told_before_anything_relies_on_it(settings: Settings) -> None:
    settings.REDIS_URL = "127.0.0.1:6379"
    with pytest.raises(SystemCheckError, match="REDIS_URL is no address"):
        call_command("check")


def test_a_database_file_is_one_installation_however_it_is_named(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    database = settings.DATABASES["default"]
    monkeypatch.setitem(database, "ENGINE", SQLITE)
    names = []
    for name in (tmp_path / "db.sqlite3", Path(os.path.relpath(tmp_path)) / "db.sqlite3", tmp_path / "other.sqlite3"):
        monkeypatch.setitem(database, "NAME", name)
        names.append(namespace())
    assert names[0] == names[1]
    assert names[0] != names[2]


def test_after_a_failure_and_a_rest_one_caller_tries_again_and_the_others_wait() -> None:
    breaker = Breaker("a test", rest=0.3)
    breaker.failed(OSError("gone"))
    assert not breaker.allows()
    time.sleep(0.35)
    assert [breaker.allows(), breaker.allows()] == [True, False]


def test_what_works_again_is_open_to_everybody() -> None:
    breaker = Breaker("a test", rest=60.0)
    breaker.failed(OSError("gone"))
    breaker.worked()
    assert breaker.allows()
    assert breaker.allows()
