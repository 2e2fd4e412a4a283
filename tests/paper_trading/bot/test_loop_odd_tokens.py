"""Tokens that nobody would design: the loop quotes, values and shows them, or says why it cannot."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from rich.console import Console

from chain.client import ChainClient
from chain.devnet import calls
from chain.devnet.codec import creation
from chain.hexes import checksum
from chain.node_source import NodeSource
from dex.types import Address, Token
from paper_trading.bot.launch import RunRequest, prepare
from paper_trading.bot.report import BlockReport
from paper_trading.bot.scope import TradingScope
from paper_trading.bot.venue import Venue
from paper_trading.models import PaperAccount
from paper_trading.selectors import check_ledger
from paper_trading.services.chain_readers import NodeReader
from paper_trading.terminal import json_lines
from paper_trading.terminal.screen import Screen
from paper_trading.tokens import NATIVE
from tests.support.small_market import SmallMarket, open_market
from tests.support.stepped_bot import SteppedBot, running

pytestmark = [pytest.mark.anvil, pytest.mark.django_db]
ALL_THERE_IS = 2**256 - 1
HOSTILE = "\x1b[2J\u202eEVIL\x07\n"


@pytest.fixture
def market() -> Iterator[SmallMarket]:
    market = open_market()
    yield market
    market.close()


def list_token(market: SmallMarket, *, decimals: int, supply: int, pooled: int) -> Token:
    """A new token on the network's list, with ``pooled`` of it against 1,000 dollars in a V2 pool."""
    owner, router = market.accounts[0], market.network.v2[0].router
    shape = ["string", "string", "uint8", "uint256"]
    made = market.do(owner, None, creation("DevToken", shape, HOSTILE, HOSTILE, decimals, supply))
    token = Token(chain_id=31337, address=checksum(made["contractAddress"]), symbol=HOSTILE, decimals=decimals)
    market.do(owner, token.address, calls.approve(router))
    market.do(owner, router, calls.v2_add(token.address, market.usd, pooled, 1_000 * 10**6, owner))
    market.network = replace(market.network, tokens=(*market.network.tokens, token))
    return token


def reports_with(market: SmallMarket, deposits: dict[Address, int]) -> list[BlockReport]:
    """What a bot reports that starts with ``deposits``, after three blocks."""

    async def whole() -> list[BlockReport]:
        client, network = ChainClient([market.node.url]), market.network
        head = await client.block()
        assert head is not None
        usd = network.token(market.usd)
        scope = TradingScope(
            network=network,
            chain_key=head.hash,
            quote=usd,
            watched=tuple(token for token in network.tokens if token != usd),
            live=True,
            dollar_quote=True,
            deposits={market.usd: 10**10, NATIVE: 10**18, **deposits},
        )
        source = NodeSource(client, network)
        venue = Venue(
            source=source, scope=scope, reader=NodeReader(source), opened_at=head, total_blocks=None, name="small"
        )
        prepared = await sync_to_async(prepare)(RunRequest(intel=10), venue)
        async with running(SteppedBot(None, market.rpc, venue, prepared)) as bot:
            await bot.ready()
            for _ in range(3):
                market.timestamp += 1
                await bot.mine(market.timestamp)
            await bot.end()
        await client.close()
        return bot.reports

    return async_to_sync(whole)()


def shown(report: BlockReport) -> str:
    screen = Screen(venue="small", session="session 1", native_symbol="ETH", live=True, total_blocks=None)
    screen.take(report)
    console = Console(record=True, width=160, height=50, force_terminal=False)
    console.print(screen)
    return console.export_text()


def test_a_token_without_decimals_is_quoted_valued_and_shown(market: SmallMarket) -> None:
    token = list_token(market, decimals=0, supply=10**9, pooled=2_000)
    reports = reports_with(market, {token.address: 7})
    [held] = [held for held in reports[-1].held if held.token == token]
    assert held.view.quantity == 7
    # 2,000 whole tokens against 1,000 dollars: seven are sold for a little less than 3.50.
    assert held.worth == 3_477_365  # floor(7 * 997 * 1_000_000_000 / (2_000 * 1000 + 7 * 997))
    assert reports[-1].prices[token] == pytest.approx(0.5)
    assert "EVIL" in shown(reports[-1])
    assert check_ledger(PaperAccount.objects.get()) == []


def test_a_token_with_the_largest_supply_is_quoted_valued_and_shown(market: SmallMarket) -> None:
    token = list_token(market, decimals=18, supply=ALL_THERE_IS, pooled=10**30)
    reports = reports_with(market, {token.address: 10**27})
    [held] = [held for held in reports[-1].held if held.token == token]
    assert held.worth is not None
    assert 0 < held.worth < 1_000_000
    assert "EVIL" in shown(reports[-1])
    assert check_ledger(PaperAccount.objects.get()) == []


def test_a_deposit_of_all_there_is_waits_for_a_market_and_is_booked_whole(market: SmallMarket) -> None:
    token = list_token(market, decimals=18, supply=ALL_THERE_IS, pooled=10**30)
    reports = reports_with(market, {token.address: ALL_THERE_IS})
    assert "waiting for a market" in reports[-1].notes[0]
    assert reports[-1].start_equity is None
    assert reports[-1].thoughts == ()
    assert check_ledger(PaperAccount.objects.get()) == []


def test_hostile_symbols_stay_inside_their_json_strings(market: SmallMarket) -> None:
    list_token(market, decimals=0, supply=10**9, pooled=2_000)
    for text in json_lines.report_lines(reports_with(market, {})[-1]):
        assert text.isprintable()
        json.loads(text)
