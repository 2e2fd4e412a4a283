from dataclasses import replace

from dex.market.events import BlockUpdate, V2Swap, V3Swap
from dex.types import Address, BlockRef
from paper_trading.intelligence.flow_track import FlowTrack

FIRST, SECOND, FOREIGN = (Address("0x" + digit * 40) for digit in "abc")
PLACE = {"tx_index": 0, "log_index": 0, "tx_hash": ""}


def block(number: int) -> BlockRef:
    return BlockRef(number=number, hash=f"{number}", parent_hash="", timestamp=10 * number, base_fee_per_gas=None)


def v3(number: int, pool: Address, amount0: int, amount1: int) -> V3Swap:
    state = {"sqrt_price_x96": 1, "liquidity": 1, "tick": 0}
    return V3Swap(pool=pool, block_number=number, amount0=amount0, amount1=amount1, **PLACE, **state)


def v2(number: int, pool: Address, *, in0: int, out1: int) -> V2Swap:
    amounts = {"amount0_in": in0, "amount1_in": 0, "amount0_out": 0, "amount1_out": out1}
    return V2Swap(pool=pool, block_number=number, **PLACE, **amounts)


def track(limit: int = 512) -> FlowTrack:
    return FlowTrack({FIRST: True, SECOND: False}, limit=limit)


def test_what_leaves_a_pool_was_bought_whichever_side_the_token_is_on() -> None:
    flows = track()
    events = (v3(1, FIRST, -5, 7), v3(1, SECOND, 7, -11), v2(1, FIRST, in0=3, out1=1))
    flows.take(BlockUpdate(block=block(1), events=events))
    assert flows.series().signed == (5, 11, -3)


def test_trades_of_other_pools_do_not_count() -> None:
    flows = track()
    flows.take(BlockUpdate(block=block(1), events=(v3(1, FOREIGN, -5, 7),)))
    assert flows.series().signed == ()


def test_a_rewind_forgets_later_blocks_only() -> None:
    flows = track()
    for number in (1, 2, 3):
        flows.take(BlockUpdate(block=block(number), events=(v3(number, FIRST, -number, 1),)))
    flows.rewind(2)
    assert (flows.series().blocks, flows.series().times, flows.series().signed) == ((1, 2), (10, 20), (1, 2))


def test_only_the_newest_trades_are_told_and_memory_stays_bounded() -> None:
    flows = track(limit=3)
    for number in range(100):
        flows.take(BlockUpdate(block=replace(block(number)), events=(v3(number, FIRST, -number, 1),)))
    assert flows.series().signed == (97, 98, 99)
    flows.rewind(97)
    assert flows.series().signed == (95, 96, 97)
