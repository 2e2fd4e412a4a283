"""Transactions as actors want them, and as the node is asked to send them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from dex.types import Address

GWEI = 10**9
_LARGE = 500_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What an actor wants to send; nonce and fee cap are filled in when the block is put together.

    ``to`` is None for a contract creation; ``data`` is 0x hex; ``value`` and ``tip`` are wei; ``note`` is for the
    journal's readers and for actors that recall their own past.
    """

    sender: Address
    to: Address | None
    data: str = "0x"
    value: int = 0
    gas: int = 200_000
    tip: int = GWEI // 20
    note: str = ""


@dataclass(slots=True)
class Nonces:
    """The next nonce of each account, counted from the chain's first block."""

    _next: dict[Address, int] = field(default_factory=dict)

    def peek(self, sender: Address) -> int:
        return self._next.get(sender, 0)

    def take(self, sender: Address) -> int:
        nonce = self.peek(sender)
        self._next[sender] = nonce + 1
        return nonce

    def set(self, sender: Address, nonce: int) -> None:
        self._next[sender] = nonce


def to_request(wish: Wish, *, nonce: int, base_fee: int) -> dict[str, Any]:
    """Parameters of ``eth_sendTransaction``; twice the base fee covers six full blocks in a row."""
    request: dict[str, Any] = {
        "from": wish.sender,
        "nonce": hex(nonce),
        "gas": hex(wish.gas),
        "maxFeePerGas": hex(2 * base_fee + wish.tip),
        "maxPriorityFeePerGas": hex(wish.tip),
        "value": hex(wish.value),
        "data": wish.data,
    }
    if wish.to is not None:
        request["to"] = wish.to
    return request


def pack(wishes: Sequence[Wish], gas_limit: int) -> list[Wish]:
    """Those that fit into one block, in their order; what does not fit is not sent.

    A transaction needs room for its whole limit but leaves what it does not use: usual ones at least a quarter, large
    ones next to nothing. An account whose transaction was left out sends nothing after it, so that no follow-up runs
    without its start.
    """
    used, chosen, left_out = 0, [], set()
    for wish in wishes:
        if used + wish.gas > gas_limit or wish.sender in left_out:
            left_out.add(wish.sender)
            continue
        used += wish.gas if wish.gas > _LARGE else wish.gas * 3 // 4
        chosen.append(wish)
    return chosen
