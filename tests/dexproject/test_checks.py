"""``check --deploy`` is silent about a production as the documentation describes it, and says what is wrong else."""

import os
import stat
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from django.core.checks import run_checks
from pytest_django import Settings

from dexproject.settings.secret import KEY_FILE
from tests.support.program import ROOT

PRODUCTION = {"PUBLIC_URL": "https://bot.example.org", "NUM_PROXIES": "1"}
PUBLIC = "https://bot.example.org"


@pytest.fixture
def ours(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.delenv("SECRET_KEY", raising=False)
    monkeypatch.delenv("SECRET_KEY_FILE", raising=False)
    settings.VAR_DIR = tmp_path
    settings.PUBLIC_URLS = [PUBLIC]
    settings.ALLOWED_HOSTS = ["bot.example.org", "[::1]", "localhost"]
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    return settings


def found() -> list[str]:
    """The ids of our own messages."""
    messages = run_checks(include_deployment_checks=True)
    return sorted(one.id for one in messages if one.id is not None and one.id.startswith("dexproject."))


def check_deploy(var: Path, environment: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    usual = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    return subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env={**usual, "DEXPROJECT_VAR": str(var), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_production_has_no_warning(tmp_path: Path) -> None:
    done = check_deploy(tmp_path, PRODUCTION)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("System check identified no issues")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"PUBLIC_URL": "http://bot.example.org"}, "dexproject.E003"),
        ({"NUM_PROXIES": "0"}, "dexproject.W001"),
        ({"ALLOWED_HOSTS": "*"}, "dexproject.E004"),
        ({"SECURE_SSL_REDIRECT": "0"}, "security.W008"),
        ({"SECRET_KEY": "short"}, "security.W009"),
    ],
)
def test_what_is_wrong_is_said_before_it_is_served(tmp_path: Path, changed: dict[str, str], said: str) -> None:
    done = check_deploy(tmp_path, PRODUCTION | changed)
    assert done.returncode == 1
    assert said in done.stderr


def test_a_key_that_everyone_can_read_is_told(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("k" * 30 + "0123456789abcdefghijklmnop")
    key.chmod(0o644)
    done = check_deploy(tmp_path, PRODUCTION | {"SECRET_KEY_FILE": str(key)})
    assert "dexproject.W002" in done.stderr
    assert key.read_text() not in done.stderr


def test_as_it_should_be_there_is_nothing_to_say(ours: Settings) -> None:
    assert found() == []


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8000", "http://localhost:8000", "http://[::1]:8000", "http://bot.localhost", PUBLIC]
)
def test_on_this_machine_plain_http_is_fine(ours: Settings, url: str) -> None:
    ours.PUBLIC_URLS = [url]
    ours.ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", "bot.localhost", "bot.example.org"]
    assert found() == []


@pytest.mark.parametrize(
    "url",
    ["http://bot.example.org", "http://192.168.0.5:8000", "http://localhost.example.org", "http://128.0.0.1"],
)
def test_over_the_net_it_is_not(ours: Settings, url: str) -> None:
    ours.PUBLIC_URLS = [PUBLIC, url]
    ours.ALLOWED_HOSTS = ["bot.example.org", "192.168.0.5", "localhost.example.org", "128.0.0.1"]
    assert found() == ["dexproject.E003"]


@pytest.mark.parametrize(
    "url",
    [
        "bot.example.org",
        "ftp://bot.example.org",
        "https://",
        "https://a:b",
        "http://[",
        "https://bot.example.org/x",
        "",
    ],
)
def test_a_public_url_is_an_origin(ours: Settings, url: str) -> None:
    ours.PUBLIC_URLS = [url]
    assert "dexproject.E002" in found()


def test_there_is_a_public_url(ours: Settings) -> None:
    ours.PUBLIC_URLS = []
    assert found() == ["dexproject.E001"]


@pytest.mark.parametrize("hosts", [["*"], [".example.org"], ["bot.example.org", "*"]])
def test_hosts_are_named_one_by_one(ours: Settings, hosts: list[str]) -> None:
    ours.ALLOWED_HOSTS = hosts
    assert found() == ["dexproject.E004"]


def test_the_public_host_is_answered(ours: Settings) -> None:
    ours.ALLOWED_HOSTS = ["localhost"]
    assert found() == ["dexproject.E005"]


def test_forged_requests_are_somebody_s_business(ours: Settings) -> None:
    ours.MIDDLEWARE = [name for name in ours.MIDDLEWARE if "Csrf" not in name]
    assert found() == ["dexproject.E008"]


def test_debug_is_an_error(ours: Settings) -> None:
    ours.DEBUG = True
    assert found() == ["dexproject.E006"]


@pytest.mark.parametrize(("mode", "said"), [(0o600, []), (0o640, []), (0o604, ["dexproject.W002"])])
def test_the_key_that_was_made_here_is_looked_at(ours: Settings, tmp_path: Path, mode: int, said: list[str]) -> None:
    key = tmp_path / KEY_FILE
    key.write_text("key")
    key.chmod(mode)
    assert stat.S_IMODE(key.stat().st_mode) == mode
    assert found() == said


def test_a_key_from_the_environment_has_no_file(
    ours: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / KEY_FILE).write_text("left over")
    (tmp_path / KEY_FILE).chmod(0o644)
    monkeypatch.setenv("SECRET_KEY", "given")
    assert found() == []
