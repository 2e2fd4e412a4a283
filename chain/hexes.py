"""Between Python integers and the hex of JSON-RPC."""

from functools import lru_cache

from eth_utils.address import to_checksum_address

from dex.types import Address

WORD = 64
"""Hex digits of one 32-byte word."""
_SIGN = 1 << 255
_MODULUS = 1 << 256


@lru_cache(maxsize=65_536)
def checksum(address: str) -> Address:
    """``address`` in EIP-55 form; cached, because hashing each log's address would dominate its decoding."""
    return Address(to_checksum_address(address))


def address_of_word(word: str) -> Address:
    """The address in the low 20 bytes of a 64-digit word."""
    return checksum("0x" + word[24:])


def words(data: str) -> list[str]:
    """``data`` (0x-prefixed) as its whole 64-digit words; a torn last word is dropped."""
    return [data[i : i + WORD] for i in range(2, len(data) - WORD + 1, WORD)]


def signed(word: str) -> int:
    """A two's complement word as an int."""
    value = int(word, 16)
    return value - _MODULUS if value >= _SIGN else value


def word(value: int) -> str:
    """``value``, negative as two's complement, as 64 hex digits without a prefix."""
    return f"{value % _MODULUS:064x}"


def word_bytes(value: int) -> bytes:
    """``value``, negative as two's complement, as 32 bytes."""
    return (value % _MODULUS).to_bytes(32, "big")
