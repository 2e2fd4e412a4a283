"""Two tiny contracts for the tests, assembled by hand so that no compiler stands between them and the pools."""

from collections.abc import Sequence

_OPCODES = {
    "ADD": 0x01, "SUB": 0x03, "SGT": 0x13, "EQ": 0x14, "ISZERO": 0x15, "OR": 0x17, "SHL": 0x1B, "SHR": 0x1C, "LT": 0x10,
    "CALLER": 0x33, "CALLDATALOAD": 0x35, "CALLDATASIZE": 0x36, "CALLDATACOPY": 0x37, "RETURNDATASIZE": 0x3D,
    "RETURNDATACOPY": 0x3E, "POP": 0x50, "MLOAD": 0x51, "MSTORE": 0x52, "SLOAD": 0x54, "SSTORE": 0x55, "JUMP": 0x56,
    "JUMPI": 0x57, "GAS": 0x5A, "DUP1": 0x80, "DUP2": 0x81, "SWAP1": 0x90, "CALL": 0xF1, "RETURN": 0xF3,
    "DELEGATECALL": 0xF4, "REVERT": 0xFD,
}  # fmt: skip
_JUMPDEST, _PUSH1, _PUSH2 = 0x5B, 0x60, 0x61

SWAP_CALLBACK, MINT_CALLBACK, TRANSFER, INITIALIZE = 0xFA461E33, 0xD3487997, 0xA9059CBB, 0xF637731D


def assemble(program: Sequence[str | int]) -> bytes:
    """Words are opcodes, ``name:`` a label, ``@name`` its address; integers are pushed."""
    code, labels, uses = bytearray(), {}, []
    for word in program:
        if isinstance(word, int):
            size = max(1, (word.bit_length() + 7) // 8)
            code += bytes([_PUSH1 + size - 1]) + word.to_bytes(size, "big")
        elif word.endswith(":"):
            labels[word[:-1]] = len(code)
            code.append(_JUMPDEST)
        elif word.startswith("@"):
            uses.append((len(code) + 1, word[1:]))
            code += bytes([_PUSH2, 0, 0])
        else:
            code.append(_OPCODES[word])
    for at, label in uses:
        code[at : at + 2] = labels[label].to_bytes(2, "big")
    return bytes(code)


def creation(runtime: bytes) -> bytes:
    """Creation code that deploys ``runtime``."""
    head = 14  # the length of the code below
    return (
        bytes([0x61, *len(runtime).to_bytes(2, "big"), 0x60, head, 0x5F, 0x39])
        + bytes([0x61, *len(runtime).to_bytes(2, "big"), 0x5F, 0xF3, 0x00, 0x00])
        + runtime
    )


def _pay(token: int, offset: int, skip: str) -> list[str | int]:
    """Transfer the amount at ``offset`` of the call data to the caller if it is positive."""
    return [
        *(0, offset, "CALLDATALOAD", "SGT", "ISZERO", f"@{skip}", "JUMPI"),
        *(TRANSFER << 224, 0, "MSTORE", "CALLER", 4, "MSTORE", offset, "CALLDATALOAD", 36, "MSTORE"),
        *(0, 0, 68, 0, 0, token, "GAS", "CALL", "POP"),
        f"{skip}:",
    ]


def payer(token0: str, token1: str) -> bytes:
    """Calls the contract in its first word with the rest of its call data; pays what a V3 callback asks for."""
    return assemble([
        *(0, "CALLDATALOAD", 224, "SHR", "DUP1", SWAP_CALLBACK, "EQ", "SWAP1", MINT_CALLBACK, "EQ", "OR"),
        *("@pay", "JUMPI", 32, "CALLDATASIZE", "SUB", 32, 0, "CALLDATACOPY"),
        *(0, 0, 32, "CALLDATASIZE", "SUB", 0, 0, 0, "CALLDATALOAD", "GAS", "CALL"),
        *("RETURNDATASIZE", 0, 0, "RETURNDATACOPY", "@done", "JUMPI", "RETURNDATASIZE", 0, "REVERT"),
        *("done:", "RETURNDATASIZE", 0, "RETURN", "pay:"),
        *_pay(int(token0, 16), 4, "second"),
        *_pay(int(token1, 16), 36, "end"),
        *("RETURNDATASIZE", 0, "RETURN"),
    ])  # fmt: skip


def tick_prober(pool: str) -> bytes:
    """For each price in its call data, runs the pool's own ``initialize`` in its own storage and returns slot0.

    A price that the pool refuses comes back as 0.
    """
    return assemble([
        0, "loop:",
        *("CALLDATASIZE", "DUP2", "LT", "ISZERO", "@end", "JUMPI"),
        *(0, 0, "SSTORE", INITIALIZE << 224, 0, "MSTORE", "DUP1", "CALLDATALOAD", 4, "MSTORE"),
        *(0, 0, 36, 0, int(pool, 16), "GAS", "DELEGATECALL", "POP"),
        *(0, "SLOAD", "DUP2", 64, "ADD", "MSTORE", 32, "ADD", "@loop", "JUMP"),
        *("end:", "CALLDATASIZE", 64, "RETURN"),
    ])  # fmt: skip
