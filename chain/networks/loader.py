"""Reads network files; every complaint is a ``ConfigurationError`` that names the file and the key."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

from chain.errors import ConfigurationError
from chain.networks.fields import Fields
from chain.networks.model import BlockClock, L1Fee, Network, V2Deployment, V3Deployment
from dex.types import PIPS_ONE, Token


def load_networks(directory: Path) -> Mapping[str, Network]:
    """Every ``*.toml`` of ``directory`` by network name; names and chain ids are unique among them."""
    networks: dict[str, Network] = {}
    for path in sorted(directory.glob("*.toml")):
        network = read_network(path)
        if network.name in networks or any(network.chain_id == other.chain_id for other in networks.values()):
            raise ConfigurationError(f"{path.name}: name or chain_id is already used by another file")
        networks[network.name] = network
    if not networks:
        raise ConfigurationError(f"no network files (*.toml) in {directory}")
    return networks


def find_network(networks: Mapping[str, Network], chain: str | int) -> Network:
    """The network of that name or chain id; raises ``ConfigurationError`` listing what there is."""
    for network in networks.values():
        if str(chain) in (network.name, str(network.chain_id)):
            return network
    raise ConfigurationError(f"unknown chain {chain!r}; there are: {', '.join(sorted(networks))}")


def read_network(path: Path) -> Network:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"{path.name}: cannot be read: {error}") from error
    root = Fields(content, path.name)
    chain_id = root.integer("chain_id", least=1)
    block_time = root.positive("block_time")
    network = Network(
        name=root.text("name"),
        chain_id=chain_id,
        block_time=block_time,
        finality_blocks=root.integer("finality_blocks", least=0),
        l1_fee=L1Fee(root.choice("l1_fee", [kind.value for kind in L1Fee])),
        native_symbol=root.text("native_symbol"),
        wrapped_native=root.address("wrapped_native"),
        quote_token=root.address("quote_token"),
        tokens=_tokens(root, chain_id),
        v2=tuple(_v2(fields) for fields in root.tables("v2")),
        v3=tuple(_v3(fields) for fields in root.tables("v3")),
        clock=_clock(root, block_time),
    )
    root.finish()
    _check(network, path.name)
    return network


def _check(network: Network, place: str) -> None:
    listed = {token.address for token in network.tokens}
    for key in ("wrapped_native", "quote_token"):
        if getattr(network, key) not in listed:
            raise ConfigurationError(f"{place}: {key} is not among the tokens")
    if len(listed) != len(network.tokens):
        raise ConfigurationError(f"{place}: tokens lists an address twice")
    if len({token.symbol.lower() for token in network.tokens}) != len(network.tokens):
        raise ConfigurationError(f"{place}: tokens lists a symbol twice")
    for key in ("v2", "v3"):
        if len(getattr(network, key)) > 1:
            raise ConfigurationError(f"{place}: {key} lists more than one exchange")
    if not network.factories:
        raise ConfigurationError(f"{place}: v2 and v3 are both empty")


def _tokens(root: Fields, chain_id: int) -> tuple[Token, ...]:
    return tuple(_token(fields, chain_id) for fields in root.tables("tokens"))


def _token(fields: Fields, chain_id: int) -> Token:
    token = Token(
        chain_id=chain_id,
        address=fields.address("address"),
        symbol=fields.text("symbol"),
        decimals=fields.integer("decimals", least=0, most=255),
    )
    fields.finish()
    return token


def _clock(root: Fields, block_time: float) -> BlockClock | None:
    tables = root.tables("clock", single=True)
    if not tables:
        return None
    [fields] = tables
    clock = BlockClock(
        first_block=fields.integer("first_block", least=0),
        first_timestamp=fields.integer("first_timestamp", least=0),
        block_time=block_time,
    )
    fields.finish()
    return clock


def _v2(fields: Fields) -> V2Deployment:
    deployment = V2Deployment(
        factory=fields.address("factory"),
        router=fields.address("router"),
        fee_pips=fields.integer("fee_pips", least=0, most=PIPS_ONE - 1),
    )
    fields.finish()
    return deployment


def _v3(fields: Fields) -> V3Deployment:
    deployment = V3Deployment(
        factory=fields.address("factory"),
        router=fields.address("router"),
        fee_tiers=fields.integers("fee_tiers", least=0, most=PIPS_ONE - 1),
    )
    fields.finish()
    return deployment
