"""The data fee that an OP-stack rollup charges for a transaction's bytes.

Source: GasPriceOracle.getL1Fee(bytes) of the OP stack, predeployed; it takes the unsigned transaction and adds the
signature's size itself.
"""

from collections.abc import Sequence

from chain.erc20 import selector
from chain.hexes import word
from chain.networks import L1Fee, Network
from chain.source import SwapCall
from chain.together import Together
from dex.types import BlockRef

GAS_PRICE_ORACLE = "0x420000000000000000000000000000000000000F"
_GET_L1_FEE = selector("getL1Fee(bytes)")
# A paper call has no nonce and no gas fields of its own; numbers of the usual size make the bytes as many.
_NONCE, _TIP, _FEE_CAP, _GAS = 1_000, 10**6, 10**9, 300_000


async def l1_fee(client: Together, network: Network, call: SwapCall, block: BlockRef) -> int:
    """Wei that the chain would charge for ``call``'s bytes at ``block``; 0 where it charges none."""
    if network.l1_fee is L1Fee.NONE:
        return 0
    raw = unsigned_transaction(call, network.chain_id)
    padded = raw.hex().ljust(-(-len(raw) // 32) * 64, "0")
    data = "0x" + _GET_L1_FEE + word(32) + word(len(raw)) + padded
    return int(await client.call("eth_call", [{"to": GAS_PRICE_ORACLE, "data": data}, {"blockHash": block.hash}]), 16)


def unsigned_transaction(call: SwapCall, chain_id: int) -> bytes:
    """EIP-1559: 0x02 and the RLP of its nine unsigned fields."""
    numbers = [chain_id, _NONCE, _TIP, _FEE_CAP, _GAS]
    head = [_rlp_bytes(_minimal(number)) for number in numbers]
    tail = [_rlp_bytes(bytes.fromhex(call.to[2:])), _rlp_bytes(b""), _rlp_bytes(call.data), _rlp_list([])]
    return b"\x02" + _rlp_list([*head, *tail])


def _minimal(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def _rlp_bytes(value: bytes) -> bytes:
    if len(value) == 1 and value[0] < 0x80:
        return value
    return _rlp_header(len(value), 0x80) + value


def _rlp_list(items: Sequence[bytes]) -> bytes:
    body = b"".join(items)
    return _rlp_header(len(body), 0xC0) + body


def _rlp_header(length: int, offset: int) -> bytes:
    if length < 56:
        return bytes([offset + length])
    size = _minimal(length)
    return bytes([offset + 55 + len(size)]) + size
