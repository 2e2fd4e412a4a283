"""Swap plans as JSON, exact and self-contained, for the database and for receipts.

Integers are decimal strings, because JSON readers round numbers above 2^53; calldata is 0x hex.
"""

from collections.abc import Mapping
from typing import Any

from dex.market.pools import Protocol
from dex.routing.plan import Hop, Path, SwapPlan
from dex.types import Address, BlockRef


def dump(plan: SwapPlan) -> dict[str, Any]:
    """``plan`` in JSON types only; ``load`` gives back an equal one."""
    return {
        "chain_id": str(plan.chain_id),
        "sender": plan.sender,
        "router": plan.router,
        "calldata": "0x" + plan.calldata.hex(),
        "token_in": plan.token_in,
        "token_out": plan.token_out,
        "amount_in": str(plan.amount_in),
        "quoted_out": str(plan.quoted_out),
        "minimum_out": str(plan.minimum_out),
        "path": [_dump_hop(hop) for hop in plan.path.hops],
        "deadline": str(plan.deadline),
        "max_fee_per_gas": str(plan.max_fee_per_gas),
        "max_priority_fee_per_gas": str(plan.max_priority_fee_per_gas),
        "decided_at": _dump_block(plan.decided_at),
    }


def load(data: Mapping[str, Any]) -> SwapPlan:
    """The plan that ``dump`` wrote; raises ``ValueError`` when ``data`` is anything else."""
    try:
        return SwapPlan(
            chain_id=int(data["chain_id"]),
            sender=Address(data["sender"]),
            router=Address(data["router"]),
            calldata=_load_bytes(data["calldata"]),
            token_in=Address(data["token_in"]),
            token_out=Address(data["token_out"]),
            amount_in=int(data["amount_in"]),
            quoted_out=int(data["quoted_out"]),
            minimum_out=int(data["minimum_out"]),
            path=Path(hops=tuple(_load_hop(hop) for hop in data["path"])),
            deadline=int(data["deadline"]),
            max_fee_per_gas=int(data["max_fee_per_gas"]),
            max_priority_fee_per_gas=int(data["max_priority_fee_per_gas"]),
            decided_at=_load_block(data["decided_at"]),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a swap plan: {type(error).__name__} {error}") from error


def _dump_hop(hop: Hop) -> dict[str, str]:
    return {
        "pool": hop.pool,
        "protocol": hop.protocol.value,
        "token_in": hop.token_in,
        "token_out": hop.token_out,
        "fee_pips": str(hop.fee_pips),
    }


def _load_hop(data: Mapping[str, Any]) -> Hop:
    return Hop(
        pool=Address(data["pool"]),
        protocol=Protocol(data["protocol"]),
        token_in=Address(data["token_in"]),
        token_out=Address(data["token_out"]),
        fee_pips=int(data["fee_pips"]),
    )


def _dump_block(block: BlockRef) -> dict[str, str | None]:
    return {
        "number": str(block.number),
        "hash": block.hash,
        "parent_hash": block.parent_hash,
        "timestamp": str(block.timestamp),
        "base_fee_per_gas": _dump_optional(block.base_fee_per_gas),
        "gas_used": _dump_optional(block.gas_used),
        "gas_limit": _dump_optional(block.gas_limit),
    }


def _load_block(data: Mapping[str, Any]) -> BlockRef:
    return BlockRef(
        number=int(data["number"]),
        hash=data["hash"],
        parent_hash=data["parent_hash"],
        timestamp=int(data["timestamp"]),
        base_fee_per_gas=_load_optional(data["base_fee_per_gas"]),
        gas_used=_load_optional(data["gas_used"]),
        gas_limit=_load_optional(data["gas_limit"]),
    )


def _dump_optional(value: int | None) -> str | None:
    return None if value is None else str(value)


def _load_optional(value: str | None) -> int | None:
    return None if value is None else int(value)


def _load_bytes(text: str) -> bytes:
    if not text.startswith("0x"):
        raise ValueError("not a swap plan: calldata is not 0x hex")
    return bytes.fromhex(text[2:])
