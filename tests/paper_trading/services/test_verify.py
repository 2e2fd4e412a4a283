"""A receipt is computed again from the chain alone; whatever was changed in it is found."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import pytest
from django.contrib.auth.models import User

from chain.client import ChainClient
from chain.errors import SlotNotFound
from chain.node_source import NodeSource
from chain.pools import discover, load_states
from chain.source import CallOutcome, ExecutionWitness, SwapCall
from dex.gas.policy import FeeCaps
from dex.market.pools import Protocol
from dex.routing.plan import Path, SwapPlan
from dex.types import BlockRef
from paper_trading.models import FillReceipt, TradeSide
from paper_trading.receipt_digest import receipt_hash
from paper_trading.selectors import receipt_fields
from paper_trading.services.accounts import open_account
from paper_trading.services.booking import book_fill
from paper_trading.services.chain_readers import NodeReader
from paper_trading.services.fill import Fill, FillStatus, Witness
from paper_trading.services.simulator import PaperExecutor
from paper_trading.services.verify import States, Verdict, verify_receipt
from paper_trading.tokens import NATIVE
from tests.paper_trading.world import new_session
from tests.support.faulty_node import Answer, FaultyNode, faulty
from tests.support.orders import place_order
from tests.support.small_market import SmallMarket, open_market
from tests.support.swaps import PAPER
from trading.plan_json import dump
from trading.planner import plan_swap
from trading.router import best_path, find_paths

pytestmark = pytest.mark.anvil

PAID, CASH, GAS_MONEY = 2_500 * 10**6, 10_000 * 10**6, 10**18
Result = TypeVar("Result")


@pytest.fixture(scope="module")
def market() -> Iterator[SmallMarket]:
    market = open_market()
    yield market
    market.close()


@asynccontextmanager
async def reading(market: SmallMarket, url: str | None = None) -> AsyncIterator[NodeReader]:
    client = ChainClient([market.node.url if url is None else url])
    yield NodeReader(NodeSource(client, market.network))
    await client.close()


async def ordered(market: SmallMarket, protocol: Protocol) -> SwapPlan:
    client = ChainClient([market.node.url])
    head = await client.block()
    assert head is not None
    tokens = [token.address for token in market.network.tokens]
    pools = await discover(client, market.network, tokens, head)
    quote = best_path(
        await load_states(client, pools, head),
        (path for path in find_paths(pools.values(), market.usd, market.alt) if path.protocol is protocol),
        PAID,
    )
    await client.close()
    return plan_swap(
        network=market.network,
        path=quote.path,
        sender=PAPER,
        amount_in=PAID,
        quoted_out=quote.amount_out,
        tolerance_bps=50,
        patience_blocks=3,
        caps=FeeCaps(max_fee_per_gas=10**11, max_priority_fee_per_gas=10**9),
        head=head,
    )


async def filled(market: SmallMarket, plan: SwapPlan, *, with_node: bool = True) -> Fill:
    async with reading(market) as reader:
        block = await reader.block(plan.decided_at.number + 1)
        assert block is not None
        return await PaperExecutor(reader.witness if with_node else None).fill(
            plan,
            block=block,
            states=await reader.states(plan.path, block),
            balances={market.usd: CASH},
            native_balance=GAS_MONEY,
        )


@dataclass(frozen=True, slots=True)
class Done:
    """An order and what the block after it made of it, with the node and with the model alone."""

    plan: SwapPlan
    fill: Fill
    by_model: Fill


@pytest.fixture(scope="module")
def orders(market: SmallMarket) -> dict[Protocol, Done]:
    done = {}
    for protocol in Protocol:
        plan = asyncio.run(ordered(market, protocol))
        market.mine(1)
        alone = asyncio.run(filled(market, plan, with_node=False))
        done[protocol] = Done(plan, asyncio.run(filled(market, plan)), alone)
    return done


def booked(market: SmallMarket, plan: SwapPlan, fill: Fill) -> FillReceipt:
    account = open_account(
        user=User.objects.create(username="alice"),
        name="main",
        chain_id=31337,
        chain_key="0x" + "22" * 32,
        quote_token=market.usd,
        deposits={market.usd: CASH, NATIVE: GAS_MONEY},
        block=plan.decided_at,
    )
    session = new_session(account)
    trade = place_order(session=session, plan=plan, side=TradeSide.BUY, decision=None, exit_reason="")  # type: ignore[arg-type]
    book_fill(session=session, trade=trade, fill=fill)
    return FillReceipt.objects.select_related("trade", "account").get()


@pytest.fixture
def receipt(db: None, market: SmallMarket, orders: dict[Protocol, Done]) -> FillReceipt:
    done = orders[Protocol.V3]
    return booked(market, done.plan, done.fill)


def verified(market: SmallMarket, receipt: FillReceipt) -> Verdict:
    async def verify() -> Verdict:
        async with reading(market) as reader:
            return await verify_receipt(receipt, reader)

    return asyncio.run(verify())


def forged(receipt: FillReceipt, **changes: Any) -> FillReceipt:
    """Changed by somebody who knows how the hash is made."""
    for name, value in changes.items():
        setattr(receipt, name, value)
    receipt.hash = receipt_hash(receipt_fields(receipt))
    return receipt


@pytest.mark.parametrize("protocol", list(Protocol))
def test_a_booked_receipt_verifies(
    db: None, market: SmallMarket, orders: dict[Protocol, Done], protocol: Protocol
) -> None:
    done = orders[protocol]
    verdict = verified(market, booked(market, done.plan, done.fill))
    assert (verdict.ok, verdict.problems, verdict.witness) == (True, (), "both")


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("amount_out", 1),
        ("amount_in", -1),
        ("model_amount_out", 1),
        ("node_amount_out", -1),
        ("gas_used", -1),
        ("base_fee", 1),
        ("tip", 1),
        ("l1_fee", 1),
        ("fee_paid", -1),
    ],
)
def test_a_changed_number_is_found_though_the_hash_fits(
    market: SmallMarket, receipt: FillReceipt, field: str, change: int
) -> None:
    was = getattr(receipt, field)
    verdict = verified(market, forged(receipt, **{field: was + change}))
    assert verdict.ok is False
    assert verdict.problems == (f"{field} is {was + change!r}, computed again {was!r}",)


@pytest.mark.parametrize(
    ("field", "value"),
    [("status", "reverted"), ("witness", "disputed"), ("revert_reason", "because")],
)
def test_a_changed_verdict_is_found_though_the_hash_fits(
    market: SmallMarket, receipt: FillReceipt, field: str, value: str
) -> None:
    verdict = verified(market, forged(receipt, **{field: value}))
    assert (verdict.ok, len(verdict.problems)) == (False, 1)
    assert verdict.problems[0].startswith(f"{field} is {value!r}")


@pytest.mark.parametrize("field", ["calldata", "sender", "router", "token_in", "token_out"])
def test_a_call_that_is_not_the_plans_is_found(market: SmallMarket, receipt: FillReceipt, field: str) -> None:
    was = getattr(receipt, field)
    verdict = verified(market, forged(receipt, **{field: was[:-1] + ("1" if was[-1] == "0" else "0")}))
    assert verdict.ok is False
    assert verdict.problems[0].startswith(f"{field} is ")


def test_a_changed_receipt_that_keeps_its_hash_is_found(market: SmallMarket, receipt: FillReceipt) -> None:
    receipt.decision_block += 1
    assert verified(market, receipt).problems == ("the receipt was changed after it was written",)


@pytest.mark.parametrize(
    "changes",
    [{"block_hash": "0x" + "77" * 32}, {"block_number": 10**6}, {"block_number": 3}],
    ids=["other_hash", "to_come", "other_block"],
)
def test_a_block_that_is_not_on_the_chain_is_found(
    market: SmallMarket, receipt: FillReceipt, changes: dict[str, Any]
) -> None:
    verdict = verified(market, forged(receipt, **changes))
    assert verdict.ok is False
    assert verdict.problems[-1].endswith("is not on this chain")


def other_amount(plan: SwapPlan) -> SwapPlan:
    return replace(plan, amount_in=plan.amount_in + 10**6)


def other_path(plan: SwapPlan) -> SwapPlan:
    return replace(plan, path=Path(hops=(replace(plan.path.hops[0], pool=plan.path.hops[1].pool), plan.path.hops[1])))


def other_cap(plan: SwapPlan) -> SwapPlan:
    return replace(plan, max_priority_fee_per_gas=plan.max_priority_fee_per_gas - 1)


def other_minimum(plan: SwapPlan) -> SwapPlan:
    return replace(plan, minimum_out=plan.minimum_out - 1)


def other_calldata(plan: SwapPlan) -> SwapPlan:
    return replace(plan, calldata=plan.calldata[:-1] + b"\x01")


@pytest.mark.parametrize("tamper", [other_amount, other_path, other_cap, other_minimum, other_calldata])
def test_a_tampered_plan_is_found(
    market: SmallMarket, receipt: FillReceipt, tamper: Callable[[SwapPlan], SwapPlan], orders: dict[Protocol, Done]
) -> None:
    receipt.trade.plan = dump(tamper(orders[Protocol.V3].plan))
    assert verified(market, receipt).ok is False


@pytest.mark.parametrize(("field", "change"), [("balance_in", -CASH), ("balance_out", 10**18)])
def test_a_changed_wallet_is_found_by_what_the_call_then_does(
    market: SmallMarket, receipt: FillReceipt, field: str, change: int
) -> None:
    """A wallet that could not pay, or that had written its balance before: the call reverts or uses less gas."""
    verdict = verified(market, forged(receipt, **{field: getattr(receipt, field) + change}))
    assert verdict.ok is False


def through(
    market: SmallMarket, fault: Callable[[FaultyNode], None], use: Callable[[NodeReader], Awaitable[Result]]
) -> Result:
    async def ask() -> Result:
        async with faulty(market.node.url) as node, reading(market, node.url) as reader:
            fault(node)
            return await use(reader)

    return asyncio.run(ask())


def forget_states(node: FaultyNode) -> None:
    def edit(method: str, answer: Answer) -> Answer:
        if method not in ("eth_call", "eth_simulateV1"):
            return answer
        error = {"code": -32000, "message": "missing trie node 1f2e (path ) state 0x1f2e is not available"}
        return {"jsonrpc": "2.0", "id": answer["id"], "error": error}

    node.edit = edit


def test_where_the_node_forgot_the_state_nobody_can_say(market: SmallMarket, receipt: FillReceipt) -> None:
    verdict = through(market, forget_states, lambda reader: verify_receipt(receipt, reader))
    assert verdict.ok is None
    assert "no longer has that state" in verdict.problems[0]


def test_a_forged_receipt_is_wrong_though_the_node_forgot_the_state(market: SmallMarket, receipt: FillReceipt) -> None:
    receipt.amount_out += 1
    verdict = through(market, forget_states, lambda reader: verify_receipt(receipt, reader))
    assert verdict.ok is False


class Unwilling:
    """Reads as the node does, and cannot lay balances over the token."""

    def __init__(self, reader: NodeReader) -> None:
        self._reader = reader

    @property
    def witness(self) -> ExecutionWitness:
        return self

    async def block(self, number: int) -> BlockRef | None:
        return await self._reader.block(number)

    async def states(self, path: Path, block: BlockRef) -> States:
        return await self._reader.states(path, block)

    async def l1_fee(self, call: SwapCall, block: BlockRef) -> int:
        return 0

    async def execute(self, call: SwapCall, block: BlockRef) -> CallOutcome:
        raise SlotNotFound(f"no slot in {call.token_in} at block {block.number}")


def test_a_token_whose_storage_is_not_found_any_more_cannot_be_judged(
    market: SmallMarket, receipt: FillReceipt
) -> None:
    verdict = through(market, lambda _: None, lambda reader: verify_receipt(receipt, Unwilling(reader)))
    assert verdict.ok is None


def test_a_node_without_overrides_checks_what_the_model_can(market: SmallMarket, receipt: FillReceipt) -> None:
    def weaken(node: FaultyNode) -> None:
        node.missing = {"eth_simulateV1", "debug_traceCall"}
        node.without_overrides = True

    verdict = through(market, weaken, lambda reader: verify_receipt(receipt, reader))
    assert (verdict.ok, verdict.problems, verdict.witness) == (True, (), "model_only")


def test_a_fill_of_the_model_alone_is_held_to_that_claim_by_any_node(
    db: None, market: SmallMarket, orders: dict[Protocol, Done]
) -> None:
    done = orders[Protocol.V3]
    assert done.by_model.witness is Witness.MODEL_ONLY
    verdict = verified(market, booked(market, done.plan, done.by_model))
    assert (verdict.ok, verdict.problems, verdict.witness) == (True, (), "model_only")


def test_a_revert_verifies_with_the_contracts_reason(
    db: None, market: SmallMarket, orders: dict[Protocol, Done]
) -> None:
    plan = orders[Protocol.V3].plan
    greedy = plan_swap(
        network=market.network,
        path=plan.path,
        sender=PAPER,
        amount_in=PAID,
        quoted_out=2 * plan.quoted_out,
        tolerance_bps=0,
        patience_blocks=3,
        caps=FeeCaps(max_fee_per_gas=10**11, max_priority_fee_per_gas=10**9),
        head=plan.decided_at,
    )
    fill = asyncio.run(filled(market, greedy))
    receipt = booked(market, greedy, fill)
    assert (fill.status, receipt.revert_reason) == (FillStatus.REVERTED, "Too little received")
    assert verified(market, receipt).ok is True
