"""Whether the contracts of a network file are what the chain has at those addresses."""

from chain.client import ChainClient
from chain.erc20 import read_tokens, selector
from chain.errors import RpcError
from chain.hexes import address_of_word, words
from chain.networks import Network
from dex.types import Address, BlockRef

_FACTORY = selector("factory()")
_WRAPPED = {"v2": selector("WETH()"), "v3": selector("WETH9()")}


async def contract_problems(client: ChainClient, network: Network, block: BlockRef) -> list[str]:
    """One line for every router whose factory or wrapped native token differs, and every token that describes itself
    otherwise; empty when the file is right. Raises ``Retryable``."""
    problems = []
    for kind, deployments in (("v2", network.v2), ("v3", network.v3)):
        for deployment in deployments:
            expected = ((_FACTORY, deployment.factory, "factory"), (_WRAPPED[kind], network.wrapped_native, "WETH"))
            for call, address, what in expected:
                found = await _address(client, deployment.router, call, block)
                if found != address:
                    problems.append(f"{kind} router {deployment.router} has {what} {found}, the network file {address}")
    listed = network.tokens
    for token, told in zip(
        listed, await read_tokens(client, [token.address for token in listed], block, network.chain_id), strict=True
    ):
        if (told.decimals, told.symbol) != (token.decimals, token.symbol):
            problems.append(
                f"token {token.address} is {told.symbol!r} with {told.decimals} decimals, "
                f"the network file says {token.symbol!r} with {token.decimals}"
            )
    return problems


async def _address(client: ChainClient, to: Address, call: str, block: BlockRef) -> Address | None:
    try:
        answer = await client.call("eth_call", [{"to": to, "data": "0x" + call}, {"blockHash": block.hash}])
    except RpcError:
        return None
    parts = words(answer) if isinstance(answer, str) else []
    return address_of_word(parts[0]) if parts else None
