"""No secret stands in a log, an error, a page, a result or a dump: canaries are planted and searched for."""

import base64
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from django.db import connection
from django.test import override_settings
from pytest_django.plugin import DjangoDbBlocker
from redis import Redis

from chain.devnet.anvil import free_port
from paper_trading.models import BotHost, BotSession, SessionStatus
from tests.e2e.test_procfile import procfile
from tests.security import canaries
from tests.security.canaries import Evidence, ask, contents, node_with_a_key, signed_login, with_password
from tests.support.browser import as_headers, logged_in
from tests.support.faulty_node import FaultyNode
from tests.support.program import Program
from tests.support.stack import Server, Stack, eventually, stack
from wallet.services.api_tokens import create_token
from wallet.services.bootstrap import make_token
from wallet.services.owner import local_owner

pytestmark = [pytest.mark.anvil, pytest.mark.postgres, pytest.mark.slow]

NOWHERE = "127.0.0.1:1"
FAILING = [
    ({"DATABASE_URL": f"postgres://bot:{canaries.DATABASE}@{NOWHERE}/books"}, ["paper_bots"]),
    ({"DATABASE_URL": f"postgres://bot:{canaries.DATABASE}@{NOWHERE}/books"}, ["run_paper_bot", "--json"]),
    ({"DATABASE_URL": f"postgres://bot:{canaries.DATABASE}@{NOWHERE}/books"}, ["dumpdata"]),
    ({"DATABASE_URL": f"nonsense://bot:{canaries.DATABASE}@{NOWHERE}/books"}, ["paper_bots"]),
    ({"REDIS_URL": f"redis://:{canaries.REDIS}@{NOWHERE}/0"}, ["run_paper_bot", "--background", "--account", "other"]),
    ({"REDIS_URL": f"redis://:{canaries.REDIS}@{NOWHERE}/0"}, ["verify_paper_trading", "--check-all"]),
    (
        {"REDIS_URL": f"nonsense://:{canaries.REDIS}@{NOWHERE}/0"},
        ["run_paper_bot", "--background", "--account", "other"],
    ),
    ({"RPC_URL": f"http://{NOWHERE}/v3/{canaries.NODE}"}, ["run_paper_bot", "--json", "--account", "third"]),
    ({"RPC_URL": f"http://{NOWHERE}/v3/{canaries.NODE}"}, ["verify_paper_trading", "--check-all"]),
    ({"RPC_URL": f"nonsense://{NOWHERE}/v3/{canaries.NODE}"}, ["run_paper_bot", "--json", "--account", "third"]),
    ({"NUM_PROXIES": "0"}, ["check", "--deploy"]),
]
"""What is wrong in the environment, and the command that meets it."""
QUOTING = {"code": -32005, "message": f"rate limit of {canaries.NODE} reached"}


@pytest.fixture(scope="module")
def evidence(
    prepared_var: Path, living_chain: str, tmp_path_factory: pytest.TempPathFactory, django_db_blocker: DjangoDbBlocker
) -> Iterator[Evidence]:
    """A web process, a host and a worker at work and in trouble, and commands that fail."""
    var, found = tmp_path_factory.mktemp("canary") / "var", Evidence()
    shutil.copytree(prepared_var, var)
    with (
        django_db_blocker.unblock(),
        node_with_a_key(living_chain) as node,
        stack(var, tmp_path_factory.mktemp("redis"), password=canaries.REDIS) as running,
    ):
        given = {**running.program.environment, "RPC_URL": node.url, "SECRET_KEY": canaries.SECRET_KEY}
        if not canaries.has_own_password():
            given["DATABASE_URL"] = with_password(given["DATABASE_URL"], canaries.DATABASE)
        running.program.environment = given | {"API_REQUESTS_PER_CLIENT": "0", "LOGIN_REQUESTS_PER_CLIENT": "0"}
        _gather(running, node, found)
        yield found


def _gather(running: Stack, node: FaultyNode, found: Evidence) -> None:
    port = free_port()
    lines = {
        name: line.replace("--port 8000", f"--port {port}").replace("%h", "here") for name, line in procfile().items()
    }
    servers = {name: running.start(lines[name]) for name in ("web", "host", "worker")}
    token = create_token(user=local_owner(), name="test", scopes=["read", "trade"]).secret
    bootstrap = str(make_token())
    with override_settings(SECRET_KEY=canaries.SECRET_KEY):  # the web process's own: logins hang on it
        browser = logged_in(local_owner())
    cookie = browser.cookies["dex_session"].value
    found.secrets |= {"api token": token, "bootstrap": bootstrap, "cookie": cookie}
    servers["web"].until("Listening on TCP address")
    servers["host"].until("ready.")
    eventually(BotHost.objects.exists)
    site = f"http://127.0.0.1:{port}"
    _ask_everything(site, token, found)
    _ask_as_a_browser(site, as_headers(browser), bootstrap, found)
    eventually(lambda: BotSession.objects.filter(cursor_block__gt=0).exists())
    _let_the_node_fail(site, token, node, servers["host"], found)
    found.written["page stop"] = ask(f"{site}/paper-trading/api/bot/stop/", body={}, headers=_bearer(token))
    eventually(lambda: not BotSession.objects.exclude(status=SessionStatus.ENDED).exists())
    found.written["redis"] = contents(
        Redis.from_url(running.program.environment["REDIS_URL"], decode_responses=True, encoding_errors="replace")
    )
    found.written["dump"] = running.program.run("dumpdata").stdout
    for environment, arguments in FAILING:
        done = Program(running.program.var, {**running.program.environment, **environment}).run(*arguments)
        found.written[f"command {arguments} {sorted(environment)}"] = done.stdout + done.stderr
    _let_the_servers_fail(site, token, running, found)
    _read_the_logs(running, found)


