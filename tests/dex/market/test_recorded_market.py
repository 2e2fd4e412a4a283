"""The recorded pool through the market: every mint and burn must move exactly what the chain moved."""

from collections import defaultdict

import pytest

from dex.market.events import BlockUpdate, PoolEvent, V3Burn, V3Mint, V3Swap
from dex.market.pools import PoolInfo, Protocol
from dex.market.state import MarketState
from dex.types import BlockRef
from tests.dex.market.chains import TOKEN0, TOKEN1, V3
from tests.support import recording

pytestmark = pytest.mark.recording


def events_by_block() -> dict[int, list[PoolEvent]]:
    """Ten rows a block: the recording's own numbers play no part here."""
    blocks: dict[int, list[PoolEvent]] = defaultdict(list)
    for row in recording.rows():
        number = 1 + row.seq // 10
        place = {"pool": V3, "block_number": number, "tx_index": 0, "log_index": row.seq, "tx_hash": ""}
        amounts = {"amount0": row.amount0, "amount1": row.amount1, "liquidity": row.liquidity}
        if row.kind == "swap":
            blocks[number].append(V3Swap(**place, **amounts, sqrt_price_x96=row.sqrt_price_x96, tick=row.tick))
        else:
            kind = V3Mint if row.kind == "mint" else V3Burn
            blocks[number].append(kind(**place, **amounts, tick_lower=row.tick_lower, tick_upper=row.tick_upper))
    return blocks


@pytest.mark.skipif(not recording.FOLDER.is_dir(), reason="the recorded pool is not beside the project")
def test_all_recorded_events_apply_and_the_end_is_the_recorded_one() -> None:
    start = recording.start()
    info = PoolInfo(address=V3, protocol=Protocol.V3, token0=TOKEN0, token1=TOKEN1, fee_pips=3000, tick_spacing=200)
    market = MarketState({V3: info})
    market.load(_block(0), {V3: start})
    for number, events in events_by_block().items():
        market.apply(BlockUpdate(block=_block(number), events=tuple(events)))
    assert market.pool(V3).tick == 72837
    assert market.pool(V3).sqrt_price_x96 == 3023126462030539307678740472309
    assert len(market.snapshot().trades(V3)) == 1024


def _block(number: int) -> BlockRef:
    return BlockRef(
        number=number, hash=f"{number}", parent_hash=f"{number - 1}", timestamp=number, base_fee_per_gas=None
    )
