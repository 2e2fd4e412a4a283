"""A chain that goes on from a checkpoint is the chain that never stopped."""

import gzip
import json
import shutil
import threading
from pathlib import Path

import pytest

from chain.devnet import checkpointer, checkpoints
from chain.devnet.checkpoints import Checkpoint
from chain.devnet.codec import call, creation
from chain.devnet.devnet import Devnet
from chain.devnet.directory import FIRST_GENESIS
from chain.devnet.rpc import Rpc
from chain.errors import RpcError

pytestmark = pytest.mark.anvil
AT, HEAD, MORE = 19, 45, 25


@pytest.fixture(autouse=True)
def short_history(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoints, "HISTORY", 10)


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """The directory of a chain that stopped at ``HEAD`` and has a checkpoint at ``AT``, and hashes of what follows."""
    directory = tmp_path_factory.mktemp("lived")
    with Devnet(directory) as devnet, Rpc(devnet.url) as rpc:
        sender, other = devnet.world.roles.spare[:2]
        code = creation("DevToken", ["string", "string", "uint8", "uint256"], "A", "A", 18, 0)
        created = rpc.call("eth_sendTransaction", {"from": sender, "data": code, "gas": hex(1_500_000)})
        devnet.step()
        token = rpc.call("eth_getTransactionReceipt", created)["contractAddress"]
        devnet.step(AT + 2 - devnet.head.number)
        # Fails for want of an allowance, and so reads slots of the new contract that nobody ever writes.
        data = call("transferFrom(address,address,uint256)", other, sender, 5)
        rpc.call("eth_sendTransaction", {"from": sender, "to": token, "data": data, "gas": hex(90_000)})
        devnet.step(HEAD - devnet.head.number)
        checkpointer.make(directory, FIRST_GENESIS, None, devnet.driver.played[:AT], threading.Event())
        shutil.copy(directory / "chain.jsonl", directory / "head.jsonl")
        after = [devnet.head.hash, *(block.hash for block in devnet.step(MORE))]
    (directory / "head.jsonl").rename(directory / "chain.jsonl")
    return directory, after


@pytest.fixture
def stopped(lived: tuple[Path, list[str]], tmp_path: Path) -> Path:
    return Path(shutil.copytree(lived[0], tmp_path / "chain"))


def checkpoint(directory: Path) -> Checkpoint:
    (only,) = checkpoints.every(directory)
    return only


def first_played(devnet: Devnet) -> int:
    return devnet.driver.played[0].plan.number


def test_it_makes_the_blocks_that_the_uninterrupted_chain_makes(stopped: Path, lived: tuple[Path, list[str]]) -> None:
    with Devnet(stopped) as devnet:
        assert first_played(devnet) == AT + 1
        assert [devnet.head.hash, *(block.hash for block in devnet.step(MORE))] == lived[1]


def test_blocks_before_it_keep_their_headers_and_say_that_their_states_are_gone(stopped: Path) -> None:
    with Devnet(stopped, actors=False) as whole, Rpc(whole.url) as rpc:
        old = rpc.call("eth_getBlockByNumber", hex(AT - 5), False)
    with Devnet(stopped) as devnet, Rpc(devnet.url) as rpc:
        assert rpc.call("eth_getBlockByNumber", hex(AT - 5), False)["hash"] == old["hash"]
        assert rpc.call("eth_getTransactionReceipt", old["transactions"][0]) is None
        with pytest.raises(RpcError, match="BlockOutOfRange"):
            rpc.call("eth_getBalance", devnet.world.roles.deployer, hex(AT - 5))


def test_states_and_logs_since_are_those_of_the_whole_chain(stopped: Path) -> None:
    answers = []
    for actors in (True, False):
        with Devnet(stopped, actors=actors) as devnet, Rpc(devnet.url) as rpc:
            trader = devnet.world.roles.traders[0]
            requests = [("eth_getBalance", [trader, hex(n)]) for n in range(AT + 1, HEAD + 1)]
            logs = rpc.call("eth_getLogs", {"fromBlock": hex(AT + 1), "toBlock": hex(HEAD)})
            answers.append((rpc.batch(requests), logs))
    assert answers[0] == answers[1]


def test_a_chain_for_checking_receipts_has_its_whole_past(stopped: Path) -> None:
    with Devnet(stopped, actors=False) as devnet, Rpc(devnet.url) as rpc:
        assert first_played(devnet) == 1
        assert int(rpc.call("eth_getBalance", devnet.world.roles.deployer, "0x1"), 16) > 0


def test_a_torn_one_is_thrown_away_and_the_whole_journal_played(stopped: Path) -> None:
    path = checkpoint(stopped).path
    path.write_bytes(path.read_bytes()[:5_000])
    with Devnet(stopped) as devnet:
        assert (first_played(devnet), devnet.head.number) == (1, HEAD)
    assert not path.exists()


def test_one_whose_state_is_false_is_thrown_away_and_the_whole_journal_played(stopped: Path) -> None:
    path = checkpoint(stopped).path
    state = json.loads(gzip.decompress(path.read_bytes()))
    next(iter(state["accounts"].values()))["balance"] = "0x1"
    path.write_bytes(gzip.compress(json.dumps(state).encode()))
    with Devnet(stopped) as devnet:
        assert (first_played(devnet), devnet.head.number) == (1, HEAD)
    assert not path.exists()


def test_one_of_another_block_is_thrown_away(stopped: Path) -> None:
    path = checkpoint(stopped).path
    path = path.rename(path.with_name(f"checkpoint-{AT + 1:08d}.json.gz"))
    with Devnet(stopped) as devnet:
        assert first_played(devnet) == 1
    assert not path.exists()


def test_one_with_too_little_to_play_on_top_is_left_for_later(stopped: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoints, "HISTORY", HEAD - AT + 1)
    with Devnet(stopped) as devnet:
        assert first_played(devnet) == 1
    assert checkpoint(stopped).number == AT


def test_a_new_chain_inherits_none(stopped: Path) -> None:
    with Devnet(stopped, fresh=True):
        assert checkpoints.every(stopped) == []


def test_a_timed_chain_makes_them_by_itself_and_keeps_two(tmp_path: Path) -> None:
    stop = threading.Event()
    with Devnet(tmp_path, block_time=0.05) as devnet:
        devnet.run(stop, lambda block: stop.set() if block.number > 400 or made(tmp_path) >= 59 else None)
        head = devnet.head
    with Devnet(tmp_path) as devnet:
        assert devnet.head == head
        assert first_played(devnet) > 59
    assert len(checkpoints.every(tmp_path)) == checkpoints.KEPT


def made(directory: Path) -> int:
    return max((one.number for one in checkpoints.every(directory)), default=0)


def test_transactions_of_others_in_a_quiet_block_are_mined_and_played_again(tmp_path: Path) -> None:
    with Devnet(tmp_path) as devnet, Rpc(devnet.url) as rpc:
        devnet.step(AT - 1 - devnet.head.number)
        sender, receiver = devnet.world.roles.spare[:2]
        sent = rpc.call("eth_sendTransaction", {"from": sender, "to": receiver, "value": "0x5", "gas": "0x5208"})
        quiet, head = devnet.step(2)
        assert quiet.tx_hashes == (sent,)
    with Devnet(tmp_path) as devnet:
        assert devnet.head == head
