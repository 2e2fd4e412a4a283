import json
import subprocess
import sys
from pathlib import Path

import pytest

from chain.devnet import endpoint
from chain.devnet.child import DevnetChild
from chain.devnet.devnet import Devnet
from chain.devnet.endpoint import ENDPOINT, running, running_url, wait_for_url
from chain.devnet.rpc import Rpc
from tests.chain.devnet.test_anvil import ROOT

OWNER = """
import sys, time
from pathlib import Path
from chain.devnet.endpoint import published
with published(Path(sys.argv[1]), url="http://127.0.0.1:1", genesis="0x1"):
    print("ready", flush=True)
    sys.stdin.read()
"""


def owner(directory: Path) -> "subprocess.Popen[str]":
    """Another process that has published a chain in ``directory``."""
    process = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(directory)], cwd=ROOT, stdin=-1, stdout=-1, text=True, bufsize=1
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def test_a_directory_without_a_chain_has_no_url(tmp_path: Path) -> None:
    assert running_url(tmp_path) is None
    assert running_url(tmp_path / "nowhere") is None


def test_a_published_chain_is_found_by_another_process_until_its_end(tmp_path: Path) -> None:
    process = owner(tmp_path)
    assert running_url(tmp_path) == "http://127.0.0.1:1"
    found = running(tmp_path)
    assert found is not None
    assert (found.pid, found.genesis) == (process.pid, "0x1")
    process.communicate("")
    assert running_url(tmp_path) is None
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_owner_left_behind_is_nobodys(tmp_path: Path) -> None:
    process = owner(tmp_path)
    process.kill()
    process.communicate()
    assert json.loads((tmp_path / ENDPOINT).read_text())["url"] == "http://127.0.0.1:1"
    assert running_url(tmp_path) is None


def test_the_successor_of_a_killed_owner_is_found(tmp_path: Path) -> None:
    process = owner(tmp_path)
    process.kill()
    process.communicate()
    with endpoint.published(tmp_path, url="http://127.0.0.1:2", genesis="0x2"):
        assert running_url(tmp_path) == "http://127.0.0.1:2"
    assert running_url(tmp_path) is None


def test_looking_takes_the_chain_away_from_nobody(tmp_path: Path) -> None:
    with endpoint.published(tmp_path, url="http://127.0.0.1:2", genesis="0x2"):
        looks = [running_url(tmp_path) for _ in range(5)]
    assert looks == ["http://127.0.0.1:2"] * 5


def test_waiting_has_an_end(tmp_path: Path) -> None:
    assert wait_for_url(tmp_path, seconds=0.1) is None


@pytest.mark.anvil
def test_a_devnet_says_where_it_is_once_it_is_ready_and_no_longer(tmp_path: Path) -> None:
    with DevnetChild(tmp_path, warm_up=3) as child:
        found = running(tmp_path)
        assert found is not None
        assert found.url == child.url
        with Rpc(found.url) as rpc:
            assert rpc.call("eth_getBlockByNumber", "0x0", False)["hash"] == found.genesis
    assert running_url(tmp_path) is None


@pytest.mark.anvil
def test_a_killed_devnet_is_not_found_and_its_successor_is(tmp_path: Path) -> None:
    child = DevnetChild(tmp_path, warm_up=3)
    child.start()
    assert child._process is not None
    child._process.kill()
    child._process.wait()
    assert (tmp_path / ENDPOINT).exists()
    assert running_url(tmp_path) is None
    with DevnetChild(tmp_path, warm_up=3) as again:
        assert running_url(tmp_path) == again.url
    child.stop()


@pytest.mark.anvil
def test_a_chain_that_stands_still_is_not_offered(tmp_path: Path) -> None:
    with Devnet(tmp_path) as devnet:
        devnet.step()
        assert running_url(tmp_path) == devnet.url
    with Devnet(tmp_path, actors=False):
        assert running_url(tmp_path) is None
