"""Log lines hide what is secret, and several processes write one file whole."""

import fcntl
import logging
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from pytest_django import Settings

from dexproject.logs import PlainFormatter, SharedFileHandler
from tests.support.program import ROOT

WRITER = """
import logging, sys
import django
django.setup()
from dexproject.logs import PlainFormatter, SharedFileHandler
handler = SharedFileHandler(sys.argv[1], most_bytes=20_000, kept=100)
handler.setFormatter(PlainFormatter())
log = logging.getLogger("writer")
log.addHandler(handler)
for number in range(500):
    log.error("line %s-%d", sys.argv[2], number)
"""


def record(text: str, *arguments: object, **extra: object) -> logging.LogRecord:
    made = logging.LogRecord("paper_trading.bot", logging.INFO, __file__, 1, text, arguments, None)
    made.__dict__.update(extra)
    return made


def test_a_line_names_its_session() -> None:
    assert (
        PlainFormatter()
        .format(record("bought %s", "WETH", session=7))
        .endswith("INFO paper_trading.bot session 7: bought WETH")
    )
    assert PlainFormatter().format(record("ready")).endswith("INFO paper_trading.bot ready")


@pytest.mark.parametrize(
    "url", ["redis://:canary@10.0.0.1:6379/0", "postgres://bot:canary@db/books", "https://canary@node.example/v1"]
)
def test_credentials_in_a_url_are_hidden(url: str) -> None:
    line = PlainFormatter().format(record("cannot reach %s", url))
    assert "canary" not in line
    assert "***@" in line


def test_credentials_in_a_traceback_are_hidden() -> None:
    try:
        raise OSError("no route to redis://:canary@10.0.0.1")
    except OSError:
        made = record("failed")
        made.exc_info = sys.exc_info()
    line = PlainFormatter().format(made)
    assert "no route to redis://***@10.0.0.1" in line
    assert "canary" not in line


def test_of_a_nodes_url_only_its_host_is_shown(settings: Settings) -> None:
    settings.RPC_URLS = ["https://node.example:8443/v3/canary?key=canary"]
    line = PlainFormatter().format(record("%s: HTTP 500", settings.RPC_URLS[0]))
    assert "canary" not in line
    assert "https://node.example:8443: HTTP 500" in line


def test_four_processes_write_and_rotate_one_file_without_losing_a_line(tmp_path: Path) -> None:
    file = tmp_path / "log" / "bot.log"
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(file), str(name)], cwd=ROOT) for name in range(4)]
    assert [writer.wait(60) for writer in writers] == [0] * 4
    logs = [path for path in file.parent.iterdir() if path.suffix != ".lock"]
    lines = [line for path in logs for line in path.read_text().splitlines()]
    assert len(logs) > 3
    assert sorted(re.findall(r"line (\S+)$", line)[0] for line in lines) == sorted(
        f"{name}-{number}" for name in range(4) for number in range(500)
    )


def test_who_finds_the_file_full_waits_for_whoever_renames_it(tmp_path: Path) -> None:
    file = tmp_path / "bot.log"
    file.write_text("x" * 100)
    handler = SharedFileHandler(str(file), most_bytes=100)
    writer = threading.Thread(target=handler.emit, args=[record("late")])
    with (tmp_path / "bot.log.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        writer.start()
        writer.join(0.2)
        assert writer.is_alive()
        file.rename(tmp_path / "bot.log.1")
    writer.join(30)
    handler.close()
    assert {path.name: path.read_text()[-5:] for path in tmp_path.glob("bot.log*") if path.suffix != ".lock"} == {
        "bot.log": "late\n",
        "bot.log.1": "xxxxx",
    }


def test_only_so_many_full_files_are_kept(tmp_path: Path) -> None:
    handler = SharedFileHandler(str(tmp_path / "bot.log"), most_bytes=100, kept=2)
    for number in range(50):
        handler.emit(record("a line of some length: %d", number))
    handler.close()
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix != ".lock") == [
        "bot.log",
        "bot.log.1",
        "bot.log.2",
    ]
    assert "length: 49" in (tmp_path / "bot.log").read_text()


def test_a_file_that_cannot_be_written_costs_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "log").write_text("in the way")
    handler = SharedFileHandler(str(tmp_path / "log" / "bot.log"))
    handler.emit(record("one"))
    handler.emit(record("two"))
    assert len(capsys.readouterr().err.splitlines()) == 1
