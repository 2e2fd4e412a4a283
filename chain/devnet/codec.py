"""Calldata and contract addresses, computed without a node."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from eth_abi.abi import encode
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from chain.devnet import artifacts
from dex.types import Address


@cache
def _signature(signature: str) -> tuple[bytes, tuple[str, ...]]:
    arguments = signature[signature.index("(") + 1 : -1]
    return keccak(text=signature.replace(" ", ""))[:4], tuple(_split(arguments))


def _split(types: str) -> list[str]:
    """Top-level commas only: ``(address,uint24),uint256`` has two parts."""
    parts, depth, start = [], 0, 0
    for i, character in enumerate(types):
        depth += (character == "(") - (character == ")")
        if character == "," and depth == 0:
            parts.append(types[start:i])
            start = i + 1
    return [*parts, types[start:]] if types else []


def call(signature: str, *arguments: Any) -> str:
    """Calldata as 0x hex: ``call("approve(address,uint256)", spender, amount)``."""
    selector, types = _signature(signature)
    return "0x" + (selector + encode(types, arguments)).hex()


def creation(name: str, types: Sequence[str] = (), *arguments: Any) -> str:
    """Creation code of a known contract with its constructor's arguments."""
    return artifacts.load(name).bytecode + encode(types, arguments).hex()


def create_address(sender: Address, nonce: int) -> Address:
    """Where the ``nonce``-th transaction of ``sender`` puts its contract: keccak(rlp([sender, nonce]))."""
    number = nonce.to_bytes((nonce.bit_length() + 7) // 8, "big")
    item = number if nonce < 0x80 and nonce != 0 else bytes([0x80 + len(number)]) + number
    payload = b"\x94" + bytes.fromhex(sender[2:]) + item
    return _address(keccak(bytes([0xC0 + len(payload)]) + payload))


def v2_pair_address(factory: Address, token0: Address, token1: Address) -> Address:
    """UniswapV2Library.pairFor."""
    salt = keccak(bytes.fromhex(token0[2:] + token1[2:]))
    return _create2(factory, salt, "UniswapV2Pair")


def v3_pool_address(factory: Address, token0: Address, token1: Address, fee_pips: int) -> Address:
    """v3-periphery PoolAddress.computeAddress."""
    salt = keccak(encode(["address", "address", "uint24"], [token0, token1, fee_pips]))
    return _create2(factory, salt, "UniswapV3Pool")


@cache
def _code_hash(name: str) -> bytes:
    return keccak(hexstr=artifacts.load(name).bytecode)


def _create2(factory: Address, salt: bytes, name: str) -> Address:
    return _address(keccak(b"\xff" + bytes.fromhex(factory[2:]) + salt + _code_hash(name)))


def _address(digest: bytes) -> Address:
    return Address(to_checksum_address(digest[12:]))
