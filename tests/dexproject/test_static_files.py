"""Static files go out compressed, from copies that are made once and do not pile up."""

import gzip
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.staticfiles.finders import get_finder
from django.test import Client
from pytest_django import Settings

from dexproject.static_files import UNUSED_SECONDS

STYLE = "/static/dashboard/css/base.css"
ICON = "/static/dashboard/icon.svg"
GZIP = {"Accept-Encoding": "gzip, br"}


@pytest.fixture
def copies(settings: Settings, tmp_path: Path) -> Iterator[Path]:
    settings.STATIC_COPIES = tmp_path / "static"
    yield tmp_path / "static"
    forget_finders()


def forget_finders() -> None:
    """They are made once, of the settings of that time."""
    get_finder.cache_clear()  # type: ignore[attr-defined]


def content(answer: object) -> bytes:
    return b"".join(answer.streaming_content)  # type: ignore[attr-defined]


def aged(path: Path, seconds: float) -> Path:
    at = time.time() - seconds
    os.utime(path, (at, at))
    return path


def test_a_text_goes_out_compressed_to_those_who_take_it(copies: Path) -> None:
    client = Client()
    plain, packed = client.get(STYLE), client.get(STYLE, headers=GZIP)
    assert packed["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain
    assert "Accept-Encoding" in plain["Vary"]
    sent, whole = content(packed), content(plain)
    assert gzip.decompress(sent) == whole
    assert int(packed["Content-Length"]) == len(sent) < len(whole) / 2


def test_a_second_start_makes_no_copy_again(copies: Path) -> None:
    Client().get(STYLE)
    made = {path: path.stat().st_ino for path in copies.iterdir()}
    assert len(made) > 10
    Client().get(STYLE)
    assert {path: path.stat().st_ino for path in copies.iterdir()} == made


def test_a_file_that_changed_is_served_as_it_is_now(copies: Path, settings: Settings, tmp_path: Path) -> None:
    settings.NODE_MODULES = tmp_path / "node_modules"
    vendor = settings.NODE_MODULES / "htmx.org/dist/htmx.min.js"
    vendor.parent.mkdir(parents=True)
    for text in (b"one();" * 99, b"two();" * 99):
        vendor.write_bytes(text)
        forget_finders()
        assert gzip.decompress(content(Client().get("/static/vendor/htmx.js", headers=GZIP))) == text


def test_copies_that_no_start_met_for_long_are_removed(copies: Path) -> None:
    copies.mkdir()
    old, half, recent = copies / f"{'0' * 64}.gz", copies / f"{'1' * 64}.4711", copies / f"{'2' * 64}.gz"
    for path in (old, half, recent):
        path.write_bytes(b"")
    aged(old, UNUSED_SECONDS + 60)
    aged(half, UNUSED_SECONDS + 60)
    aged(recent, UNUSED_SECONDS - 60)
    Client().get(STYLE)
    assert not old.exists()
    assert not half.exists()
    assert recent.exists()


def test_those_that_a_start_met_stay_however_old_they_are(copies: Path) -> None:
    Client().get(STYLE)
    made = {aged(path, 10 * UNUSED_SECONDS) for path in copies.iterdir()}
    assert Client().get(STYLE, headers=GZIP).status_code == 200
    assert set(copies.iterdir()) == made


def test_a_process_whose_copies_were_removed_serves_the_files_themselves(copies: Path) -> None:
    client = Client()
    whole = content(client.get(STYLE))
    for path in copies.iterdir():
        path.unlink()
    answer = client.get(STYLE, headers=GZIP)
    assert "Content-Encoding" not in answer
    assert content(answer) == whole


def test_a_file_that_is_not_there_is_not_found_and_other_hosts_are_not_served(copies: Path) -> None:
    client = Client()
    assert client.get("/static/dashboard/css/nothing.css").status_code == 404
    assert client.get("/no/such/page/", headers={"Host": "evil.example"}).status_code == 400
