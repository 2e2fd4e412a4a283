import subprocess
import sys
from pathlib import Path

import pytest

from chain.devnet.child import DevnetChild
from chain.devnet.errors import DevnetCrashed, DirectoryBusy
from chain.devnet.rpc import Rpc
from tests.chain.devnet.test_anvil import ROOT, ended

pytestmark = pytest.mark.anvil
PARENT = """
import sys, time
from pathlib import Path
from chain.devnet.child import DevnetChild
child = DevnetChild(Path(sys.argv[1]), warm_up=3)
child.start()
print(child._process.pid, flush=True)
time.sleep(600)
"""


def test_a_killed_chain_comes_back_with_all_its_blocks(tmp_path: Path) -> None:
    child = DevnetChild(tmp_path, warm_up=5)
    with Rpc(child.start()) as rpc:
        seen = rpc.call("eth_getBlockByNumber", "latest", False)
    assert child._process is not None
    child._process.kill()
    child._process.wait()
    with pytest.raises(DevnetCrashed):
        child.check()
    with DevnetChild(tmp_path, actors=False) as again, Rpc(again.url) as rpc:
        assert rpc.call("eth_getBlockByNumber", seen["number"], False) == seen


def test_a_second_child_in_the_same_directory_is_told_why_not(tmp_path: Path) -> None:
    with DevnetChild(tmp_path, warm_up=0), pytest.raises(DirectoryBusy):
        DevnetChild(tmp_path).start()


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="reads /proc")
def test_the_child_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", PARENT, str(tmp_path)]
    parent = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert ended(pid)
