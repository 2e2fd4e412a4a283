"""ERC-20 calls and a token's own description, which is hostile text."""

from collections.abc import Sequence

from eth_utils.crypto import keccak

from chain.client import ChainClient
from chain.errors import RpcError
from chain.hexes import word, words
from chain.symbols import clean_symbol
from dex.types import Address, BlockRef, Token


def selector(signature: str) -> str:
    """First four bytes of a function's signature hash, as 8 hex digits."""
    return keccak(text=signature)[:4].hex()


_BALANCE_OF = selector("balanceOf(address)")
_ALLOWANCE = selector("allowance(address,address)")
_DECIMALS = selector("decimals()")
_SYMBOL = selector("symbol()")


def balance_of(owner: str) -> str:
    """Calldata of ``balanceOf(owner)``, 0x hex."""
    return "0x" + _BALANCE_OF + word(int(owner, 16))


def allowance(owner: str, spender: str) -> str:
    """Calldata of ``allowance(owner, spender)``, 0x hex."""
    return "0x" + _ALLOWANCE + word(int(owner, 16)) + word(int(spender, 16))


async def read_tokens(client: ChainClient, addresses: Sequence[Address], block: BlockRef, chain_id: int) -> list[Token]:
    """Describes ``addresses`` by their contracts at ``block``, in one batch.

    A token without ``decimals`` counts as having 0, one without a readable symbol as ``?``; EIP-20 makes both optional.
    """
    pinned = {"blockHash": block.hash}
    requests = [
        ("eth_call", [{"to": address, "data": "0x" + call}, pinned])
        for address in addresses
        for call in (_DECIMALS, _SYMBOL)
    ]
    answers = await client.batch_outcomes(requests)
    return [
        Token(
            chain_id=chain_id, address=address, decimals=_decimals(answers[2 * i]), symbol=_symbol(answers[2 * i + 1])
        )
        for i, address in enumerate(addresses)
    ]


def _decimals(answer: object) -> int:
    if isinstance(answer, RpcError) or not isinstance(answer, str) or len(answer) < 66:
        return 0
    value = int(answer[2:66], 16)
    return value if value <= 255 else 0


def _symbol(answer: object) -> str:
    if isinstance(answer, RpcError) or not isinstance(answer, str):
        return "?"
    return clean_symbol(_text(answer).decode("utf-8", errors="replace").replace("\ufffd", ""))


def _text(answer: str) -> bytes:
    """The bytes of an ABI string, or of a bytes32 as old tokens (MKR) return it."""
    parts = words(answer)
    raw = bytes.fromhex(answer[2 : 2 + len(answer) // 2 * 2 - 2])
    if len(parts) >= 2 and int(parts[0], 16) == 32:
        return raw[64 : 64 + min(int(parts[1], 16), 1024)]
    return raw[:32].split(b"\0", 1)[0]
