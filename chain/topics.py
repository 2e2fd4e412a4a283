"""First topics of the events that we decode, as keccak-256 of their signatures."""

from eth_utils.crypto import keccak


def topic(signature: str) -> str:
    """``topic0`` of an event, 0x-prefixed lower-case hex."""
    return "0x" + keccak(text=signature).hex()


V2_SYNC = topic("Sync(uint112,uint112)")
V2_SWAP = topic("Swap(address,uint256,uint256,uint256,uint256,address)")
V2_MINT = topic("Mint(address,uint256,uint256)")
V2_BURN = topic("Burn(address,uint256,uint256,address)")
V2_PAIR_CREATED = topic("PairCreated(address,address,address,uint256)")
V3_INITIALIZE = topic("Initialize(uint160,int24)")
V3_SWAP = topic("Swap(address,address,int256,int256,uint160,uint128,int24)")
V3_MINT = topic("Mint(address,address,int24,int24,uint128,uint256,uint256)")
V3_BURN = topic("Burn(address,int24,int24,uint128,uint256,uint256)")
V3_SET_FEE_PROTOCOL = topic("SetFeeProtocol(uint8,uint8,uint8,uint8)")
V3_POOL_CREATED = topic("PoolCreated(address,address,uint24,int24,address)")
