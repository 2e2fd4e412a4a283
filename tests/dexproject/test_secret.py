import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dexproject.settings.secret import KEY_FILE, NoSecretKey, secret_key
from tests.support.program import ROOT, one_clear_line


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


@pytest.mark.parametrize("is_named", [True, False], ids=["named", "ours"])
@pytest.mark.parametrize(("content", "says"), [(b"", "is empty"), (b" \n", "is empty"), (b"\xff\xfekey", "is no text")])
def test_a_key_file_without_a_key_is_no_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, says: str, *, is_named: bool
) -> None:
    kept = tmp_path / KEY_FILE
    kept.write_bytes(content)
    if is_named:
        monkeypatch.setenv("SECRET_KEY_FILE", str(kept))
    with pytest.raises(NoSecretKey, match=f"{KEY_FILE} {says}"):
        secret_key(tmp_path)


@pytest.mark.parametrize("is_named", [True, False], ids=["named", "ours"])
def test_a_key_file_that_cannot_be_read_is_not_replaced_by_a_key_of_the_processes_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_named: bool
) -> None:
    kept = tmp_path / KEY_FILE
    kept.mkdir()  # root reads whatever its mode forbids
    if is_named:
        monkeypatch.setenv("SECRET_KEY_FILE", str(kept))
    with pytest.raises(NoSecretKey, match="Is a directory"):
        secret_key(tmp_path)


def test_a_file_that_was_named_is_not_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "nowhere"))
    with pytest.raises(NoSecretKey, match="No such file"):
        secret_key(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_where_nothing_can_be_kept_there_is_no_key(tmp_path: Path) -> None:
    nowhere = tmp_path / "file"
    nowhere.write_text("")
    with pytest.raises(NoSecretKey, match=r"Not a directory.* SECRET_KEY"):
        secret_key(nowhere / "var")


@pytest.mark.parametrize(
    "start", [["manage.py", "check"], ["-c", "import dexproject.asgi"], ["-m", "celery", "-A", "dexproject", "report"]]
)
def test_every_program_says_in_one_line_what_is_missing(tmp_path: Path, start: list[str]) -> None:
    environment = {**os.environ, "DEXPROJECT_VAR": str(tmp_path), "SECRET_KEY_FILE": str(tmp_path / "nowhere")}
    done = subprocess.run(
        [sys.executable, *start], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert one_clear_line(done).startswith(f"no secret key: {tmp_path}/nowhere")
