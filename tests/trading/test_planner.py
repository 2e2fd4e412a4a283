from dataclasses import replace
from pathlib import Path as FilePath

import pytest
from hypothesis import given
from hypothesis import strategies as st

import chain.networks
from chain.calldata import decode_swap
from chain.errors import ConfigurationError
from chain.networks import load_networks
from dex.errors import SkipTrade
from dex.gas.policy import FeeCaps
from dex.market.pools import Protocol
from dex.routing.plan import SwapPlan
from dex.types import BlockRef
from tests.support.paths import address, path_over
from trading.errors import NothingToReceive
from trading.planner import plan_swap

ETHEREUM = load_networks(FilePath(chain.networks.__file__).parent)["ethereum"]
HEAD = BlockRef(
    number=100, hash="0x" + "11" * 32, parent_hash="0x" + "22" * 32, timestamp=1_000_000, base_fee_per_gas=10**9
)
A, B, C = address(1), address(2), address(3)
SENDER = address(77)


def plan(
    *,
    protocol: Protocol = Protocol.V3,
    quoted_out: int = 10_000,
    tolerance_bps: int = 50,
    patience_blocks: int = 3,
    block_time: float = 12.0,
) -> SwapPlan:
    return plan_swap(
        network=replace(ETHEREUM, block_time=block_time),
        path=path_over(protocol, A, B, C, fees=(500, 3000)),
        sender=SENDER,
        amount_in=123_456,
        quoted_out=quoted_out,
        tolerance_bps=tolerance_bps,
        patience_blocks=patience_blocks,
        caps=FeeCaps(max_fee_per_gas=2 * 10**9, max_priority_fee_per_gas=10**8),
        head=HEAD,
    )


@pytest.mark.parametrize("protocol", list(Protocol))
def test_the_calldata_says_what_the_plan_says(protocol: Protocol) -> None:
    made = plan(protocol=protocol)
    decoded = decode_swap(made.calldata)
    assert decoded is not None
    assert (decoded.protocol, decoded.tokens, decoded.recipient) == (protocol, (A, B, C), SENDER)
    assert (decoded.amount_in, decoded.minimum_out, decoded.deadline) == (123_456, made.minimum_out, made.deadline)


def test_the_router_is_that_of_the_paths_protocol() -> None:
    assert plan(protocol=Protocol.V2).router == ETHEREUM.v2[0].router
    assert plan(protocol=Protocol.V3).router == ETHEREUM.v3[0].router


def test_a_chain_without_that_protocol_gives_no_plan() -> None:
    optimism = load_networks(FilePath(chain.networks.__file__).parent)["optimism"]
    with pytest.raises(ConfigurationError, match="optimism has no v2 exchange"):
        plan_swap(
            network=optimism,
            path=path_over(Protocol.V2, A, B),
            sender=SENDER,
            amount_in=1,
            quoted_out=100,
            tolerance_bps=1,
            patience_blocks=1,
            caps=FeeCaps(max_fee_per_gas=1, max_priority_fee_per_gas=1),
            head=HEAD,
        )


def test_the_plan_keeps_the_fee_caps_and_the_block_it_was_decided_on() -> None:
    made = plan()
    assert (made.max_fee_per_gas, made.max_priority_fee_per_gas, made.decided_at) == (2 * 10**9, 10**8, HEAD)
    assert (made.chain_id, made.token_in, made.token_out) == (1, A, C)


def test_the_minimum_is_the_quote_less_the_tolerance_rounded_down() -> None:
    assert plan(quoted_out=999, tolerance_bps=50).minimum_out == 994


@given(quoted_out=st.integers(1, 2**255), tolerance_bps=st.integers(0, 10_000))
def test_the_minimum_is_never_zero_and_never_above_the_quote(quoted_out: int, tolerance_bps: int) -> None:
    try:
        made = plan(quoted_out=quoted_out, tolerance_bps=tolerance_bps)
    except NothingToReceive:
        assert quoted_out * (10_000 - tolerance_bps) < 10_000
        return
    assert 0 < made.minimum_out <= quoted_out


def test_a_quote_too_small_to_protect_skips_the_trade() -> None:
    with pytest.raises(SkipTrade):
        plan(quoted_out=1, tolerance_bps=1)


@pytest.mark.parametrize(("tolerance_bps", "patience_blocks"), [(-1, 0), (0, -1)])
def test_a_negative_tolerance_or_patience_is_a_mistake(tolerance_bps: int, patience_blocks: int) -> None:
    with pytest.raises(ValueError, match="cannot be negative"):
        plan(tolerance_bps=tolerance_bps, patience_blocks=patience_blocks)


def test_the_deadline_allows_for_patience_and_two_missed_slots() -> None:
    assert plan(patience_blocks=3, block_time=12.0).deadline == HEAD.timestamp + 4 * 12 + 2 * 12 + 1


def test_block_times_below_a_second_still_give_whole_seconds() -> None:
    assert plan(patience_blocks=0, block_time=0.25).deadline == HEAD.timestamp + 1 + 1 + 1
