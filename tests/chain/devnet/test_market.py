"""The living market, seen from outside: what 150 blocks of it contain."""

from collections import Counter
from itertools import pairwise

import pytest

from chain.devnet import journal
from chain.devnet.devnet import Devnet
from chain.devnet.pricing import pool_price
from chain.devnet.rpc import Rpc
from chain.devnet.view import parse_states, state_requests

pytestmark = pytest.mark.anvil
V3_MINT = "0x7a53080ba414158be7ec69b987b5fb7d07dee101fe85488f0853ae16239d0bde"
V3_BURN = "0x0c396cd989a39f4459b5fa1aed6a9a8dcdbc45908acfd67e028cd568da98982c"
FIRST = 6
BLOCKS = 150


@pytest.fixture(scope="module")
def market(make_devnet) -> Devnet:
    devnet = make_devnet(seed=7)
    devnet.step(BLOCKS)
    return devnet


@pytest.fixture(scope="module")
def prices(market: Devnet) -> dict[str, list[float]]:
    """Each pool's price at the end of every block, one list a pool."""
    pools, found = market.world.pools, dict[str, list[float]]()
    with Rpc(market.url) as rpc:
        for number in range(FIRST, FIRST + BLOCKS):
            requests = [(method, [params[0], hex(number)]) for method, params in state_requests(pools)]
            states = parse_states(pools, rpc.batch(requests))
            for pool in pools:
                found.setdefault(pool.name, []).append(pool_price(states[pool.address]))
    return found


@pytest.fixture(scope="module")
def life(market: Devnet) -> list[tuple[str, dict]]:
    """Notes and receipts of all transactions after the deployment."""
    _, blocks = journal.read(market.directory / "chain.jsonl")
    with Rpc(market.url) as rpc:
        receipts = rpc.batch([("eth_getBlockReceipts", [hex(b.plan.number)]) for b in blocks if b.plan.number >= FIRST])
    notes = [t["note"] for block in blocks if block.plan.number >= FIRST for t in block.plan.transactions]
    return list(zip(notes, [receipt for block in receipts for receipt in block], strict=True))


def test_every_actor_is_at_work(life) -> None:
    notes = {note.partition(":")[0] for note, _ in life}
    assert notes >= {"trade", "arbitrage", "front-run", "back-run", "mint", "burn", "add", "launch", "open", "ape in"}


def test_a_sandwich_is_three_neighbours_in_one_block(life) -> None:
    fronts = [i for i, (note, _) in enumerate(life) if note == "front-run"]
    assert fronts
    for i in fronts:
        (_, front), (victim, inside), (back, behind) = life[i : i + 3]
        assert (victim, back) == ("trade", "back-run")
        assert front["blockNumber"] == inside["blockNumber"] == behind["blockNumber"]


def test_nearly_all_transactions_succeed_and_some_fail(life) -> None:
    statuses = Counter(receipt["status"] for _, receipt in life)
    assert 0 < statuses["0x0"] < len(life) // 10


def test_liquidity_comes_to_new_ranges_and_goes(market: Devnet) -> None:
    with Rpc(market.url) as rpc:
        logs = rpc.call("eth_getLogs", {"fromBlock": hex(FIRST), "toBlock": "latest", "topics": [[V3_MINT, V3_BURN]]})
    assert {log["topics"][0] for log in logs} == {V3_MINT, V3_BURN}


def test_blocks_are_half_full_on_average_and_the_base_fee_lives(market: Devnet) -> None:
    with Rpc(market.url) as rpc:
        numbers = range(FIRST, FIRST + BLOCKS)
        blocks = rpc.batch([("eth_getBlockByNumber", [hex(number), False]) for number in numbers])
    fullness = sum(int(b["gasUsed"], 16) / int(b["gasLimit"], 16) for b in blocks) / BLOCKS
    fees = [int(b["baseFeePerGas"], 16) for b in blocks]
    assert 0.4 < fullness < 0.6
    assert 10**9 // 2 < min(fees) < max(fees) < 20 * 10**9


def test_no_block_throws_a_pool_far_off(prices: dict[str, list[float]]) -> None:
    moves = {name: max(abs(b / a - 1) for a, b in pairwise(path)) for name, path in prices.items()}
    assert max(moves.values()) < 0.05


def test_pools_follow_the_outside_price(market: Devnet) -> None:
    view = market.driver.view()
    gaps = {pool.name: abs(view.gap(pool)) for pool in market.world.pools}
    assert max(gaps.values()) < 0.05
