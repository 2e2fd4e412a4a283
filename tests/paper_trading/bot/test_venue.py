"""What a run trades on and with, from what the user typed."""

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from django.conf import settings

from chain.errors import ConfigurationError, NodeUnavailable, WrongChain
from chain.networks import Network
from dex.amounts import AmountError
from paper_trading.bot.scope import TradingScope
from paper_trading.bot.venue import Venue, VenueRequest, open_venue
from paper_trading.services.chain_readers import NodeReader, RecordingReader
from paper_trading.tokens import NATIVE
from tests.support.small_market import SmallMarket, open_market
from tests.support.small_recording import FIRST_BLOCK, TOKEN0, TOKEN1, three_blocks

NOWHERE = Path("unused")
DEFAULT = {TOKEN0: 10 * 10**18, TOKEN1: 10_000 * 10**18}


def opened(
    *,
    networks_dir: Path | None = None,
    urls: Sequence[str] = (),
    recording: Path | None = None,
    **changes: object,
) -> Venue:
    """The venue as it was while it was open."""

    async def enter() -> Venue:
        request = VenueRequest(
            networks_dir=Path(settings.NETWORKS_DIR) if networks_dir is None else networks_dir,
            rpc_urls=urls,
            devnet_dir=NOWHERE,
            recording=recording,
            **changes,  # type: ignore[arg-type]
        )
        async with open_venue(request, lambda _: None) as venue:
            return venue

    return asyncio.run(enter())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    recording = tmp_path / "weth-op"
    recording.mkdir()
    return three_blocks().write(recording)


def scope_of(folder: Path, **changes: object) -> TradingScope:
    return opened(recording=folder, **changes).scope


def test_a_recording_is_traded_without_fees_on_a_chain_of_its_own(folder: Path) -> None:
    venue = opened(recording=folder)
    assert (venue.scope.live, venue.name) == (False, "recording weth-op")
    assert venue.scope.chain_key.startswith("recording:")
    assert (venue.opened_at.number, venue.total_blocks) == (FIRST_BLOCK - 1, 4)
    assert isinstance(venue.reader, RecordingReader)


def test_a_recording_counts_in_its_wrapped_native_token(folder: Path) -> None:
    scope = scope_of(folder)
    assert (scope.quote.address, [token.address for token in scope.watched]) == (TOKEN0, [TOKEN1])
    assert scope.dollar_quote is False


