"""A measuring program for nodes without ``eth_simulateV1``: it runs in the paper account's place for one ``eth_call``.

Laid over the sender as code, it reads both token balances, makes the router call that came as its calldata, and reads
them again. Its answer is six words (in before, out before, in after, out after, success, gas of the router call) and
then whatever the router returned. The sender has code meanwhile, which a token can see; ``eth_simulateV1`` does not
have that flaw.
"""

from dataclasses import dataclass

from chain.erc20 import selector
from chain.hexes import words

_PUSH1, _PUSH2, _PUSH4, _PUSH20 = 0x60, 0x61, 0x63, 0x73
_GAS, _ADDRESS, _CALLDATASIZE, _RETURNDATASIZE = 0x5A, 0x30, 0x36, 0x3D
_CALLDATACOPY, _RETURNDATACOPY, _MSTORE, _SHL = 0x37, 0x3E, 0x52, 0x1B
_CALL, _STATICCALL, _RETURN, _POP, _SUB, _ADD, _SWAP1 = 0xF1, 0xFA, 0xF3, 0x50, 0x03, 0x01, 0x90
_ARGUMENTS = 0x200
"""Where in memory the router's calldata and later its answer go: behind the results."""
_RESULTS = 0x40


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """Balances in base units around a call; ``answer`` is the router's return data, 0x hex."""

    in_before: int
    out_before: int
    in_after: int
    out_after: int
    success: bool
    gas: int
    answer: str


def program(*, token_in: str, token_out: str, router: str) -> str:
    """Runtime code, 0x hex."""
    code = bytearray()

    def push1(value: int) -> None:
        code.extend((_PUSH1, value))

    def push2(value: int) -> None:
        code.append(_PUSH2)
        code.extend(value.to_bytes(2, "big"))

    def push_address(address: str) -> None:
        code.append(_PUSH20)
        code.extend(bytes.fromhex(address[2:]))

    def read_balance(token: str, target: int) -> None:
        for value in (0x20, target, 0x24, 0):
            push2(value)
        push_address(token)
        code.extend((_GAS, _STATICCALL, _POP))

    # balanceOf(address(this)) in memory 0x00..0x24
    code.append(_PUSH4)
    code.extend(bytes.fromhex(selector("balanceOf(address)")))
    push1(0xE0)
    code.append(_SHL)
    push1(0)
    code.append(_MSTORE)
    code.append(_ADDRESS)
    push1(4)
    code.append(_MSTORE)

    read_balance(token_in, _RESULTS)
    read_balance(token_out, _RESULTS + 0x20)

    code.append(_CALLDATASIZE)
    push1(0)
    push2(_ARGUMENTS)
    code.append(_CALLDATACOPY)
    code.append(_GAS)
    push1(0)
    push1(0)
    code.append(_CALLDATASIZE)
    push2(_ARGUMENTS)
    push1(0)
    push_address(router)
    code.extend((_GAS, _CALL))
    push2(_RESULTS + 0x80)
    code.append(_MSTORE)
    code.extend((_GAS, _SWAP1, _SUB))
    push2(_RESULTS + 0xA0)
    code.append(_MSTORE)
    code.append(_RETURNDATASIZE)
    push1(0)
    push2(_ARGUMENTS)
    code.append(_RETURNDATACOPY)
    code.append(_RETURNDATASIZE)  # kept on the stack: the next calls overwrite it

    read_balance(token_in, _RESULTS + 0x40)
    read_balance(token_out, _RESULTS + 0x60)

    push2(_ARGUMENTS - _RESULTS)
    code.append(_ADD)
    push1(_RESULTS)
    code.append(_RETURN)
    return "0x" + code.hex()


def read(answer: str) -> Measurement | None:
    """The measurement in the program's answer; None where the node ran something else."""
    parts = words(answer)
    head = (_ARGUMENTS - _RESULTS) // 0x20
    if len(parts) < head:
        return None
    in_before, out_before, in_after, out_after, success, gas = (int(part, 16) for part in parts[:6])
    return Measurement(
        in_before=in_before,
        out_before=out_before,
        in_after=in_after,
        out_after=out_after,
        success=success == 1,
        gas=gas,
        answer="0x" + answer[2 + 64 * head :],
    )
