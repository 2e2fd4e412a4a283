"""What an address holds, from a node, at one block."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chain.client import ChainClient, quantity
from chain.erc20 import balance_of
from chain.errors import NodeUnavailable, RpcError, WrongChain
from chain.networks import Network
from chain.sanity import sane_answers
from chain.settled import settled
from chain.transport import Request
from dex.types import Address, BlockRef, Token

REQUEST_SECONDS = 2.0
NATIVE = Address("0x0000000000000000000000000000000000000000")
"""Stands for a chain's own money where a token's address is expected, as in the books of paper accounts."""

NATIVE_DECIMALS = 18
_WORD = len("0x") + 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """``held`` are base units, the native money first; ``unreadable`` are tokens whose contract gave no number."""

    network: Network
    block: BlockRef
    held: Sequence[tuple[Token, int]]
    unreadable: Sequence[Token]


async def balances_at_head(
    urls: Sequence[str], networks: Mapping[int, Network], address: str, *, seconds: float
) -> Holdings:
    """What ``address`` holds of its chain's own money and of the listed tokens, in one batch about one block.

    The chain is the one of ``networks``, by chain id, that the node serves. Raises ``WrongChain`` where it serves
    another, and ``Retryable`` errors where it is away or slow.
    """
    client = ChainClient(urls, timeout=min(REQUEST_SECONDS, seconds))
    try:
        async with asyncio.timeout(seconds):
            with sane_answers(client.node):
                return await _read(client, networks, address)
    except TimeoutError:
        raise NodeUnavailable(f"node {client.node} did not answer within {seconds:g} seconds") from None
    finally:
        await client.close()


async def _read(client: ChainClient, networks: Mapping[int, Network], address: str) -> Holdings:
    network = await _network(client, networks)
    block = await client.block()
    if block is None:
        raise NodeUnavailable(f"node {client.node} has no blocks")
    pinned = {"blockHash": block.hash}
    calls: list[Request] = [
        ("eth_call", [{"to": token.address, "data": balance_of(address)}, pinned]) for token in network.tokens
    ]
    asked: list[Request] = [("eth_getBalance", [address, pinned]), *calls]
    native, *answers = await settled(client, block, lambda: client.batch_outcomes(asked))
    if isinstance(native, RpcError):
        raise NodeUnavailable(f"node {client.node} does not tell balances: {native}")
    read = list(zip(network.tokens, map(_amount, answers), strict=True))
    money = Token(chain_id=network.chain_id, address=NATIVE, symbol=network.native_symbol, decimals=NATIVE_DECIMALS)
    return Holdings(
        network=network,
        block=block,
        held=[(money, int(native, 16)), *((token, value) for token, value in read if value is not None)],
        unreadable=[token for token, value in read if value is None],
    )


async def _network(client: ChainClient, networks: Mapping[int, Network]) -> Network:
    served = quantity(await client.call("eth_chainId"), "eth_chainId")
    if served not in networks:
        raise WrongChain(f"node {client.node} serves chain {served}, not {' or '.join(map(str, networks))}")
    await client.check_chain_id(served)
    return networks[served]


def _amount(answer: object) -> int | None:
    """None where the contract refused, or is none."""
    if isinstance(answer, RpcError) or not isinstance(answer, str) or len(answer) < _WORD:
        return None
    return int(answer[:_WORD], 16)
