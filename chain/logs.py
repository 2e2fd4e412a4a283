"""Exact decoding of pool and factory logs.

Any contract may emit a log with a known first topic, so a log whose shape is not the event's is nobody's business and
decodes to None. Words are sliced from the hex by hand, because a general ABI decoder is some ten times slower.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from chain import topics
from chain.errors import NodeUnavailable
from chain.hexes import address_of_word, checksum, signed, words
from dex.market.events import (
    PoolEvent,
    PoolLaunched,
    V2Burn,
    V2Mint,
    V2Swap,
    V2Sync,
    V3Burn,
    V3Initialize,
    V3Mint,
    V3SetFeeProtocol,
    V3Swap,
)
from dex.types import Address

Log = Mapping[str, Any]
_Where = dict[str, Any]
_Words = Sequence[str]


def decode(log: Log, *, factories: frozenset[Address] = frozenset()) -> PoolEvent | None:
    """The event of a JSON-RPC log object, or None where it is none of ours.

    A launch counts only from one of ``factories``, and nothing else counts from them. Raises ``NodeUnavailable`` for a
    log without the fields that every node must give.
    """
    try:
        topic_list: Sequence[str] = log["topics"]
        known = _DECODERS.get(topic_list[0]) if topic_list else None
        data: str = log["data"]
        emitter = checksum(log["address"])
        where: _Where = {
            "pool": emitter,
            "block_number": int(log["blockNumber"], 16),
            "tx_index": int(log["transactionIndex"], 16),
            "log_index": int(log["logIndex"], 16),
            "tx_hash": log["transactionHash"],
        }
    except (KeyError, TypeError, ValueError):
        raise NodeUnavailable("a node answered a malformed log") from None
    if known is None:
        return None
    topic_count, data_words, build = known
    if len(topic_list) != topic_count or len(data) != 2 + 64 * data_words:
        return None
    if (build in _LAUNCHES) != (emitter in factories):
        return None
    return build(where, [topic[2:] for topic in topic_list], words(data))


def decode_all(logs: Sequence[Log], *, factories: frozenset[Address]) -> tuple[PoolEvent, ...]:
    """The events among ``logs`` of one block, in log order."""
    events = (decode(log, factories=factories) for log in logs)
    return tuple(sorted((event for event in events if event is not None), key=lambda event: event.log_index))


def _v2_sync(where: _Where, _: _Words, data: _Words) -> PoolEvent:
    return V2Sync(**where, reserve0=int(data[0], 16), reserve1=int(data[1], 16))


def _v2_swap(where: _Where, _: _Words, data: _Words) -> PoolEvent:
    in0, in1, out0, out1 = (int(one, 16) for one in data)
    return V2Swap(**where, amount0_in=in0, amount1_in=in1, amount0_out=out0, amount1_out=out1)


def _v2_mint(where: _Where, _: _Words, data: _Words) -> PoolEvent:
    return V2Mint(**where, amount0=int(data[0], 16), amount1=int(data[1], 16))


def _v2_burn(where: _Where, _: _Words, data: _Words) -> PoolEvent:
    return V2Burn(**where, amount0=int(data[0], 16), amount1=int(data[1], 16))


def _v2_pair_created(where: _Where, topic: _Words, data: _Words) -> PoolEvent:
    where["pool"] = address_of_word(data[0])
    return PoolLaunched(
        **where, token0=address_of_word(topic[1]), token1=address_of_word(topic[2]), fee_pips=None, tick_spacing=None
    )


def _v3_initialize(where: _Where, _: _Words, data: _Words) -> PoolEvent:
    return V3Initialize(**where, sqrt_price_x96=int(data[0], 16), tick=signed(data[1]))


def _v3_swap(where: _Where, _: _Words, data: _Words) -> PoolEvent:
    return V3Swap(
        **where,
        amount0=signed(data[0]),
        amount1=signed(data[1]),
        sqrt_price_x96=int(data[2], 16),
        liquidity=int(data[3], 16),
        tick=signed(data[4]),
    )


def _v3_mint(where: _Where, topic: _Words, data: _Words) -> PoolEvent:
    return V3Mint(**where, **_range(topic), **_amounts(data[1:]))  # data[0] is the sender


def _v3_burn(where: _Where, topic: _Words, data: _Words) -> PoolEvent:
    return V3Burn(**where, **_range(topic), **_amounts(data))


def _range(topic: _Words) -> dict[str, Any]:
    return {"tick_lower": signed(topic[2]), "tick_upper": signed(topic[3])}


def _amounts(data: _Words) -> dict[str, Any]:
    return {"liquidity": int(data[0], 16), "amount0": int(data[1], 16), "amount1": int(data[2], 16)}


def _v3_set_fee_protocol(where: _Where, _: _Words, data: _Words) -> PoolEvent:
    # The first two words are the old values.
    return V3SetFeeProtocol(**where, fee_protocol0=int(data[2], 16), fee_protocol1=int(data[3], 16))


def _v3_pool_created(where: _Where, topic: _Words, data: _Words) -> PoolEvent:
    where["pool"] = address_of_word(data[1])
    return PoolLaunched(
        **where,
        token0=address_of_word(topic[1]),
        token1=address_of_word(topic[2]),
        fee_pips=int(topic[3], 16),
        tick_spacing=signed(data[0]),
    )


_LAUNCHES = (_v2_pair_created, _v3_pool_created)
_DECODERS: Mapping[str, tuple[int, int, Callable[[_Where, _Words, _Words], PoolEvent]]] = {
    # topic0: number of topics, number of data words, builder
    topics.V2_SYNC: (1, 2, _v2_sync),
    topics.V2_SWAP: (3, 4, _v2_swap),
    topics.V2_MINT: (2, 2, _v2_mint),
    topics.V2_BURN: (3, 2, _v2_burn),
    topics.V2_PAIR_CREATED: (3, 2, _v2_pair_created),
    topics.V3_INITIALIZE: (1, 2, _v3_initialize),
    topics.V3_SWAP: (3, 5, _v3_swap),
    topics.V3_MINT: (4, 4, _v3_mint),
    topics.V3_BURN: (4, 3, _v3_burn),
    topics.V3_SET_FEE_PROTOCOL: (1, 4, _v3_set_fee_protocol),
    topics.V3_POOL_CREATED: (4, 2, _v3_pool_created),
}
TOPICS = tuple(_DECODERS)
"""Every first topic that ``decode`` knows, for a log filter."""
