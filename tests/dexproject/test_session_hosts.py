"""How many hosts a worker runs."""

import os

import pytest

from dexproject.settings.background import session_hosts


@pytest.mark.parametrize(("cores", "hosts"), [(1, 1), (2, 2), (4, 4), (64, 4), (None, 1)])
def test_there_is_one_a_core_up_to_four(monkeypatch: pytest.MonkeyPatch, cores: int | None, hosts: int) -> None:
    monkeypatch.delenv("SESSION_HOSTS", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    assert session_hosts(is_shared=True) == hosts


def test_what_cannot_be_shared_has_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SESSION_HOSTS", raising=False)
    assert session_hosts(is_shared=False) == 1


@pytest.mark.parametrize(("given", "hosts"), [("3", 3), ("1", 1), ("0", 1)])
def test_the_environment_has_the_last_word(monkeypatch: pytest.MonkeyPatch, given: str, hosts: int) -> None:
    monkeypatch.setenv("SESSION_HOSTS", given)
    assert session_hosts(is_shared=False) == hosts
