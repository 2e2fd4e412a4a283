"""Why a call reverted, as text that can be shown."""

from chain.erc20 import selector
from chain.hexes import words

_ERROR = selector("Error(string)")
_PANIC = selector("Panic(uint256)")
_PANICS = {  # Solidity docs, "Panic via assert and Error via require"
    0x01: "assertion failed",
    0x11: "arithmetic overflow",
    0x12: "division by zero",
    0x21: "bad enum value",
    0x22: "bad storage encoding",
    0x31: "pop from an empty array",
    0x32: "array index out of range",
    0x41: "out of memory",
    0x51: "call of a zero function",
}
REASON_LENGTH = 200


def revert_reason(data: str, message: str = "") -> str:
    """The reason in a call's return data (0x hex), never empty.

    ``message`` is the node's own word on it, used where the contract said nothing (out of gas, a bare revert).
    """
    head, body = data[2:10], words("0x" + data[10:])
    if head == _ERROR and len(body) >= 2:
        length = min(int(body[1], 16), 1024)
        text = bytes.fromhex("".join(body[2:])[: 2 * length]).decode("utf-8", errors="replace")
        return _printable(text) or "reverted with an empty reason"
    if head == _PANIC and body:
        code = int(body[0], 16)
        return f"panic 0x{code:02x}: {_PANICS.get(code, 'unknown')}"
    if len(head) == 8:
        return f"custom error 0x{head}"
    if message and "revert" not in message.lower():
        return _printable(message)
    return "reverted without a reason"


def _printable(text: str) -> str:
    return "".join(char for char in text if char.isprintable())[:REASON_LENGTH]
