"""Sends a block's transactions and has it mined; the one way in which blocks of the devnet come about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chain.devnet.errors import DevnetCrashed, ReplayDiverged
from chain.devnet.journal import BlockPlan, JournalBlock
from chain.devnet.rpc import Rpc

QUIET_EVERY = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class MinedBlock:
    """``base_fee`` is wei; ``tx_hashes`` are in the block's order."""

    number: int
    timestamp: int
    hash: str
    base_fee: int
    gas_used: int
    gas_limit: int
    tx_hashes: tuple[str, ...]


def send(rpc: Rpc, transactions: Sequence[Mapping[str, Any]]) -> list[str]:
    """Transaction hashes in order; raises ``RpcError`` where the node refuses one.

    One call after the other: the node works on a batch in any order, and the order of arrival is the block's order.
    """
    return [str(rpc.call(method, *params)) for method, params in map(_request, transactions)]


def _request(transaction: Mapping[str, Any]) -> tuple[str, list[Any]]:
    if "raw" in transaction:
        return "eth_sendRawTransaction", [transaction["raw"]]
    return "eth_sendTransaction", [{key: value for key, value in transaction.items() if key != "note"}]


def mine(rpc: Rpc, timestamp: int) -> MinedBlock:
    rpc.call("evm_mine", hex(timestamp))
    block = head(rpc)
    if block.timestamp != timestamp:
        raise DevnetCrashed(f"block {block.number} has time {block.timestamp}, not {timestamp}: who else mines?")
    return block


def head(rpc: Rpc) -> MinedBlock:
    block = rpc.call("eth_getBlockByNumber", "latest", False)
    return MinedBlock(
        number=int(block["number"], 16),
        timestamp=int(block["timestamp"], 16),
        hash=block["hash"],
        base_fee=int(block["baseFeePerGas"], 16),
        gas_used=int(block["gasUsed"], 16),
        gas_limit=int(block["gasLimit"], 16),
        tx_hashes=tuple(block["transactions"]),
    )


def set_gas_limit(rpc: Rpc, plan: BlockPlan) -> None:
    if plan.gas_limit is not None:
        rpc.call("evm_setBlockGasLimit", hex(plan.gas_limit))


def is_quiet(number: int) -> bool:
    """Blocks in which no actor sends anything and before which the node's state is settled."""
    return number % QUIET_EVERY == QUIET_EVERY - 1


def settle(rpc: Rpc, timestamp: int) -> None:
    """Has the node rebuild its present state from accounts and slots, as it does when it loads a checkpoint.

    Anvil 1.7 counts empty slots that were read into the state root, but not those of contracts it saw being created: a
    chain that was loaded would part from one that was not. A rollback forgets what was created and what was loaded. It
    needs a block to take back; that block's transactions, always others', go back into the pool.
    """
    taken_back = mine(rpc, timestamp)
    raws = [rpc.call("eth_getRawTransactionByHash", tx_hash) for tx_hash in taken_back.tx_hashes]
    rpc.call("anvil_rollback", 1)
    rpc.call("anvil_setNextBlockBaseFeePerGas", hex(taken_back.base_fee))
    for raw in raws:
        rpc.call("eth_sendRawTransaction", raw)


def adopt(rpc: Rpc, block: JournalBlock) -> None:
    """Takes over a node that has loaded a checkpoint; raises ``ReplayDiverged`` where its head is not ``block``."""
    loaded = head(rpc)
    check_hash(loaded, block.plan.number, block.hash)
    rpc.call("evm_setBlockGasLimit", hex(loaded.gas_limit))  # which is no part of a dump


def replay(rpc: Rpc, block: JournalBlock) -> MinedBlock | None:
    """Mines a journal's block again. The result is only fetched where the journal lacks it: the caller checks the head,
    whose hash covers all blocks before it."""
    set_gas_limit(rpc, block.plan)
    if is_quiet(block.plan.number):
        settle(rpc, block.plan.timestamp)
    if block.plan.transactions:
        send(rpc, block.plan.transactions)
    if block.hash is None:
        return mine(rpc, block.plan.timestamp)
    rpc.call("evm_mine", hex(block.plan.timestamp))
    return None


def check_hash(mined: MinedBlock, number: int, expected: str | None) -> None:
    if mined.number != number or (expected is not None and mined.hash != expected):
        raise ReplayDiverged(
            f"the journal gave another chain: block {mined.number} is {mined.hash}, recorded {number} as {expected}; "
            "start with --fresh to begin a new one"
        )
