"""Exact calldata of the routers' exact-input swaps, and its decoding.

Sources: UniswapV2Router02.swapExactTokensForTokens (v2-periphery), ISwapRouter.exactInputSingle and exactInput
(v3-periphery 1.x). Amounts are base units, deadlines unix seconds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError
from eth_utils.crypto import keccak

from chain.hexes import checksum
from dex.market.pools import Protocol
from dex.routing.plan import Path
from dex.types import Address

_V2_TYPES = ("uint256", "uint256", "address[]", "address", "uint256")
_SINGLE_TYPES = ("(address,address,uint24,address,uint256,uint256,uint256,uint160)",)
_MULTI_TYPES = ("(bytes,address,uint256,uint256,uint256)",)
_V2_SELECTOR = keccak(text=f"swapExactTokensForTokens({','.join(_V2_TYPES)})")[:4]
_SINGLE_SELECTOR = keccak(text=f"exactInputSingle({_SINGLE_TYPES[0]})")[:4]
_MULTI_SELECTOR = keccak(text=f"exactInput({_MULTI_TYPES[0]})")[:4]


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodedSwap:
    """An exact-input swap as calldata states it. ``fees`` are the V3 tiers hop by hop, empty for V2."""

    protocol: Protocol
    tokens: tuple[Address, ...]
    fees: tuple[int, ...]
    recipient: Address
    amount_in: int
    minimum_out: int
    deadline: int


def encode_swap(path: Path, *, recipient: Address, amount_in: int, minimum_out: int, deadline: int) -> bytes:
    """Calldata that swaps all of ``amount_in`` along ``path`` or reverts.

    One V3 hop uses exactInputSingle without a price limit: a limit would fill partly instead of reverting.
    """
    if path.protocol is Protocol.V2:
        return _V2_SELECTOR + encode(_V2_TYPES, (amount_in, minimum_out, path.tokens, recipient, deadline))
    if len(path.hops) == 1:
        [hop] = path.hops
        single = (hop.token_in, hop.token_out, hop.fee_pips, recipient, deadline, amount_in, minimum_out, 0)
        return _SINGLE_SELECTOR + encode(_SINGLE_TYPES, (single,))
    multi = (_v3_path(path), recipient, deadline, amount_in, minimum_out)
    return _MULTI_SELECTOR + encode(_MULTI_TYPES, (multi,))


def decode_swap(calldata: bytes) -> DecodedSwap | None:
    """What ``calldata`` swaps; None where it is none of the three calls or malformed."""
    body = calldata[4:]
    try:
        match calldata[:4]:
            case selector if selector == _V2_SELECTOR:
                return _from_v2(decode(_V2_TYPES, body))
            case selector if selector == _SINGLE_SELECTOR:
                return _from_single(decode(_SINGLE_TYPES, body)[0])
            case selector if selector == _MULTI_SELECTOR:
                return _from_multi(decode(_MULTI_TYPES, body)[0])
    except DecodingError:
        return None
    return None


def _v3_path(path: Path) -> bytes:
    """token (20 bytes), then fee (3) and token (20) for each hop; v3-periphery's Path.sol."""
    first = bytes.fromhex(path.hops[0].token_in[2:])
    return first + b"".join(hop.fee_pips.to_bytes(3, "big") + bytes.fromhex(hop.token_out[2:]) for hop in path.hops)


def _from_v2(fields: Sequence[Any]) -> DecodedSwap:
    amount_in, minimum_out, tokens, recipient, deadline = fields
    return DecodedSwap(
        protocol=Protocol.V2,
        tokens=tuple(checksum(token) for token in tokens),
        fees=(),
        recipient=checksum(recipient),
        amount_in=amount_in,
        minimum_out=minimum_out,
        deadline=deadline,
    )


def _from_single(fields: Sequence[Any]) -> DecodedSwap:
    token_in, token_out, fee, recipient, deadline, amount_in, minimum_out, _limit = fields
    return DecodedSwap(
        protocol=Protocol.V3,
        tokens=(checksum(token_in), checksum(token_out)),
        fees=(fee,),
        recipient=checksum(recipient),
        amount_in=amount_in,
        minimum_out=minimum_out,
        deadline=deadline,
    )


def _from_multi(fields: Sequence[Any]) -> DecodedSwap | None:
    path, recipient, deadline, amount_in, minimum_out = fields
    if len(path) < 43 or (len(path) - 20) % 23 != 0:
        return None
    return DecodedSwap(
        protocol=Protocol.V3,
        tokens=tuple(checksum("0x" + path[i : i + 20].hex()) for i in range(0, len(path), 23)),
        fees=tuple(int.from_bytes(path[i : i + 3], "big") for i in range(20, len(path), 23)),
        recipient=checksum(recipient),
        amount_in=amount_in,
        minimum_out=minimum_out,
        deadline=deadline,
    )
