"""The web process as it is started in earnest: daphne, on PostgreSQL, with a pool."""

import csv
import http.client
import io
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
from django.db.backends.base.base import BaseDatabaseWrapper
from pytest_django.plugin import DjangoDbBlocker

from tests.api.world import furnish
from tests.support.api_client import user_named
from tests.support.postgres import SERVER_URL, as_default, temporary_database
from tests.support.program import ROOT
from wallet.services.api_tokens import create_token

pytestmark = [pytest.mark.postgres, pytest.mark.slow]
START_SECONDS = 60
CONNECTIONS = 2


@dataclass
class Web:
    port: int
    secret: str
    books: BaseDatabaseWrapper

    def get(self, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("GET", path, headers={"Authorization": f"Bearer {self.secret}", **headers})
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()

    def json(self, path: str) -> Any:
        status, _, body = self.get(path)
        assert status == 200, body
        return json.loads(body)


@pytest.fixture(scope="module")
def web(django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    with django_db_blocker.unblock(), temporary_database() as books:
        with as_default(books):
            furnish(user_named("alice"))
            secret = create_token(user=user_named("alice"), name="test", scopes=["read"]).secret
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = int(free.getsockname()[1])
        environment = {
            **os.environ,
            "DATABASE_URL": SERVER_URL.rsplit("/", 1)[0] + f"/{books.settings_dict['NAME']}",
            "DEXPROJECT_VAR": str(tmp_path_factory.mktemp("web")),
            "WEB_DATABASE_CONNECTIONS": str(CONNECTIONS),
            "REDIS_URL": "",
        }
        command = [sys.executable, "-m", "daphne", "-b", "127.0.0.1", "-p", str(port), "dexproject.asgi:application"]
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            _until_open(port, process)
            yield Web(port, secret, books)
        finally:
            process.terminate()
            process.wait(30)


def _until_open(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("the web process did not start")


def test_many_at_once_share_few_connections(web: Web) -> None:
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: web.get("/paper-trading/api/trades/")[0], range(100)))
    assert set(answers) == {200}
    with web.books.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        assert 1 <= cursor.fetchone()[0] <= CONNECTIONS


def test_a_csv_is_streamed_whole(web: Web) -> None:
    status, headers, body = web.get("/paper-trading/api/trades/?format=csv")
    rows = list(csv.DictReader(io.StringIO(body.decode())))
    assert (status, headers["transfer-encoding"]) == (200, "chunked")
    assert [int(row["id"]) for row in rows] == [
        row["id"] for row in web.json("/paper-trading/api/trades/?limit=200")["results"]
    ]
    assert len(rows) == 4


def test_static_files_come_from_here(web: Web) -> None:
    status, headers, body = web.get("/static/drf_spectacular_sidecar/swagger-ui-dist/swagger-ui.css")
    assert (status, headers["content-type"].partition(";")[0]) == (200, "text/css")
    assert len(body) > 10_000


def test_a_host_name_that_is_not_ours_is_refused(web: Web) -> None:
    for path in ("/paper-trading/api/trades/?limit=1", "/api/token/"):
        status, _, body = web.get(path, Host="evil.example")
        assert status == 400
        assert json.loads(body)["error"]["code"] == "invalid"


def test_a_megabyte_is_refused_at_once(web: Web) -> None:
    taken = []
    for _ in range(10):
        connection = http.client.HTTPConnection("127.0.0.1", web.port, timeout=30)
        began = time.monotonic()
        connection.request("POST", "/api/auth/verify/", body=b"x" * 1_000_000)
        assert connection.getresponse().status == 413
        taken.append(time.monotonic() - began)
        connection.close()
    assert min(taken) < 0.05  # the machine may be busy with something else


def test_addresses_of_pages_are_absolute_and_lead_on(web: Web) -> None:
    first = web.json("/paper-trading/api/trades/?limit=1")
    assert first["next"].startswith(f"http://127.0.0.1:{web.port}/paper-trading/api/trades/?")
    following = web.json(first["next"].partition(str(web.port))[2])
    assert following["results"][0]["id"] < first["results"][0]["id"]
