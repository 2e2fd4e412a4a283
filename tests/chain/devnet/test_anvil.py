import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from chain.devnet import anvil
from chain.devnet.anvil import Anvil
from chain.devnet.errors import DevnetCrashed, PortBusy
from chain.devnet.rpc import Rpc
from chain.errors import ConfigurationError

pytestmark = pytest.mark.anvil
ROOT = Path(__file__).resolve().parents[3]
PARENT = """
import time
from chain.devnet.anvil import Anvil
node = Anvil()
node.start()
print(node.pid, flush=True)
time.sleep(600)
"""


def ended(pid: int) -> bool:
    """Waits for a process that is not ours; a zombie has ended."""
    for _ in range(1_000):
        try:
            os.kill(pid, 0)
            if "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text():
                return True
        except (ProcessLookupError, FileNotFoundError):
            return True
        time.sleep(0.01)
    return False


def test_a_started_node_answers_and_a_stopped_one_is_gone() -> None:
    node = Anvil(chain_id=4242)
    node.start()
    with Rpc(node.url) as rpc:
        assert rpc.call("eth_chainId") == hex(4242)
    node.stop()
    assert ended(node.pid)
    assert not node.alive


def test_a_busy_port_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortBusy, match=str(port)):
            Anvil(port=port).start()


def test_a_crash_is_noticed() -> None:
    with Anvil() as node:
        os.kill(node.pid, signal.SIGKILL)
        assert ended(node.pid)
        while node.alive:
            time.sleep(0.01)
        with pytest.raises(DevnetCrashed):
            node.check()


def test_an_argument_that_the_node_refuses_is_reported_in_its_words() -> None:
    with pytest.raises(DevnetCrashed, match="--no-such-option"):
        Anvil(extra=["--no-such-option"]).start()


def test_a_missing_binary_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(anvil, "NODE_MODULES", tmp_path)
    with pytest.raises(ConfigurationError, match="make setup"):
        Anvil().start()


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="reads /proc")
def test_the_node_ends_when_its_parent_is_killed() -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert ended(pid)


def test_states_of_blocks_long_past_can_be_asked_for() -> None:
    with Anvil() as node, Rpc(node.url) as rpc:
        sender, receiver, nobody = *rpc.call("eth_accounts")[:2], "0x" + "11" * 20
        before = rpc.call("eth_getBalance", receiver, "latest")
        rpc.call("evm_mine")
        rpc.call("eth_sendTransaction", {"from": sender, "to": receiver, "value": "0x1"})
        for _ in range(6):
            rpc.call("anvil_mine", hex(500))  # all of them in one call can outlast its time-out
        assert int(rpc.call("eth_getBalance", receiver, "latest"), 16) == int(before, 16) + 1
        assert rpc.call("eth_getBalance", receiver, "0x1") == before
        call = {"blockStateCalls": [{"calls": [{"from": receiver, "to": nobody, "value": before}]}]}
        (simulated,) = rpc.call("eth_simulateV1", call, "0x1")
        assert simulated["calls"][0]["status"] == "0x1"


def answers(node: Anvil, address: str) -> bool:
    try:
        socket.create_connection((address, node.port), timeout=5).close()
    except ConnectionRefusedError:
        return False
    return True


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have one loopback address only")
def test_only_this_machine_s_usual_address_is_listened_on_unless_all_are_asked_for() -> None:
    with Anvil() as closed, Anvil(host=anvil.EVERYWHERE) as opened:
        assert [answers(closed, address) for address in ("127.0.0.1", "127.0.0.2")] == [True, False]
        assert [answers(opened, address) for address in ("127.0.0.1", "127.0.0.2")] == [True, True]
