"""Where a run trades: a node, the local chain, or a recording."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from asgiref.sync import sync_to_async

from chain.client import ChainClient, quantity
from chain.devnet.child import DevnetChild
from chain.devnet.endpoint import running_url
from chain.devnet.errors import DevnetCrashed, DirectoryBusy
from chain.errors import ConfigurationError, WrongChain
from chain.networks import Network, find_network, load_networks
from chain.node_source import NodeSource
from chain.recording import RecordingSource
from chain.source import MarketSource
from dex.types import BlockRef, Token
from paper_trading.bot.scope import TradingScope
from paper_trading.services.accounts import RECORDING_KEY
from paper_trading.services.chain_readers import NodeReader, RecordingReader
from paper_trading.services.deposits import deposits_of
from paper_trading.services.verify import ChainReader
from trading.selectors.markets import LOCAL_CHAIN

LEAST_BLOCK_TIME, MOST_BLOCK_TIME = 0.1, 3600.0
HELD_RETRIES, HELD_RETRY_SECONDS = 2, 0.7
RECORDED_QUOTE_UNITS, RECORDED_TOKEN_UNITS = "10", "10000"


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueRequest:
    """``tokens`` are symbols or addresses to watch, empty for all listed; ``deposits`` are ``SYMBOL=AMOUNT`` texts,
    each in the place of that token's default amount."""

    networks_dir: Path
    rpc_urls: Sequence[str]
    devnet_dir: Path
    chain: str | None = None
    recording: Path | None = None
    blocks_per_second: float | None = None
    tokens: Sequence[str] = ()
    deposits: Sequence[str] = ()
    devnet_seed: int = 7
    devnet_block_time: float = 1.0
    devnet_actors: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Venue:
    """``reader`` reads the chain for verifying receipts; ``opened_at`` is a block for the books of a new account;
    ``recording`` is the recording's folder as it was given, empty for a node."""

    source: MarketSource
    scope: TradingScope
    reader: ChainReader
    opened_at: BlockRef
    total_blocks: int | None
    name: str
    recording: str = ""
    health: Callable[[], None] = lambda: None


@asynccontextmanager
async def open_venue(request: VenueRequest, progress: Callable[[str], None]) -> AsyncIterator[Venue]:
    """Raises ``ConfigurationError``, ``WrongChain`` and ``Retryable`` with one clear line each."""
    networks = load_networks(request.networks_dir)
    if request.recording is not None:
        async with _recording(request, networks, request.recording) as venue:
            yield venue
        return
    if request.blocks_per_second is not None:
        raise ConfigurationError("--blocks-per-second paces a recording: it needs --recording FOLDER")
    if request.rpc_urls:
        async with _node(request, networks, request.rpc_urls) as venue:
            yield venue
        return
    if request.chain not in (None, LOCAL_CHAIN):
        raise ConfigurationError(f"--chain {request.chain} needs a node: set RPC_URL to one of that chain")
    if not LEAST_BLOCK_TIME <= request.devnet_block_time <= MOST_BLOCK_TIME:
        raise ConfigurationError(
            f"--block-time is {LEAST_BLOCK_TIME:g} to {MOST_BLOCK_TIME:g} seconds, not {request.devnet_block_time:g}"
        )
    running = running_url(request.devnet_dir)
    if running is not None:
        progress("using the local chain that runs already")
        async with _node(request, networks, [running]) as venue:
            yield replace(venue, health=lambda: _still_running(request.devnet_dir))
        return
    child = DevnetChild(
        request.devnet_dir,
        seed=request.devnet_seed,
        block_time=request.devnet_block_time,
        actors=request.devnet_actors,
    )
    try:
        url = await _start(child, progress)
        async with _node(request, networks, [url]) as venue:
            yield replace(venue, health=child.check)
    finally:
        await sync_to_async(child.stop, thread_sensitive=False)()


def _still_running(devnet_dir: Path) -> None:
    if running_url(devnet_dir) is None:
        raise DevnetCrashed("the process that ran the local chain has ended: start again to begin it anew")


async def _start(child: DevnetChild, progress: Callable[[str], None]) -> str:
    """The chain's URL. A run that was killed a moment ago still holds its chain, so a held one is asked for again."""
    for _ in range(HELD_RETRIES):
        with suppress(DirectoryBusy):
            return await sync_to_async(child.start, thread_sensitive=False)(progress)
        await asyncio.sleep(HELD_RETRY_SECONDS)
    return await sync_to_async(child.start, thread_sensitive=False)(progress)


@asynccontextmanager
async def _node(request: VenueRequest, networks: Mapping[str, Network], urls: Sequence[str]) -> AsyncIterator[Venue]:
    client = ChainClient(urls)
    try:
        network = await _network_of(client, networks, request.chain)
        source = NodeSource(client, network)
        genesis, head = await client.block(0), await client.block()
        if genesis is None or head is None:
            raise ConfigurationError(f"node {client.node} has no blocks")
        quote = network.token(network.quote_token)
        scope = TradingScope(
            network=network,
            chain_key=genesis.hash,
            quote=quote,
            watched=_watched(request, network),
            live=True,
            dollar_quote=True,
            deposits=deposits_of(network, request.deposits),
        )
        yield Venue(
            source=source,
            scope=scope,
            reader=NodeReader(source),
            opened_at=head,
            total_blocks=None,
            name=network.name,
        )
    finally:
        await client.close()


@asynccontextmanager
async def _recording(request: VenueRequest, networks: Mapping[str, Network], folder: Path) -> AsyncIterator[Venue]:
    source = RecordingSource(folder, networks=networks, blocks_per_second=request.blocks_per_second)
    network = source.network
    quote = network.token(network.quote_token)
    default = {
        token.address: RECORDED_QUOTE_UNITS if token == quote else RECORDED_TOKEN_UNITS for token in network.tokens
    }
    start = await source.start()
    scope = TradingScope(
        network=network,
        chain_key=f"{RECORDING_KEY}{source.digest}",
        quote=quote,
        watched=_watched(request, network),
        live=False,
        dollar_quote=quote.address == find_network(networks, network.chain_id).quote_token,
        deposits=deposits_of(network, request.deposits, default),
    )
    second = RecordingSource(folder, networks=networks)
    try:
        yield Venue(
            source=source,
            scope=scope,
            reader=RecordingReader(second),
            opened_at=start.block,
            total_blocks=source.total_blocks,
            name=f"recording {folder.name}",
            recording=str(folder),
        )
    finally:
        await source.close()
        await second.close()


async def _network_of(client: ChainClient, networks: Mapping[str, Network], chain: str | None) -> Network:
    chain_id = quantity(await client.call("eth_chainId"), "eth_chainId")
    if chain is None:
        return find_network(networks, chain_id)
    network = find_network(networks, chain)
    if network.chain_id != chain_id:
        raise WrongChain(f"{network.name} is chain {network.chain_id}, but node {client.node} serves chain {chain_id}")
    return network


def _watched(request: VenueRequest, network: Network) -> tuple[Token, ...]:
    listed = network.tokens if not request.tokens else [network.token(name) for name in request.tokens]
    watched = tuple(token for token in dict.fromkeys(listed) if token.address != network.quote_token)
    if not watched:
        raise ConfigurationError(f"nothing to trade on {network.name} but its quote token")
    return watched
