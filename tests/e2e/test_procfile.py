"""The Procfile's processes, started for real; docker-compose runs the same ones."""

import json
import re
import shlex
import shutil
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from pytest_django.plugin import DjangoDbBlocker

from chain.devnet.anvil import free_port
from paper_trading.models import BotHost
from tests.support.program import ROOT, processes_with
from tests.support.stack import Stack, eventually, stack
from wallet.services.api_tokens import create_token
from wallet.services.owner import local_owner

CANARY = "a-word-that-no-log-may-hold"
NAMES = ["web", "host", "worker", "beat"]


def procfile() -> dict[str, str]:
    lines = (ROOT / "Procfile").read_text().splitlines()
    return {name: command.strip() for name, _, command in (line.partition(":") for line in lines)}


def compose() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return content


def test_compose_runs_the_procfiles_commands() -> None:
    services = compose()["services"]
    assert list(procfile()) == NAMES
    for name, command in procfile().items():
        inside = services[name]["command"].replace(
            "--bind 0.0.0.0", "--bind 127.0.0.1"
        )  # the port below is what counts
        assert shlex.split(inside) == shlex.split(command), name


def test_compose_opens_one_port_and_only_to_this_machine() -> None:
    services = compose()["services"]
    ports = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert ports == {"web": ["127.0.0.1:8000:8000"]}


def test_compose_knows_the_health_of_every_server_and_keeps_its_data_in_volumes() -> None:
    content = compose()
    services = content["services"]
    assert {name for name, service in services.items() if "healthcheck" not in service} == {"migrate"}
    mounts = [mount for service in services.values() for mount in service["volumes"]]
    assert {mount.split(":")[0] for mount in mounts} == set(content["volumes"])
    assert services["host"]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}


def test_composes_programs_all_reach_the_local_chain_unless_another_node_is_named() -> None:
    services = compose()["services"]
    assert "--host 0.0.0.0 --port 8545" in services["chain"]["command"]
    for name in ("web", "host", "worker"):
        assert services[name]["environment"]["RPC_URL"] == "${RPC_URL:-http://chain:8545}", name
        assert set(services["chain"]["networks"]) & set(services[name]["networks"]), name


def test_nobody_but_compose_s_own_programs_reaches_the_local_chain() -> None:
    content = compose()
    assert "ports" not in content["services"]["chain"]
    assert content["services"]["chain"]["networks"] == ["inside"]
    assert content["networks"]["inside"] == {"internal": True}


def test_the_image_is_built_from_the_lock_files_and_runs_as_nobody_special() -> None:
    lines = (ROOT / "Dockerfile").read_text()
    assert "--require-hashes -r requirements.txt" in lines
    assert "npm ci" in lines
    assert re.findall(r"^USER (\S+)$", lines, re.MULTILINE) == ["dexproject"]


def test_the_image_holds_every_package_that_is_imported() -> None:
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "benchmarks", "docs"}
    assert packages <= kept
    assert all((ROOT / name).exists() for name in kept)


@pytest.fixture
def running(tmp_path: Path, prepared_var: Path, django_db_blocker: DjangoDbBlocker) -> Iterator[Stack]:
    var = tmp_path / "var"
    shutil.copytree(prepared_var, var)
    with django_db_blocker.unblock(), stack(var, tmp_path, password=CANARY) as running:
        yield running


def ask(url: str, token: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=60) as answer:  # noqa: S310
        found: dict[str, Any] = json.load(answer)
        return found


@pytest.mark.anvil
@pytest.mark.postgres
@pytest.mark.slow
def test_its_processes_trade_a_session_that_the_api_starts_and_stops(running: Stack) -> None:
    port = free_port()
    servers = {
        name: running.start(command.replace("--port 8000", f"--port {port}").replace("%h", "here"))
        for name, command in procfile().items()
    }
    token = create_token(user=local_owner(), name="test", scopes=["read", "trade"]).secret
    servers["web"].until("Listening on TCP address")
    servers["host"].until("ready.")
    servers["worker"].until("ready.")
    eventually(BotHost.objects.exists)
    api = f"http://127.0.0.1:{port}/paper-trading/api/bot"
    started = ask(f"{api}/start/", token, {"intel": 10})
    status = f"{api}/status/?session_id={started['session_id']}"

    def said(key: str) -> Any:
        [session] = ask(status, token)["sessions"]
        return session[key]

    eventually(lambda: said("cursor_block") is not None)
    first = said("cursor_block")
    eventually(lambda: said("cursor_block") >= first + 2)
    ask(f"{api}/stop/", token, {"session_id": started["session_id"]})
    eventually(lambda: said("status") == "ended")
    assert servers["beat"].process.poll() is None
    assert servers["beat"].said("beat: Starting...")
    assert not servers["worker"].said("session host")
    assert [server.terminate() for server in servers.values()] == [0] * 4
    assert processes_with(str(running.program.var)) == []
    written = [server.log for server in servers.values()] + list((running.program.var / "log").iterdir())
    assert [path.name for path in written if CANARY in path.read_text()] == []