def _ask_everything(site: str, token: str, found: Evidence) -> None:
    mine, wrong = _bearer(token), _bearer(f"dex_{canaries.SECRET_KEY}")
    pages = {
        "who am I": ask(f"{site}/api/token/", headers=mine),
        "a wrong token": ask(f"{site}/api/token/", headers=wrong),
        "no token": ask(f"{site}/api/token/", headers={"Authorization": f"Basic {token}"}),
        "start": ask(f"{site}/paper-trading/api/bot/start/", body={"intel": 10}, headers=mine),
        "status": ask(f"{site}/paper-trading/api/bot/status/", headers=mine),
        "health": ask(f"{site}/api/health/", headers=mine),
        "healthz": ask(f"{site}/healthz/"),
        "schema": ask(f"{site}/api/schema/"),
        "docs": ask(f"{site}/api/docs/"),
        "login": ask(f"{site}/login/"),
        "nothing here": ask(f"{site}/nothing/?token={token}"),
        "nothing there": ask(f"{site}/api/nothing/", headers=mine),
        "another host": ask(f"{site}/api/token/", headers=mine | {"Host": "evil.example"}),
        "no json": ask(f"{site}/paper-trading/api/bot/start/", raw=b"{" + token.encode(), headers=mine),
        "an unknown field": ask(f"{site}/paper-trading/api/bot/start/", body={"x": 1}, headers=mine),
    }
    found.written |= {f"page {name}": text for name, text in pages.items()}


def _ask_as_a_browser(site: str, headers: Mapping[str, str], bootstrap: str, found: Evidence) -> None:
    """With the cookie of a login, and with the link of a first login that came too late."""
    verify, late = f"{site}/api/auth/verify/", signed_login(site, headers)
    pages = {
        "me": ask(f"{site}/api/auth/me/", headers=headers),
        "account": ask(f"{site}/account/", headers=headers),
        "system": ask(f"{site}/system/", headers=headers),
        "queues": ask(f"{site}/system/?part=queues", headers=headers),
        "new session": ask(f"{site}/sessions/new/", headers=headers),
        "logins": ask(f"{site}/api/auth/sessions/", headers=headers),
        "too little": ask(f"{site}/api/wallets/", body={}, headers=headers),
        "a late link": ask(verify, body={**late.body, "bootstrap": bootstrap}, headers=late.headers),
        "the link again": ask(verify, body={**late.body, "bootstrap": bootstrap}, headers=late.headers),
    }
    statuses = {name: text.partition("\n")[0] for name, text in pages.items()}
    assert statuses == {
        **dict.fromkeys(("me", "account", "system", "queues", "new session", "logins"), "200"),
        "too little": "400",
        **dict.fromkeys(("a late link", "the link again"), "403"),
    }
    assert "has its owner already" in pages["a late link"]
    found.written |= {f"page {name}": text for name, text in pages.items()}


def _let_the_node_fail(site: str, token: str, node: FaultyNode, host: Server, found: Evidence) -> None:
    """Nodes like to quote the key that they were asked with."""
    quote = f"{site}/paper-trading/api/quote/?token_in=WETH&token_out=USDC&amount=1"
    node.edit = lambda _, answer: {"jsonrpc": "2.0", "id": answer["id"], "error": QUOTING}
    found.written["page a node that quotes its key"] = ask(quote, headers=_bearer(token))
    eventually(lambda: host.said("limit of"))
    found.written["page status with such a node"] = ask(f"{site}/paper-trading/api/bot/status/", headers=_bearer(token))
    node.edit, node.status, node.body = None, 500, canaries.NODE.encode()
    eventually(lambda: host.said("HTTP 500"))
    found.written["page a node that fails"] = ask(quote, headers=_bearer(token))
    node.status = node.body = None


def _let_the_servers_fail(site: str, token: str, running: Stack, found: Evidence) -> None:
    running.redis.kill()
    found.written["page without redis"] = ask(f"{site}/api/health/", headers=_bearer(token))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE pid <> pg_backend_pid() AND datname = current_database()"
        )
    found.written["page without the database"] = ask(f"{site}/api/health/", headers=_bearer(token))


def _read_the_logs(running: Stack, found: Evidence) -> None:
    for server in running.servers:
        server.terminate()
        found.written[f"log {server.log.name}"] = server.log.read_text()
    for log in (running.program.var / "log").iterdir():
        found.written[f"log {log.name}"] = log.read_text()


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize("kind", ["log ", "page ", "command ", "redis", "dump"])
def test_no_canary_sings(evidence: Evidence, kind: str) -> None:
    assert evidence.leaks(kind) == []


def test_there_was_something_to_find(evidence: Evidence) -> None:
    everything = evidence.written
    log = next(text for where, text in everything.items() if where.endswith("server-1.log"))
    assert "HTTP 500" in log
    assert "limit of *** reached" in log
    assert everything["page who am I"].startswith("200")
    assert everything["page start"].startswith("202")
    assert {everything[f"page {name}"][:3] for name in ("a wrong token", "no token")} == {"401"}
    assert "celery-task-meta" in everything["redis"]
    assert '"sessions.session"' in everything["dump"]
    assert "wallet.apitoken" in everything["dump"]
    assert "paper_trading.log" in str(list(everything))
    assert all(text.strip() for where, text in everything.items() if where.startswith("command "))


def test_base64_hides_no_canary_either(evidence: Evidence) -> None:
    """Celery sends the bodies of its messages that way."""
    hidden = {name: base64.b64encode(secret.encode()).decode()[4:-4] for name, secret in evidence.secrets.items()}
    assert [name for name, text in hidden.items() if text in "".join(evidence.written.values())] == []
