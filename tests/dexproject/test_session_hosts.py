"""How many hosts a worker runs."""

import pytest

from dexproject.settings import background
from dexproject.settings.background import session_hosts


@pytest.fixture(autouse=True)
def nothing_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SESSION_HOSTS", raising=False)


@pytest.mark.parametrize(("cores", "hosts"), [(1, 1), (2, 2), (4, 4), (64, 4)])
def test_there_is_one_a_core_up_to_four(monkeypatch: pytest.MonkeyPatch, cores: int, hosts: int) -> None:
    monkeypatch.setattr(background, "cores", lambda: cores)
    assert session_hosts(has_one_host=False, has_own_chain=False) == hosts


def test_where_the_host_starts_the_chain_there_is_one_unless_more_are_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert session_hosts(has_one_host=False, has_own_chain=True) == 1
    monkeypatch.setenv("SESSION_HOSTS", "3")
    assert session_hosts(has_one_host=False, has_own_chain=True) == 3


def test_a_database_for_one_host_has_one_whatever_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SESSION_HOSTS", "3")
    assert session_hosts(has_one_host=True, has_own_chain=False) == 1


@pytest.mark.parametrize("given", ["0", "-1", "many", "1.5", "\u0663"])
def test_what_is_no_number_ends_the_program_with_one_line(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("SESSION_HOSTS", given)
    with pytest.raises(SystemExit, match="SESSION_HOSTS is how many host processes a worker runs"):
        session_hosts(has_one_host=False, has_own_chain=False)
