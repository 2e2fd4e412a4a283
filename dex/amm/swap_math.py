"""One step of a swap within a range of constant liquidity, after v3-core SwapMath.sol."""

from dex.amm.full_math import mul_div_rounding_up
from dex.amm.sqrt_price_math import (
    get_amount0_delta,
    get_amount1_delta,
    get_next_sqrt_price_from_input,
    get_next_sqrt_price_from_output,
)
from dex.types import PIPS_ONE


def compute_swap_step(
    sqrt_current: int, sqrt_target: int, liquidity: int, amount_remaining: int, fee_pips: int
) -> tuple[int, int, int, int]:
    """Swap up to ``amount_remaining`` (positive: input left, fee included; negative: output left) towards a price.

    Returns (sqrt_next, amount_in, amount_out, fee_amount); the fee is on top of ``amount_in``. A step that falls short
    of the target on exact input takes the whole rest as fee. The direction follows from the two prices.
    """
    zero_for_one = sqrt_current >= sqrt_target
    in_delta, out_delta = (
        (get_amount0_delta, get_amount1_delta) if zero_for_one else (get_amount1_delta, get_amount0_delta)
    )

    if amount_remaining >= 0:
        available = amount_remaining * (PIPS_ONE - fee_pips) // PIPS_ONE
        amount_in = in_delta(sqrt_target, sqrt_current, liquidity, True)
        if available >= amount_in:
            amount_out = out_delta(sqrt_target, sqrt_current, liquidity, False)
            return sqrt_target, amount_in, amount_out, _fee_on_top(amount_in, fee_pips)
        sqrt_next = get_next_sqrt_price_from_input(sqrt_current, liquidity, available, zero_for_one)
        if sqrt_next != sqrt_target:
            amount_in = in_delta(sqrt_next, sqrt_current, liquidity, True)
        amount_out = out_delta(sqrt_next, sqrt_current, liquidity, False)
        if sqrt_next != sqrt_target:
            return sqrt_next, amount_in, amount_out, amount_remaining - amount_in
        return sqrt_next, amount_in, amount_out, _fee_on_top(amount_in, fee_pips)

    wanted = -amount_remaining
    amount_out = out_delta(sqrt_target, sqrt_current, liquidity, False)
    if wanted >= amount_out:
        sqrt_next = sqrt_target
    else:
        sqrt_next = get_next_sqrt_price_from_output(sqrt_current, liquidity, wanted, zero_for_one)
        if sqrt_next != sqrt_target:
            amount_out = out_delta(sqrt_next, sqrt_current, liquidity, False)
        amount_out = min(amount_out, wanted)
    amount_in = in_delta(sqrt_next, sqrt_current, liquidity, True)
    return sqrt_next, amount_in, amount_out, _fee_on_top(amount_in, fee_pips)


def _fee_on_top(amount_in: int, fee_pips: int) -> int:
    return mul_div_rounding_up(amount_in, fee_pips, PIPS_ONE - fee_pips)
