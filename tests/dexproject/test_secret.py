import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dexproject.settings.secret import KEY_FILE, secret_key


@pytest.fixture(autouse=True)
def no_key_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SECRET_KEY", raising=False)
    monkeypatch.delenv("SECRET_KEY_FILE", raising=False)


def test_a_key_is_made_once_and_read_by_its_owner_alone(tmp_path: Path) -> None:
    made = secret_key(tmp_path)
    assert len(made) >= 50
    assert secret_key(tmp_path) == made
    assert stat.S_IMODE((tmp_path / KEY_FILE).stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [KEY_FILE]


def test_processes_that_start_at_once_share_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        assert len(set(pool.map(secret_key, [tmp_path] * 64))) == 1


def test_the_environment_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named = tmp_path / "key"
    named.write_text("from a file\n")
    monkeypatch.setenv("SECRET_KEY_FILE", str(named))
    assert secret_key(tmp_path) == "from a file"
    monkeypatch.setenv("SECRET_KEY", "given")
    assert secret_key(tmp_path) == "given"


@pytest.mark.parametrize("content", [None, "", " \n"])
def test_a_key_file_without_a_key_is_no_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | None
) -> None:
    named = tmp_path / "key"
    if content is not None:
        named.write_text(content)
    monkeypatch.setenv("SECRET_KEY_FILE", str(named))
    with pytest.raises(OSError, match="key"):
        secret_key(tmp_path)


def test_where_nothing_can_be_kept_the_key_is_the_processes_own(tmp_path: Path) -> None:
    nowhere = tmp_path / "file"
    nowhere.write_text("")
    assert secret_key(nowhere / "var") != secret_key(nowhere / "var")
