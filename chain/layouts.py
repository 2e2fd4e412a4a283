"""Where ERC-20 contracts keep balances and allowances: storage slots by known layouts.

Solidity: ``keccak(key . p)`` for a mapping at slot p (Solidity docs, "Layout of State Variables in Storage").
Vyper: ``keccak(p . key)``. OpenZeppelin 5: Solidity's rule under the ERC-7201 namespace ``openzeppelin.storage.ERC20``.
Solady: packed keys with a seed (solady ERC20.sol).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from eth_utils.crypto import keccak

from chain.hexes import word_bytes

PLAIN_SLOTS = range(160)
"""Upgradeable tokens reserve gaps of 50 slots a base contract, so balances at 51 or 101 are common."""
_SOLADY_BALANCE_SEED = bytes.fromhex("87a211a2")
_SOLADY_ALLOWANCE_SEED = bytes.fromhex("7f5e9f20")


class Order(StrEnum):
    SOLIDITY = "solidity"
    VYPER = "vyper"
    SOLADY = "solady"


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingLayout:
    """One way to find a mapping's entries; ``position`` is the mapping's own slot, unused by Solady."""

    order: Order
    position: int


def balance_slot(layout: MappingLayout, owner: str) -> str:
    """Slot of ``owner``'s balance, 0x hex of 32 bytes."""
    key = word_bytes(int(owner, 16))
    place = word_bytes(layout.position)
    match layout.order:
        case Order.SOLIDITY:
            slot = keccak(key + place)
        case Order.VYPER:
            slot = keccak(place + key)
        case Order.SOLADY:
            slot = keccak(key[12:] + bytes(8) + _SOLADY_BALANCE_SEED)
    return "0x" + slot.hex()


def allowance_slot(layout: MappingLayout, owner: str, spender: str) -> str:
    """Slot of what ``spender`` may take from ``owner``, 0x hex of 32 bytes."""
    first, second = word_bytes(int(owner, 16)), word_bytes(int(spender, 16))
    place = word_bytes(layout.position)
    match layout.order:
        case Order.SOLIDITY:
            slot = keccak(second + keccak(first + place))
        case Order.VYPER:
            slot = keccak(keccak(place + first) + second)
        case Order.SOLADY:
            slot = keccak(first[12:] + bytes(8) + _SOLADY_ALLOWANCE_SEED + second[12:])
    return "0x" + slot.hex()


def namespace_slot(name: str) -> int:
    """First slot of an ERC-7201 namespace: keccak(keccak(name) - 1) with the last byte cleared."""
    inner = int.from_bytes(keccak(text=name), "big") - 1
    return int.from_bytes(keccak(word_bytes(inner)), "big") & ~0xFF


_ERC7201_ERC20 = namespace_slot("openzeppelin.storage.ERC20")


def balance_candidates() -> Iterator[MappingLayout]:
    yield from _candidates(_ERC7201_ERC20)


def allowance_candidates() -> Iterator[MappingLayout]:
    yield from _candidates(_ERC7201_ERC20 + 1)


def _candidates(namespaced: int) -> Iterator[MappingLayout]:
    for position in PLAIN_SLOTS:
        yield MappingLayout(order=Order.SOLIDITY, position=position)
        yield MappingLayout(order=Order.VYPER, position=position)
    yield MappingLayout(order=Order.SOLIDITY, position=namespaced)
    yield MappingLayout(order=Order.SOLADY, position=0)
