"""Each check says that all is well when it is, and what is not when it is not."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from asgiref.sync import async_to_sync
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from eth_utils.crypto import keccak

from chain.client import ChainClient
from chain.devnet import calls
from chain.networks import Network
from chain.node_source import NodeSource
from dex.routing.plan import Path
from dex.types import BlockRef
from paper_trading.services.checks import Check, database_checks, ledger_checks, node_checks, receipt_check
from paper_trading.services.verify import States
from tests.paper_trading.world import GENESIS, WETH, World, new_world
from tests.support.faulty_node import Answer, FaultyNode, faulty
from tests.support.small_market import SmallMarket, open_market

SYNC = "0x" + keccak(text="Sync(uint112,uint112)").hex()


@pytest.fixture
def world(db: None) -> World:
    world = new_world()
    world.buy(WETH, 3_000, 100, gas_quote=7)
    return world


def tamper(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        assert cursor.rowcount == 1


def test_a_migrated_database_that_can_write_is_well(books_db: str) -> None:
    checks = database_checks()
    assert [(check.name, check.ok) for check in checks] == [("database schema", True), ("database write", True)]
    assert checks[0].detail == connection.vendor


def test_what_the_write_check_made_is_gone(books_db: str) -> None:
    database_checks()
    assert "dexproject_write_check" not in connection.introspection.table_names()


def test_a_missing_migration_is_named_and_nothing_is_written_then(books_db: str) -> None:
    [(_, newest)] = MigrationLoader(connection).graph.leaf_nodes("paper_trading")
    MigrationRecorder(connection).record_unapplied("paper_trading", newest)
    [check] = database_checks()
    assert (check.name, check.ok) == ("database schema", False)
    assert f"paper_trading.{newest}" in check.detail


def test_books_in_order_are_well(world: World) -> None:
    ledger, receipts = ledger_checks()
    assert (ledger.ok, receipts.ok) == (True, True)
    assert "alice/main on chain 31337" in ledger.detail
    assert receipts.detail.endswith("1 receipts in an unbroken chain")


def test_a_broken_ledger_is_reported(world: World) -> None:
    tamper("UPDATE paper_trading_papertrade SET gas_quote = quoted_out")
    ledger = ledger_checks()[0]
    assert (ledger.name, ledger.ok) == (f"ledger {world.account.pk}", False)
    assert ledger.detail != ""


def test_a_changed_receipt_is_reported(world: World) -> None:
    tamper("UPDATE paper_trading_fillreceipt SET gas_used = 1")
    receipts = ledger_checks()[1]
    assert (receipts.name, receipts.ok) == (f"receipts {world.account.pk}", False)
    assert "was changed after it was written" in receipts.detail


def test_without_an_account_there_is_nothing_to_check(db: None) -> None:
    assert ledger_checks() == [Check(name="ledger", ok=None, detail="no account yet")]


class Empty:
    """A chain that has none of the blocks."""

    witness = None

    async def block(self, number: int) -> BlockRef | None:
        return None

    async def states(self, path: Path, block: BlockRef) -> States:
        raise AssertionError("no block, no states")


def test_a_receipt_that_the_chain_does_not_confirm_is_reported(world: World) -> None:
    check = async_to_sync(receipt_check)(GENESIS, Empty())
    assert check.ok is False
    assert "is not on this chain" in check.detail


@pytest.fixture(scope="module")
def market() -> Iterator[SmallMarket]:
    """With trades in the newest blocks, from which a market can be built."""
    market = open_market()
    owner = market.accounts[0]
    for amount in range(10**9, 7 * 10**9, 10**9):
        market.do(owner, market.network.v2[0].router, calls.v2_swap(amount, 0, (market.usd, market.weth), owner))
    yield market
    market.close()


def node_report(
    market: SmallMarket, *, network: Network | None = None, fault: Callable[[FaultyNode], None] = lambda _: None
) -> dict[str, Check]:
    async def ask() -> dict[str, Check]:
        async with faulty(market.node.url) as node:
            fault(node)
            client = ChainClient([node.url])
            source = NodeSource(client, market.network if network is None else network)
            found = {check.name: check async for check in node_checks(source)}
            await client.close()
            return found

    return asyncio.run(ask())


@pytest.mark.anvil
def test_a_node_in_order_passes_every_check(market: SmallMarket) -> None:
    found = node_report(market)
    assert {name: check.ok for name, check in found.items()} == {
        "node": True,
        "state overrides": True,
        "contracts": True,
        "token storage": True,
        "pool state": True,
    }
    assert "eth_simulateV1" in found["state overrides"].detail
    assert found["pool state"].detail == "4 pools equal the node's after 5 blocks of events"


@pytest.mark.anvil
def test_a_market_that_is_not_the_nodes_is_reported(market: SmallMarket) -> None:
    """The log of one swap says something else than what the pool holds."""

    def lie(node: FaultyNode) -> None:
        def edit(method: str, answer: Answer) -> Answer:
            if method == "eth_getLogs":
                for log in answer.get("result") or []:
                    if log["topics"][0] == SYNC:
                        log["data"] = log["data"][:-1] + ("1" if log["data"][-1] == "0" else "0")
            return answer

        node.edit = edit

    check = node_report(market, fault=lie)["pool state"]
    assert (check.ok, check.detail.endswith(" differs")) == (False, True)


@pytest.mark.anvil
def test_a_node_without_overrides_is_reported(market: SmallMarket) -> None:
    def weaken(node: FaultyNode) -> None:
        node.missing = {"eth_simulateV1", "debug_traceCall"}
        node.without_overrides = True

    check = node_report(market, fault=weaken)["state overrides"]
    assert (check.ok, check.detail) == (False, "none: the model alone would fill trades")


@pytest.mark.anvil
def test_a_wrong_network_file_is_reported(market: SmallMarket) -> None:
    tokens = tuple(replace(token, decimals=7) for token in market.network.tokens)
    assert node_report(market, network=replace(market.network, tokens=tokens))["contracts"].ok is False
