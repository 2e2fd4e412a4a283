"""Log lines hide what is secret, and several processes write one file whole."""

import fcntl
import logging
import re
import subprocess
import sys
import threading
from pathlib import Path
from urllib.parse import quote

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


SECRETS = {
    "the key": "canary-key-0123456789",
    "an old key": "canary-old-0123456789",
    "the database": "canary of db",
    "redis": "canary/redis",
    "a node": "canary0of0the0node0f00d",
}


@pytest.fixture
def known_secrets(settings: Settings) -> None:
    settings.SECRET_KEY = SECRETS["the key"]
    settings.SECRET_KEY_FALLBACKS = [SECRETS["an old key"]]
    settings.DATABASES = {"default": {"ENGINE": "x", "PASSWORD": SECRETS["the database"]}}
    settings.REDIS_URL = f"redis://:{quote(SECRETS['redis'], safe='')}@127.0.0.1/0"
    settings.RPC_URLS = [f"https://node.example/v3/{SECRETS['a node']}?key={SECRETS['a node']}"]


@pytest.mark.filterwarnings("ignore:Overriding setting DATABASES")
@pytest.mark.usefixtures("known_secrets")
@pytest.mark.parametrize("name", SECRETS)
def test_what_the_settings_keep_secret_is_hidden_wherever_it_stands(name: str) -> None:
    for text in (SECRETS[name], quote(SECRETS[name], safe="")):
        line = PlainFormatter().format(record("it said %r and %s", {"got": text}, f"/x/{text}/y"))
        assert "canary" not in line
        assert line.endswith("it said {'got': '***'} and /x/***/y")


@pytest.mark.filterwarnings("ignore:Overriding setting DATABASES")
def test_passwords_that_are_words_and_names_in_a_nodes_url_stay(settings: Settings) -> None:
    settings.DATABASES = {"default": {"ENGINE": "x", "PASSWORD": "db"}}
    settings.REDIS_URL = "redis://["
    settings.RPC_URLS = ["https://node.example/mainnet"]
    assert PlainFormatter().format(record("the db of mainnet")).endswith("the db of mainnet")


@pytest.mark.parametrize(
    "said",
    [
        "Authorization: Bearer canary.of-a~jwt==",
        "token dex_canary0123456789abcdefghijklmnopqrst",
        "Cookie: dex_session=canary0123456789abcdefghij; dex_csrf=canary0123456789abcdefghijkl",
        "open http://127.0.0.1:8000/login/#bootstrap=canary0123456789",
    ],
)
def test_what_looks_like_a_token_or_a_cookie_is_hidden(said: str) -> None:
    assert "canary" not in PlainFormatter().format(record("%s", said))


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
