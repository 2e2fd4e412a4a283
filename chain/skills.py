"""What a node can execute for us, found by asking it to run a small program laid over an empty account."""

from dataclasses import dataclass
from typing import Any

from chain.client import ChainClient
from chain.errors import RpcError
from chain.hexes import words
from dex.types import BlockRef

PROBE = "0x00000000000000000000000000000000dec0De03"
_CALLER = "0x00000000000000000000000000000000DEc0de04"
_PROGRAM = "0x6001600055" + "426000524360205260406000f3"
"""Writes storage slot 0, then returns the block's timestamp and number."""
_LEAST_GAS = 40_000
"""A first storage write costs 20,000 beyond the 21,000 of a transaction: proof that the program ran."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Skills:
    """``simulates_at`` is how many blocks and seconds after the pinned block ``eth_simulateV1`` runs: 0 where the node
    lets a simulated transaction join the block itself (anvil), 1 where it insists on a next one (geth), None where the
    method is missing. The rest say whether that method honours state overrides.
    """

    simulates_at: int | None
    calls: bool
    traces: bool
    estimates: bool


async def probe(client: ChainClient, block: BlockRef) -> Skills:
    """Five small requests at ``block``; raises ``Retryable`` or ``HaltSession`` errors of the client only."""
    simulates_at = None
    for ahead in (0, 1):
        if await _simulates(client, block, ahead):
            simulates_at = ahead
            break
    pinned = {"blockHash": block.hash}
    overrides = {PROBE: {"code": _PROGRAM}}
    call = {"from": _CALLER, "to": PROBE}
    told = await _try(client, "eth_call", [call, pinned, overrides])
    tracer = {"tracer": "callTracer", "stateOverrides": overrides}
    traced = await _try(client, "debug_traceCall", [call, pinned, tracer])
    estimated = await _try(client, "eth_estimateGas", [call, pinned, overrides])
    return Skills(
        simulates_at=simulates_at,
        calls=_block_in(told) == (block.timestamp, block.number),
        traces=isinstance(traced, dict) and _gas(traced.get("gasUsed")) >= _LEAST_GAS,
        estimates=_gas(estimated) >= _LEAST_GAS,
    )


def block_overrides(block: BlockRef, ahead: int) -> dict[str, str]:
    """Where a simulated transaction stands: in ``block`` itself, or ``ahead`` blocks and seconds after it."""
    where = {"number": hex(block.number + ahead), "time": hex(block.timestamp + ahead)}
    if block.base_fee_per_gas is not None:
        where["baseFeePerGas"] = hex(block.base_fee_per_gas)
    return where


async def _simulates(client: ChainClient, block: BlockRef, ahead: int) -> bool:
    calls = [{"from": _CALLER, "to": PROBE}]
    payload = {
        "blockStateCalls": [
            {
                "blockOverrides": block_overrides(block, ahead),
                "stateOverrides": {PROBE: {"code": _PROGRAM}},
                "calls": calls,
            }
        ],
        "validation": False,
    }
    answer = await _try(client, "eth_simulateV1", [payload, {"blockHash": block.hash}])
    try:
        data = answer[0]["calls"][0]["returnData"]
    except (KeyError, IndexError, TypeError):
        return False
    return _block_in(data) == (block.timestamp + ahead, block.number + ahead)


async def _try(client: ChainClient, method: str, params: list[object]) -> Any:
    try:
        return await client.call(method, params)
    except RpcError:
        return None


def _block_in(data: object) -> tuple[int, int] | None:
    parts = words(data) if isinstance(data, str) else []
    return (int(parts[0], 16), int(parts[1], 16)) if len(parts) == 2 else None


def _gas(value: object) -> int:
    return int(value, 16) if isinstance(value, str) and value.startswith("0x") else 0