def test_the_same_recording_is_the_same_chain_and_another_is_not(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    recording = three_blocks()
    recording.swap(FIRST_BLOCK + 600, 5)
    assert scope_of(folder).chain_key == scope_of(folder).chain_key != scope_of(recording.write(other)).chain_key


def test_the_default_deposits_of_a_recording(folder: Path) -> None:
    assert scope_of(folder).deposits == DEFAULT


@pytest.mark.parametrize(
    ("texts", "deposits"),
    [
        (["WETH=1.5"], DEFAULT | {TOKEN0: 15 * 10**17}),
        (["op=0.000000000000000001"], DEFAULT | {TOKEN1: 1}),
        ([f"{TOKEN1.lower()}=2"], DEFAULT | {TOKEN1: 2 * 10**18}),
        (["ETH=0.5"], DEFAULT | {NATIVE: 5 * 10**17}),
        (["eth=1", "WETH=1"], DEFAULT | {NATIVE: 10**18, TOKEN0: 10**18}),
        (["WETH=1", "WETH=2"], DEFAULT | {TOKEN0: 3 * 10**18}),
        (["OP=0"], {TOKEN0: 10 * 10**18}),
    ],
)
def test_a_deposit_is_an_exact_amount_in_the_place_of_the_default(
    folder: Path, texts: list[str], deposits: dict[str, int]
) -> None:
    assert scope_of(folder, deposits=texts).deposits == deposits


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("WETH", ConfigurationError, "SYMBOL=AMOUNT, not 'WETH'"),
        ("NOPE=1", ConfigurationError, "unknown token 'NOPE'"),
        ("WETH=", AmountError, "'' is no amount"),
        ("WETH=-1", AmountError, "'-1' is no amount"),
        ("WETH=1=2", AmountError, "'1=2' is no amount"),
        ("OP=0.0000000000000000001", AmountError, "more than the token's 18 decimals"),
    ],
)
def test_a_deposit_that_cannot_be_is_refused(folder: Path, text: str, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        opened(recording=folder, deposits=[text])


def test_only_the_tokens_that_were_named_are_watched_each_once(folder: Path) -> None:
    assert [token.symbol for token in scope_of(folder, tokens=["op", TOKEN1, "WETH"]).watched] == ["OP"]


def test_an_unknown_token_is_refused_with_those_there_are(folder: Path) -> None:
    with pytest.raises(ConfigurationError, match="unknown token 'NOPE' on optimism; there are: WETH, OP"):
        opened(recording=folder, tokens=["NOPE"])


def test_the_quote_token_alone_is_nothing_to_trade(folder: Path) -> None:
    with pytest.raises(ConfigurationError, match="nothing to trade on optimism but its quote token"):
        opened(recording=folder, tokens=["WETH"])


def test_another_chain_than_the_local_one_needs_a_node() -> None:
    with pytest.raises(ConfigurationError, match="--chain ethereum needs a node: set RPC_URL"):
        opened(chain="ethereum")


def test_only_a_recording_is_paced_by_blocks_per_second() -> None:
    with pytest.raises(ConfigurationError, match="it needs --recording"):
        opened(urls=["http://127.0.0.1:9"], blocks_per_second=5.0)


@pytest.mark.parametrize("seconds", [0.0, 0.09, 3_601.0, float("nan"), float("inf")])
def test_a_local_chain_needs_a_sensible_block_time(seconds: float) -> None:
    with pytest.raises(ConfigurationError, match="--block-time is"):
        opened(devnet_block_time=seconds)


@pytest.fixture(scope="module")
def market() -> Iterator[SmallMarket]:
    market = open_market()
    yield market
    market.close()


@pytest.fixture
def networks(market: SmallMarket, tmp_path: Path) -> Path:
    (tmp_path / "small.toml").write_text(_toml(market.network), encoding="utf-8")
    other = _toml(market.network).replace('name = "small"', 'name = "other"').replace("31337", "5")
    (tmp_path / "other.toml").write_text(other, encoding="utf-8")
    return tmp_path


def _toml(network: Network) -> str:
    [v2], [v3] = network.v2, network.v3
    lines = [
        f'name = "{network.name}"',
        f"chain_id = {network.chain_id}",
        "block_time = 1.0",
        "finality_blocks = 0",
        'l1_fee = "none"',
        'native_symbol = "ETH"',
        f'wrapped_native = "{network.wrapped_native}"',
        f'quote_token = "{network.quote_token}"',
        f'v2 = [{{ factory = "{v2.factory}", router = "{v2.router}", fee_pips = 3000 }}]',
        f'v3 = [{{ factory = "{v3.factory}", router = "{v3.router}", fee_tiers = [500, 3000, 10000] }}]',
    ]
    for token in network.tokens:
        lines += ["[[tokens]]", f'address = "{token.address}"', f'symbol = "{token.symbol}"']
        lines += [f"decimals = {token.decimals}"]
    return "\n".join(lines) + "\n"


@pytest.mark.anvil
def test_a_node_is_recognised_by_its_chain_id(market: SmallMarket, networks: Path) -> None:
    venue = opened(networks_dir=networks, urls=[market.node.url])
    assert (venue.name, venue.scope.live, venue.total_blocks) == ("small", True, None)
    assert [token.symbol for token in venue.scope.watched] == ["WETH", "ALT"]
    assert isinstance(venue.reader, NodeReader)


@pytest.mark.anvil
def test_a_chain_is_known_by_its_first_block(market: SmallMarket, networks: Path) -> None:
    genesis = market.rpc.call("eth_getBlockByNumber", "0x0", False)
    assert opened(networks_dir=networks, urls=[market.node.url]).scope.chain_key == genesis["hash"]


@pytest.mark.anvil
def test_the_default_deposits_of_a_node_are_dollars_and_gas_money(market: SmallMarket, networks: Path) -> None:
    scope = opened(networks_dir=networks, urls=[market.node.url]).scope
    assert scope.deposits == {market.usd: 10_000 * 10**6, NATIVE: 10**18}


@pytest.mark.anvil
def test_other_dollars_leave_the_gas_money_as_it_is(market: SmallMarket, networks: Path) -> None:
    scope = opened(networks_dir=networks, urls=[market.node.url], deposits=[f"{market.usd}=250"]).scope
    assert scope.deposits == {market.usd: 250 * 10**6, NATIVE: 10**18}


@pytest.mark.anvil
def test_a_node_of_another_chain_than_the_named_one_is_refused(market: SmallMarket, networks: Path) -> None:
    with pytest.raises(WrongChain, match="other is chain 5, but node .* serves chain 31337"):  # noqa: RUF043
        opened(networks_dir=networks, urls=[market.node.url], chain="other")


@pytest.mark.anvil
def test_a_chain_without_a_network_file_is_refused(market: SmallMarket, networks: Path) -> None:
    (networks / "small.toml").unlink()
    with pytest.raises(ConfigurationError, match="unknown chain 31337; there are: other"):
        opened(networks_dir=networks, urls=[market.node.url])


def test_a_node_that_does_not_answer_is_said_to_be_away() -> None:
    with pytest.raises(NodeUnavailable):
        opened(urls=["http://127.0.0.1:9"])
