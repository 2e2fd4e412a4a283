"""The first blocks of every devnet: contracts, tokens, allowances, pools and their standing liquidity."""

from collections.abc import Iterator
from math import log

from chain.devnet import calls
from chain.devnet.codec import call, creation
from chain.devnet.pricing import ratio, sqrt_price_x96
from chain.devnet.transactions import Wish
from chain.devnet.world import DevnetPool, World
from dex.market.pools import Protocol
from dex.types import Address

GAS_LIMIT = 60_000_000
"""Of the deployment's blocks only; the living chain has a smaller one."""

WETH_EACH = 20_000 * 10**18
USD_EACH = 50_000_000.0
"""What every account holds of each other token: more than it can lose."""

BLOCKS = 5
MAX_TICK = 887_272
_BANDS = ((0.30, None), (0.40, 0.30), (0.30, 0.08))
"""Standing V3 liquidity: share of the depth, half width of its range (None: everywhere)."""
_ZERO = Address("0x" + "0" * 40)


def deployment(world: World) -> list[list[Wish]]:
    """Transactions block by block. The deployer's order fixes all addresses: see ``world.build_world``."""
    return [
        list(_contracts(world)),
        [*_tokens(world), *_wraps(world)],
        list(_allowances(world)),
        list(_create_pools(world)),
        [*_standing_liquidity(world), *_pair_allowances(world)],
    ]


def _contracts(world: World) -> Iterator[Wish]:
    c = world.contracts
    codes = (
        creation("WETH9"),
        creation("UniswapV2Factory", ["address"], world.roles.deployer),
        creation("UniswapV2Router02", ["address", "address"], c.v2_factory, c.weth),
        creation("UniswapV3Factory"),
        creation("SwapRouter", ["address", "address"], c.v3_factory, c.weth),
        # Without a descriptor tokenURI reverts; nothing here draws pictures of positions.
        creation("NonfungiblePositionManager", ["address"] * 3, c.v3_factory, c.weth, _ZERO),
        creation("QuoterV2", ["address", "address"], c.v3_factory, c.weth),
        creation("TickLens"),
    )
    for code in codes:
        yield Wish(sender=world.roles.deployer, to=None, data=code, gas=6_500_000, note="deploy")


def _tokens(world: World) -> Iterator[Wish]:
    ours = [token for token in world.tokens.values() if token.symbol != "WETH"]
    constructor = ["string", "string", "uint8", "uint256"]
    for token in ours:
        code = creation("DevToken", constructor, token.name, token.symbol, token.decimals, 0)
        yield Wish(sender=world.roles.deployer, to=None, data=code, gas=1_500_000, note="deploy")
    holders = [world.roles.deployer, *world.roles.actors, *world.roles.spare]
    for token in ours:
        data = call("mint(address[],uint256)", holders, token.units(USD_EACH, token.start_price))
        yield Wish(sender=world.roles.deployer, to=token.address, data=data, gas=2_000_000, note="mint")


def _wraps(world: World) -> Iterator[Wish]:
    for holder in (world.roles.deployer, *world.roles.actors, *world.roles.spare):
        yield Wish(sender=holder, to=world.contracts.weth, data=call("deposit()"), value=WETH_EACH, note="wrap")


def _allowances(world: World) -> Iterator[Wish]:
    c, roles = world.contracts, world.roles
    spenders = dict.fromkeys(roles.actors, (c.v2_router, c.v3_router))
    spenders |= dict.fromkeys((roles.deployer, *roles.providers), (c.v2_router, c.position_manager))
    for holder, allowed in spenders.items():
        for token in world.tokens.values():
            for spender in allowed:
                yield Wish(sender=holder, to=token.address, data=calls.approve(spender), gas=60_000, note="approve")


def _pair_allowances(world: World) -> Iterator[Wish]:
    for pool in world.pools:
        if pool.protocol is Protocol.V2:
            for provider in world.roles.providers:
                data = calls.approve(world.contracts.v2_router)
                yield Wish(sender=provider, to=pool.address, data=data, gas=60_000, note="approve")


def _create_pools(world: World) -> Iterator[Wish]:
    deployer, c = world.roles.deployer, world.contracts
    for pool in world.pools:
        if pool.protocol is Protocol.V2:
            amounts = start_amounts(pool, 1.0)
            data = calls.v2_add(pool.token0.address, pool.token1.address, *amounts, deployer)
            yield Wish(sender=deployer, to=c.v2_router, data=data, gas=3_500_000, note=f"open {pool.name}")
        else:
            price = sqrt_price_x96(*ratio(pool, pool.token0.start_price, pool.token1.start_price))
            data = calls.v3_create(pool.token0.address, pool.token1.address, pool.fee_pips, price)
            yield Wish(sender=deployer, to=c.position_manager, data=data, gas=5_200_000, note=f"open {pool.name}")


def _standing_liquidity(world: World) -> Iterator[Wish]:
    deployer = world.roles.deployer
    for pool in world.pools:
        if pool.tick_spacing is None:
            continue
        for share, half_width in _BANDS:
            data = calls.v3_mint(
                pool.token0.address,
                pool.token1.address,
                pool.fee_pips,
                _band(pool, pool.tick_spacing, half_width),
                start_amounts(pool, share),
                deployer,
            )
            yield Wish(sender=deployer, to=world.contracts.position_manager, data=data, gas=700_000, note="mint")


def start_amounts(pool: DevnetPool, share: float) -> tuple[int, int]:
    """Both sides of ``share`` of the pool's depth, in base units at start prices."""
    side = pool.depth_usd * share / 2
    return pool.token0.units(side, pool.token0.start_price), pool.token1.units(side, pool.token1.start_price)


def _band(pool: DevnetPool, spacing: int, half_width: float | None) -> tuple[int, int]:
    if half_width is None:
        return -(MAX_TICK // spacing) * spacing, MAX_TICK // spacing * spacing
    numerator, denominator = ratio(pool, pool.token0.start_price, pool.token1.start_price)
    centre = log(numerator / denominator) / log(1.0001)
    reach = log(1 + half_width) / log(1.0001)
    return int((centre - reach) // spacing) * spacing, int((centre + reach) // spacing) * spacing
