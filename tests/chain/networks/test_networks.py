from pathlib import Path

import pytest

import chain.networks
from chain.errors import ConfigurationError
from chain.networks import L1Fee, Network, find_network, load_networks
from dex.market.pools import Protocol
from dex.types import Address, Token

SHIPPED = Path(chain.networks.__file__).parent

WETH = "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2"
USDC = "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48"
FACTORY = "0x1F98431c8aD98523631AE4a59f267346ea31F984"
ROUTER = "0xE592427A0AEce92De3Edee1F18E0157C05861564"

GOOD = f"""
name = "test"
chain_id = 5
block_time = 0.5
finality_blocks = 3
l1_fee = "none"
native_symbol = "ETH"
wrapped_native = "{WETH}"
quote_token = "{USDC}"
v2 = []
v3 = [{{ factory = "{FACTORY}", router = "{ROUTER}", fee_tiers = [500, 3000] }}]

[[tokens]]
address = "{WETH}"
symbol = "WETH"
decimals = 18

[[tokens]]
address = "{USDC}"
symbol = "USDC"
decimals = 6
"""


def load(folder: Path, text: str) -> Network:
    (folder / "test.toml").write_text(text, encoding="utf-8")
    return load_networks(folder)["test"]


def test_the_shipped_networks_are_valid() -> None:
    assert {"ethereum", "optimism"} <= set(load_networks(SHIPPED))


def test_optimism_pays_a_data_fee_and_has_a_clock() -> None:
    optimism = load_networks(SHIPPED)["optimism"]
    assert optimism.l1_fee is L1Fee.OP
    assert optimism.clock is not None
    assert optimism.clock.timestamp(105_235_063 + 30) == 1_686_068_903 + 60


def test_a_network_is_found_by_name_and_by_chain_id() -> None:
    networks = load_networks(SHIPPED)
    assert find_network(networks, "ethereum") is find_network(networks, 1)


def test_an_unknown_network_is_refused_with_a_list_of_those_there_are() -> None:
    with pytest.raises(ConfigurationError, match=r"unknown chain 'moon'; there are: .*ethereum.*optimism"):
        find_network(load_networks(SHIPPED), "moon")


def test_a_file_is_read_field_by_field(tmp_path: Path) -> None:
    network = load(tmp_path, GOOD)
    assert (network.chain_id, network.block_time, network.finality_blocks) == (5, 0.5, 3)
    assert network.tokens[1] == Token(chain_id=5, address=Address(USDC), symbol="USDC", decimals=6)
    assert network.v3[0].fee_tiers == (500, 3000)
    assert network.clock is None


def test_the_router_follows_from_the_protocol(tmp_path: Path) -> None:
    assert load(tmp_path, GOOD).router(Protocol.V3) == ROUTER


def test_a_protocol_without_an_exchange_has_no_router(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="test has no v2 exchange"):
        load(tmp_path, GOOD).router(Protocol.V2)


@pytest.mark.parametrize("wanted", ["usdc", "USDC", USDC, USDC.lower()])
def test_a_token_is_found_by_symbol_or_address_in_any_case(tmp_path: Path, wanted: str) -> None:
    assert load(tmp_path, GOOD).token(wanted).address == USDC


def test_an_unknown_token_is_refused_with_a_list_of_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="unknown token 'DOGE' on test; there are: WETH, USDC"):
        load(tmp_path, GOOD).token("DOGE")


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("chain_id = 5", "", "chain_id is missing"),
        ("chain_id = 5", "chain_id = true", "chain_id must be an integer"),
        ("chain_id = 5", "chain_id = 0", "chain_id must be an integer of at least 1"),
        ("block_time = 0.5", "block_time = 0", "block_time must be a number above 0"),
        ("block_time = 0.5", "block_time = nan", "block_time must be a number above 0"),
        ("block_time = 0.5", "block_time = inf", "block_time must be a number above 0"),
        ('l1_fee = "none"', 'l1_fee = "arb"', "l1_fee must be one of none, op"),
        ('name = "test"', 'name = ""', "name must be a text"),
        ('name = "test"', 'name = "test"\ncolour = "red"', "unknown key colour"),
        (f'quote_token = "{USDC}"', f'quote_token = "{FACTORY}"', "quote_token is not among the tokens"),
        (f'quote_token = "{USDC}"', f'quote_token = "{USDC[:-2]}"', "quote_token must be an address"),
        (f'quote_token = "{USDC}"', f'quote_token = "{USDC.replace("B", "b")}"', "valid EIP-55 checksum"),
        ('symbol = "USDC"', 'symbol = "weth"', "tokens lists a symbol twice"),
        ("decimals = 6", "decimals = 256", r"tokens\[1\]: decimals must be an integer of at least 0 and at most 255"),
        ("decimals = 6", "decimals = 6\nlogo = 1", r"tokens\[1\]: unknown key logo"),
        ("[500, 3000]", "[]", r"v3\[0\]: fee_tiers must be a list of integers"),
        ("[500, 3000]", "[1000000]", "fee_tiers must be an integer of at least 0 and at most 999999"),
        ("fee_tiers = [500, 3000] }]", "fee_tiers = [500] }, { router = 1 }]", r"v3\[1\]: factory is missing"),
        ("v2 = []", "v2 = 3", "v2 must be a list of tables"),
        ("v2 = []", "v2 = [", "cannot be read"),
    ],
)
def test_a_mistake_is_named_with_file_and_key(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    assert old in GOOD
    with pytest.raises(ConfigurationError, match=rf"^test\.toml: .*{complaint}|^test\.toml: {complaint}"):
        load(tmp_path, GOOD.replace(old, new, 1))


def test_two_exchanges_of_one_protocol_are_refused(tmp_path: Path) -> None:
    exchange = f'{{ factory = "{FACTORY}", router = "{ROUTER}", fee_tiers = [500] }}'
    text = "\n".join(
        line if not line.startswith("v3") else f"v3 = [{exchange}, {exchange}]" for line in GOOD.split("\n")
    )
    with pytest.raises(ConfigurationError, match="v3 lists more than one exchange"):
        load(tmp_path, text)


def test_a_token_listed_twice_is_refused(tmp_path: Path) -> None:
    again = f'\n[[tokens]]\naddress = "{USDC}"\nsymbol = "USDC2"\ndecimals = 6\n'
    with pytest.raises(ConfigurationError, match="tokens lists an address twice"):
        load(tmp_path, GOOD + again)


def test_two_files_of_one_chain_are_refused(tmp_path: Path) -> None:
    (tmp_path / "other.toml").write_text(GOOD.replace('"test"', '"other"'), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"test\.toml: name or chain_id is already used"):
        load(tmp_path, GOOD)


def test_a_folder_without_network_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no network files"):
        load_networks(tmp_path)


def test_other_tokens_leave_the_rest_of_the_network_alone(tmp_path: Path) -> None:
    network = load(tmp_path, GOOD)
    weth = network.tokens[0]
    changed = network.with_tokens([weth], quote_token=weth.address)
    assert (changed.tokens, changed.quote_token) == ((weth,), weth.address)
    assert changed.with_tokens(network.tokens, quote_token=network.quote_token) == network
