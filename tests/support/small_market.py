"""A few tokens and pools of the official contracts on a fresh anvil, small enough for one test module."""

from dataclasses import dataclass
from math import isqrt
from typing import Any

from chain.devnet import calls
from chain.devnet.anvil import Anvil
from chain.devnet.codec import call, creation
from chain.devnet.rpc import Rpc
from chain.hexes import checksum
from chain.networks import L1Fee, Network, V2Deployment, V3Deployment
from dex.types import Address, Token

GENESIS = 1_750_000_000
ZERO = Address("0x" + "0" * 40)
_GAS = hex(8_000_000)


@dataclass(slots=True)
class SmallMarket:
    """``accounts[0]`` deployed everything and owns the liquidity; blocks come from ``mine`` alone."""

    node: Anvil
    rpc: Rpc
    accounts: list[Address]
    network: Network
    weth: Address
    usd: Address
    alt: Address
    position_manager: Address
    timestamp: int

    def send(self, sender: Address, to: Address | None, data: str, *, value: int = 0) -> str:
        """Puts a transaction into the pool and gives its hash."""
        request: dict[str, Any] = {"from": sender, "data": data, "value": hex(value), "gas": _GAS}
        if to is not None:
            request["to"] = to
        return str(self.rpc.call("eth_sendTransaction", request))

    def mine(self, seconds: int = 12) -> None:
        self.timestamp += seconds
        self.rpc.call("evm_mine", hex(self.timestamp))

    def do(self, sender: Address, to: Address | None, data: str, *, value: int = 0) -> dict[str, Any]:
        """Sends, mines and gives the receipt of a transaction that must succeed."""
        sent = self.send(sender, to, data, value=value)
        self.mine()
        receipt = self.receipt(sent)
        assert receipt["status"] == "0x1", f"reverted: {data[:10]} to {to}"
        return receipt

    def receipt(self, sent: str) -> dict[str, Any]:
        receipt: dict[str, Any] = self.rpc.call("eth_getTransactionReceipt", sent)
        return receipt

    def balance(self, token: Address, owner: Address, block: str = "latest") -> int:
        return int(self.rpc.call("eth_call", {"to": token, "data": call("balanceOf(address)", owner)}, block), 16)

    def give(self, token: Address, owner: Address, amount: int) -> None:
        if token == self.weth:
            self.do(self.accounts[0], token, call("deposit()"), value=amount)
        self.do(self.accounts[0], token, call("transfer(address,uint256)", owner, amount))

    def close(self) -> None:
        self.rpc.close()
        self.node.stop()


def open_market() -> SmallMarket:
    node = Anvil(genesis_timestamp=GENESIS)
    node.start()
    rpc = Rpc(node.url)
    accounts = [checksum(one) for one in rpc.call("eth_accounts")]
    network = Network(
        name="small",
        chain_id=31337,
        block_time=1.0,
        finality_blocks=0,
        l1_fee=L1Fee.NONE,
        native_symbol="ETH",
        wrapped_native=ZERO,
        quote_token=ZERO,
        clock=None,
        v2=(),
        v3=(),
        tokens=(),
    )
    market = SmallMarket(node, rpc, accounts, network, ZERO, ZERO, ZERO, ZERO, GENESIS)
    _deploy(market)
    _liquidity(market)
    return market


def _deploy(market: SmallMarket) -> None:
    owner = market.accounts[0]

    def contract(code: str) -> Address:
        return checksum(market.do(owner, None, code)["contractAddress"])

    market.weth = contract(creation("WETH9"))
    v2_factory = contract(creation("UniswapV2Factory", ["address"], owner))
    v2_router = contract(creation("UniswapV2Router02", ["address", "address"], v2_factory, market.weth))
    v3_factory = contract(creation("UniswapV3Factory"))
    v3_router = contract(creation("SwapRouter", ["address", "address"], v3_factory, market.weth))
    market.position_manager = contract(
        creation("NonfungiblePositionManager", ["address"] * 3, v3_factory, market.weth, ZERO)
    )
    shape = ["string", "string", "uint8", "uint256"]
    market.usd = contract(creation("DevToken", shape, "US dollar", "USD", 6, 10**15))
    market.alt = contract(creation("DevToken", shape, "Alt", "ALT", 18, 10**27))
    tokens = ((market.weth, "WETH", 18), (market.usd, "USD", 6), (market.alt, "ALT", 18))
    market.network = Network(
        name="small",
        chain_id=31337,
        block_time=1.0,
        finality_blocks=0,
        l1_fee=L1Fee.NONE,
        native_symbol="ETH",
        wrapped_native=market.weth,
        quote_token=market.usd,
        clock=None,
        v2=(V2Deployment(factory=v2_factory, router=v2_router, fee_pips=3000),),
        v3=(V3Deployment(factory=v3_factory, router=v3_router, fee_tiers=(500, 3000, 10000)),),
        tokens=tuple(
            Token(chain_id=31337, address=address, symbol=symbol, decimals=decimals)
            for address, symbol, decimals in tokens
        ),
    )


def _liquidity(market: SmallMarket) -> None:
    owner, v2_router = market.accounts[0], market.network.v2[0].router
    market.do(owner, market.weth, call("deposit()"), value=5_000 * 10**18)
    for token in (market.weth, market.usd, market.alt):
        for spender in (v2_router, market.position_manager):
            market.do(owner, token, calls.approve(spender))
    dollars, ether, alts = 500_000 * 10**6, 200 * 10**18, 20_000 * 10**18
    market.do(owner, v2_router, calls.v2_add(market.weth, market.usd, ether, dollars, owner))
    market.do(owner, v2_router, calls.v2_add(market.alt, market.weth, alts, ether, owner))
    open_v3(market, market.weth, market.usd, 3000, 60, (ether, dollars))
    open_v3(market, market.alt, market.weth, 500, 10, (alts, ether))


def open_v3(
    market: SmallMarket, token_a: Address, token_b: Address, fee: int, spacing: int, amounts: tuple[int, int]
) -> None:
    """A pool at the price of ``amounts`` with a full range and three narrower ones on it."""
    owner, manager = market.accounts[0], market.position_manager
    pair = sorted(zip((token_a, token_b), amounts, strict=True), key=lambda one: int(one[0], 16))
    (token0, amount0), (token1, amount1) = pair
    market.do(owner, manager, calls.v3_create(token0, token1, fee, isqrt((amount1 << 192) // amount0)))
    centre = _tick(market, token0, token1, fee) // spacing * spacing
    edge = 887_272 // spacing * spacing
    for low, high in ((-edge, edge), *((centre - n * spacing, centre + n * spacing) for n in (50, 20, 4))):
        data = calls.v3_mint(token0, token1, fee, (low, high), (amount0 // 4, amount1 // 4), owner)
        market.do(owner, manager, data)


def _tick(market: SmallMarket, token0: Address, token1: Address, fee: int) -> int:
    pool = call("getPool(address,address,uint24)", token0, token1, fee)
    factory = market.network.v3[0].factory
    address = "0x" + market.rpc.call("eth_call", {"to": factory, "data": pool}, "latest")[26:]
    slot0 = market.rpc.call("eth_call", {"to": address, "data": call("slot0()")}, "latest")
    tick = int(slot0[66:130], 16)
    return tick - 2**256 if tick >= 2**255 else tick
