"""What exists on the local chain: contracts, tokens, pools and who plays which part. The same for every seed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chain.devnet.codec import create_address, v2_pair_address, v3_pool_address
from dex.market.pools import Protocol
from dex.types import Address

CHAIN_ID = 31337
ACCOUNTS = 32
DEPLOYER = Address("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266")
"""The first account of anvil's public mnemonic; its contracts have the same addresses on every devnet."""

TICK_SPACINGS = {500: 10, 3000: 60, 10000: 200}


@dataclass(frozen=True, slots=True, kw_only=True)
class DevnetToken:
    """``start_price`` is the outside reference price at the first block, in US dollars a whole token."""

    symbol: str
    name: str
    decimals: int
    address: Address
    start_price: float

    def units(self, usd: float, price: float) -> int:
        """Base units worth ``usd`` at ``price``."""
        whole_millionths = int(usd / price * 10**6)
        return whole_millionths * int(10**self.decimals) // 10**6


@dataclass(frozen=True, slots=True, kw_only=True)
class DevnetPool:
    """``depth_usd`` is what both sides together were worth at the start. ``tick_spacing`` is None for V2."""

    address: Address
    protocol: Protocol
    token0: DevnetToken
    token1: DevnetToken
    fee_pips: int
    tick_spacing: int | None
    depth_usd: float

    @property
    def name(self) -> str:
        return f"{self.protocol} {self.token0.symbol}/{self.token1.symbol} {self.fee_pips}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contracts:
    """In the order of their deployment, from which their addresses follow."""

    weth: Address
    v2_factory: Address
    v2_router: Address
    v3_factory: Address
    v3_router: Address
    position_manager: Address
    quoter: Address
    tick_lens: Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """Who of anvil's unlocked accounts does what. ``spare`` hold tokens and do nothing: for users and tests."""

    deployer: Address
    arbitrageurs: tuple[Address, ...]
    attacker: Address
    launcher: Address
    providers: tuple[Address, ...]
    traders: tuple[Address, ...]
    apes: tuple[Address, ...]
    spare: tuple[Address, ...]

    @property
    def actors(self) -> tuple[Address, ...]:
        return (*self.arbitrageurs, self.attacker, self.launcher, *self.providers, *self.traders, *self.apes)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    contracts: Contracts
    tokens: Mapping[str, DevnetToken]
    pools: tuple[DevnetPool, ...]
    roles: Roles


_CONTRACT_ORDER = (
    "weth",
    "v2_factory",
    "v2_router",
    "v3_factory",
    "v3_router",
    "position_manager",
    "quoter",
    "tick_lens",
)
_TOKENS = (
    ("USDC", "USD Coin", 6, 1.0),
    ("WBTC", "Wrapped BTC", 8, 60_000.0),
    ("LARK", "Lark", 18, 0.80),
    ("MOSS", "Moss", 18, 12.0),
    ("FLUX", "Flux", 18, 0.05),
)
_POOLS = (
    (Protocol.V2, "WETH", "USDC", 3000, 6_000_000.0),
    (Protocol.V2, "WBTC", "WETH", 3000, 4_000_000.0),
    (Protocol.V2, "LARK", "WETH", 3000, 1_500_000.0),
    (Protocol.V2, "MOSS", "WETH", 3000, 600_000.0),
    (Protocol.V2, "FLUX", "USDC", 3000, 800_000.0),
    (Protocol.V3, "WETH", "USDC", 500, 10_000_000.0),
    (Protocol.V3, "WETH", "USDC", 3000, 6_000_000.0),
    (Protocol.V3, "WBTC", "USDC", 3000, 3_000_000.0),
    (Protocol.V3, "WBTC", "WETH", 500, 5_000_000.0),
    (Protocol.V3, "LARK", "WETH", 3000, 2_000_000.0),
    (Protocol.V3, "LARK", "USDC", 10000, 300_000.0),
    (Protocol.V3, "MOSS", "WETH", 10000, 50_000.0),
    (Protocol.V3, "FLUX", "WETH", 10000, 200_000.0),
)


def build_world(accounts: Sequence[Address]) -> World:
    """``accounts`` are anvil's, in its order; everything else follows from the deployer's nonces."""
    contracts = Contracts(**{name: create_address(DEPLOYER, i) for i, name in enumerate(_CONTRACT_ORDER)})
    tokens = _tokens(contracts)
    return World(contracts=contracts, tokens=tokens, pools=_pools(contracts, tokens), roles=_roles(accounts))


def _tokens(contracts: Contracts) -> dict[str, DevnetToken]:
    weth = DevnetToken(symbol="WETH", name="Wrapped Ether", decimals=18, address=contracts.weth, start_price=2_500.0)
    ours = (
        DevnetToken(
            symbol=symbol,
            name=name,
            decimals=decimals,
            address=create_address(DEPLOYER, len(_CONTRACT_ORDER) + i),
            start_price=price,
        )
        for i, (symbol, name, decimals, price) in enumerate(_TOKENS)
    )
    return {token.symbol: token for token in (weth, *ours)}


def _pools(contracts: Contracts, tokens: Mapping[str, DevnetToken]) -> tuple[DevnetPool, ...]:
    pools = []
    for protocol, base, quote, fee_pips, depth in _POOLS:
        token0, token1 = sorted((tokens[base], tokens[quote]), key=lambda token: int(token.address, 16))
        pools.append(
            DevnetPool(
                address=v2_pair_address(contracts.v2_factory, token0.address, token1.address)
                if protocol is Protocol.V2
                else v3_pool_address(contracts.v3_factory, token0.address, token1.address, fee_pips),
                protocol=protocol,
                token0=token0,
                token1=token1,
                fee_pips=fee_pips,
                tick_spacing=TICK_SPACINGS[fee_pips] if protocol is Protocol.V3 else None,
                depth_usd=depth,
            )
        )
    return tuple(pools)


def _roles(accounts: Sequence[Address]) -> Roles:
    return Roles(
        deployer=accounts[0],
        arbitrageurs=tuple(accounts[1:3]),
        attacker=accounts[3],
        launcher=accounts[4],
        providers=tuple(accounts[5:9]),
        traders=tuple(accounts[9:25]),
        apes=tuple(accounts[25:29]),
        spare=tuple(accounts[29:32]),
    )
