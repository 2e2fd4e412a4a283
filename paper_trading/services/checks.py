"""Everything that must hold for paper results to be trusted, checked one by one."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

from chain.contracts_check import contract_problems
from chain.errors import HistoryUnavailable, SlotNotFound
from chain.node_source import NodeSource
from dex.market.state import MarketState
from dex.types import BlockRef
from paper_trading.models import LedgerEntry, PaperAccount
from paper_trading.selectors import check_ledger, verify_chain
from paper_trading.services.verify import ChainReader
from paper_trading.services.verify_all import verify_all

REBUILT_BLOCKS = (50, 20, 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """``ok`` is None where there was nothing to check; ``detail`` is one line."""

    name: str
    ok: bool | None
    detail: str


def database_checks() -> list[Check]:
    """The database answers, holds every migration and can write; what is written here is rolled back."""
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    names = ", ".join(str(migration) for migration, _ in missing)
    checks = [
        Check(name="database schema", ok=not missing, detail=f"missing: {names}" if missing else connection.vendor)
    ]
    if missing:
        return checks
    with transaction.atomic():
        connection.cursor().execute("CREATE TABLE dexproject_write_check (id INTEGER)")
        transaction.set_rollback(True)
    return [*checks, Check(name="database write", ok=True, detail="a table was made and rolled back")]


def ledger_checks() -> list[Check]:
    """Books and receipts of every account, closed ones and those of former chains included."""
    checks = []
    for account in PaperAccount.objects.select_related("user").order_by("pk"):
        name = f"{account.user.username}/{account.name} on chain {account.chain_id}"
        problems = [str(problem) for problem in check_ledger(account)]
        entries = LedgerEntry.objects.filter(account=account).count()
        checks.append(_check(f"ledger {account.pk}", problems, f"{name}: {entries} entries balance to the unit"))
        broken = [str(problem) for problem in verify_chain(account)]
        count = account.receipts.count()
        checks.append(_check(f"receipts {account.pk}", broken, f"{name}: {count} receipts in an unbroken chain"))
    return checks or [Check(name="ledger", ok=None, detail="no account yet")]


async def node_checks(source: NodeSource) -> AsyncIterator[Check]:
    """The node, the contracts of the network file, the tokens' storage, and our market against the node's pools."""
    client, network = source.client, source.network
    head = await source.head()
    yield Check(name="node", ok=True, detail=f"{client.node} serves chain {network.chain_id}, block {head.number}")
    skills = await source.witness.skills(head)
    ways = {
        "eth_simulateV1": skills.simulates_at is not None,
        "eth_call": skills.calls,
        "debug_traceCall": skills.traces,
    }
    able = ", ".join(name for name, can in ways.items() if can)
    yield Check(
        name="state overrides",
        ok=skills.simulates_at is not None or skills.calls,
        detail=able or "none: the model alone would fill trades",
    )
    problems = await contract_problems(client, network, head)
    yield _check("contracts", problems, f"routers, factories and {len(network.tokens)} tokens are as listed")
    yield await _slots(source, head)
    yield await _market(source)


async def receipt_check(chain_key: str, reader: ChainReader) -> Check:
    """Every receipt of this chain, computed again."""
    count, wrong = 0, []
    async for verdict in verify_all(chain_key, reader, trade_id=None):
        count += 1
        if verdict.ok is not True:
            wrong.append(f"trade {verdict.receipt.trade_id}: {'; '.join(verdict.problems)}")
    return _check("trades on chain", wrong, f"{count} receipts computed again and equal")


async def _slots(source: NodeSource, head: BlockRef) -> Check:
    lacking = []
    for token in source.network.tokens:
        try:
            await source.witness.prepare(token.address, head)
        except SlotNotFound as error:
            lacking.append(str(error))
    return _check("token storage", lacking, "balance and allowance slots found for every token")


async def _market(source: NodeSource) -> Check:
    """Our market, built from events over some blocks, against the pools as the node has them."""
    head = await source.head()
    for blocks in REBUILT_BLOCKS:
        try:
            start = await source.start(max(0, head.number - blocks))
        except HistoryUnavailable:
            continue
        market = MarketState(start.pools)
        market.load(start.block, start.states)
        async for update in source.updates():
            market.apply(update)
            if update.block.number >= head.number:
                break
        at = market.head
        fresh = await source.states(start.pools, at)
        wrong = [f"{pool} differs" for pool in start.pools if market.states[pool] != fresh[pool]]
        built = at.number - start.block.number
        return _check("pool state", wrong, f"{len(start.pools)} pools equal the node's after {built} blocks of events")
    return Check(name="pool state", ok=None, detail="the node keeps no history to build from")


def _check(name: str, problems: list[str], good: str) -> Check:
    return Check(name=name, ok=not problems, detail=good if not problems else "; ".join(problems[:3]))
