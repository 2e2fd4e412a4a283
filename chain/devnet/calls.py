"""Calldata of the calls that actors make to the official contracts. Amounts are base units."""

from chain.devnet.codec import call
from dex.types import Address

NO_DEADLINE = 2**40
MAX_UINT = 2**256 - 1


def approve(spender: Address) -> str:
    return call("approve(address,uint256)", spender, MAX_UINT)


def v2_swap(amount_in: int, minimum_out: int, path: tuple[Address, ...], to: Address) -> str:
    return call(
        "swapExactTokensForTokens(uint256,uint256,address[],address,uint256)",
        *(amount_in, minimum_out, path, to, NO_DEADLINE),
    )


def v2_swap_exact_out(amount_out: int, maximum_in: int, path: tuple[Address, ...], to: Address) -> str:
    return call(
        "swapTokensForExactTokens(uint256,uint256,address[],address,uint256)",
        *(amount_out, maximum_in, path, to, NO_DEADLINE),
    )


def v2_add(token_a: Address, token_b: Address, amount_a: int, amount_b: int, to: Address) -> str:
    return call(
        "addLiquidity(address,address,uint256,uint256,uint256,uint256,address,uint256)",
        *(token_a, token_b, amount_a, amount_b, 0, 0, to, NO_DEADLINE),
    )


def v2_remove(token_a: Address, token_b: Address, liquidity: int, to: Address) -> str:
    return call(
        "removeLiquidity(address,address,uint256,uint256,uint256,address,uint256)",
        *(token_a, token_b, liquidity, 0, 0, to, NO_DEADLINE),
    )


def v3_swap(
    token_in: Address,
    token_out: Address,
    fee_pips: int,
    to: Address,
    *,
    amount_in: int,
    minimum_out: int,
    sqrt_price_limit_x96: int = 0,
) -> str:
    return call(
        "exactInputSingle((address,address,uint24,address,uint256,uint256,uint256,uint160))",
        (token_in, token_out, fee_pips, to, NO_DEADLINE, amount_in, minimum_out, sqrt_price_limit_x96),
    )


def v3_swap_exact_out(
    token_in: Address, token_out: Address, fee_pips: int, to: Address, *, amount_out: int, maximum_in: int
) -> str:
    return call(
        "exactOutputSingle((address,address,uint24,address,uint256,uint256,uint256,uint160))",
        (token_in, token_out, fee_pips, to, NO_DEADLINE, amount_out, maximum_in, 0),
    )


def v3_swap_path(
    path: tuple[Address, ...], fees: tuple[int, ...], to: Address, amount_in: int, minimum_out: int
) -> str:
    packed = bytes.fromhex(path[0][2:])
    for fee, token in zip(fees, path[1:], strict=True):
        packed += fee.to_bytes(3, "big") + bytes.fromhex(token[2:])
    return call(
        "exactInput((bytes,address,uint256,uint256,uint256))", (packed, to, NO_DEADLINE, amount_in, minimum_out)
    )


def exact_in(path: tuple[Address, ...], fees: tuple[int, ...] | None, amount_in: int, minimum: int, to: Address) -> str:
    """A swap of either protocol: V2 where ``fees`` is None."""
    if fees is None:
        return v2_swap(amount_in, minimum, path, to)
    if len(fees) > 1:
        return v3_swap_path(path, fees, to, amount_in, minimum)
    return v3_swap(path[0], path[1], fees[0], to, amount_in=amount_in, minimum_out=minimum)


def exact_out(path: tuple[Address, ...], fee: int | None, amount_out: int, maximum: int, to: Address) -> str:
    """A swap over one pool of either protocol: V2 where ``fee`` is None."""
    if fee is None:
        return v2_swap_exact_out(amount_out, maximum, path, to)
    return v3_swap_exact_out(path[0], path[1], fee, to, amount_out=amount_out, maximum_in=maximum)


def v3_create(token0: Address, token1: Address, fee_pips: int, sqrt_price_x96: int) -> str:
    return call(
        "createAndInitializePoolIfNecessary(address,address,uint24,uint160)",
        *(token0, token1, fee_pips, sqrt_price_x96),
    )


def v3_mint(
    token0: Address,
    token1: Address,
    fee_pips: int,
    ticks: tuple[int, int],
    amounts: tuple[int, int],
    to: Address,
) -> str:
    return call(
        "mint((address,address,uint24,int24,int24,uint256,uint256,uint256,uint256,address,uint256))",
        (token0, token1, fee_pips, *ticks, *amounts, 0, 0, to, NO_DEADLINE),
    )


def v3_leave(token_id: int, liquidity: int, to: Address) -> str:
    """Takes all liquidity out, collects it with its fees, and burns the position's token, in one transaction."""
    steps = (
        call("decreaseLiquidity((uint256,uint128,uint256,uint256,uint256))", (token_id, liquidity, 0, 0, NO_DEADLINE)),
        call("collect((uint256,address,uint128,uint128))", (token_id, to, 2**128 - 1, 2**128 - 1)),
        call("burn(uint256)", token_id),
    )
    return call("multicall(bytes[])", [bytes.fromhex(step[2:]) for step in steps])
