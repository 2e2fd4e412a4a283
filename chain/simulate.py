"""The node as witness of a paper fill: the call executed on top of the end of a block, by the chain's own code.

What "on top of the end of block B" is: the state after B's last transaction, with B's own number, timestamp and base
fee, so that the call is B's next transaction. It matters for gas only: a pool that traded in B has written its oracle
for that timestamp already, and a later timestamp would pay for that write again. ``eth_simulateV1`` on geth refuses
to run at B's own number; there the amounts come from number and time B + 1, and the gas from ``debug_traceCall`` at B
where the node offers it. The call is sent with a gas price of 0 and without validation, so that no fee touches the
account's balances.
"""

from dataclasses import dataclass
from typing import Any

from chain import erc20, measure
from chain.client import ChainClient
from chain.errors import NodeUnavailable, OverridesUnsupported, RpcError, SlotNotFound
from chain.hexes import word
from chain.l1_fee import l1_fee
from chain.layouts import allowance_slot, balance_slot
from chain.networks import Network
from chain.reverts import revert_reason
from chain.sanity import sane_answers
from chain.skills import Skills, block_overrides, probe
from chain.slots import SlotFinder
from chain.source import CallOutcome, GasSource, SwapCall
from chain.together import Together
from dex.types import Address, BlockRef

Overrides = dict[str, dict[str, Any]]
_CALLER = "0x00000000000000000000000000000000DEc0de04"
_INTRINSIC = 21_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Execution:
    """Balances around the call in base units; ``gas`` is None where another method must find it."""

    in_before: int
    out_before: int
    in_after: int
    out_after: int
    gas: int | None
    reason: str | None


class NodeWitness:
    """Implements ``chain.source.ExecutionWitness`` over a node; what the node can do is found out once per node."""

    def __init__(self, client: ChainClient, network: Network) -> None:
        self._client = client
        self._together = Together(client)
        self._network = network
        self._slots = SlotFinder(client)
        self._skills: dict[str, Skills] = {}

    async def execute(self, call: SwapCall, block: BlockRef) -> CallOutcome:
        """See ``ExecutionWitness``; also raises ``RpcError``."""
        with sane_answers(self._client.node):
            node, skills = await self._known_skills(block)
            try:
                return await self._execute(call, block, skills)
            except RpcError:
                # A node behind the same URL may have changed; the next execution finds out afresh.
                self._skills.pop(node, None)
                raise

    async def l1_fee(self, call: SwapCall, block: BlockRef) -> int:
        with sane_answers(self._client.node):
            return await l1_fee(self._together, self._network, call, block)

    async def prepare(self, token: Address, block: BlockRef) -> None:
        """Find out how ``token`` keeps balances and allowances; raises ``SlotNotFound`` where that cannot be told."""
        await self._slots.layout(token, block)

    async def skills(self, block: BlockRef) -> Skills:
        """What the node that is asked next can do."""
        return (await self._known_skills(block))[1]

    async def _known_skills(self, block: BlockRef) -> tuple[str, Skills]:
        node = self._client.node
        known = self._skills.get(node)
        if known is None:
            known = self._skills[node] = await probe(self._client, block)
        return node, known

    async def _execute(self, call: SwapCall, block: BlockRef, skills: Skills) -> CallOutcome:
        if skills.simulates_at is None and not skills.calls:
            raise OverridesUnsupported(f"node {self._client.node} executes no calls with state overrides")
        overrides = await self._overrides(call, block)
        fee = await self.l1_fee(call, block)
        if skills.simulates_at is None:
            done = await self._measure(call, block, overrides)
        else:
            done = await self._simulate(call, block, overrides, skills.simulates_at)
            if done.reason is not None and skills.simulates_at > 0 and skills.calls:
                # The later time itself may have been the reason: a deadline that is the block's own second.
                on_time = await self._measure(call, block, overrides)
                done = on_time if on_time.reason is None else done
        self._check_planted(call, done)
        gas, source = await self._gas(call, block, overrides, skills, done)
        reverted = done.reason is not None
        return CallOutcome(
            amount_in=0 if reverted else done.in_before - done.in_after,
            amount_out=0 if reverted else done.out_after - done.out_before,
            gas_used=gas,
            gas_source=source,
            l1_fee=fee,
            revert_reason=done.reason,
        )

    async def _overrides(self, call: SwapCall, block: BlockRef) -> Overrides:
        paid = await self._slots.layout(call.token_in, block)
        bought = await self._slots.layout(call.token_out, block)
        owner = call.sender
        return {
            owner: {"balance": hex(call.native_balance)},
            call.token_in: {
                "stateDiff": {
                    balance_slot(paid.balances, owner): "0x" + word(_held(call, call.token_in)),
                    allowance_slot(paid.allowances, owner, call.to): "0x" + word(call.amount_in),
                }
            },
            call.token_out: {
                "stateDiff": {balance_slot(bought.balances, owner): "0x" + word(_held(call, call.token_out))}
            },
        }

    async def _simulate(self, call: SwapCall, block: BlockRef, overrides: Overrides, ahead: int) -> _Execution:
        """Balances, swap, balances as five transactions of one simulated block, so that each starts cold."""
        balances = [_balance_call(call, call.token_in), _balance_call(call, call.token_out)]
        payload = {
            "blockStateCalls": [
                {
                    "blockOverrides": block_overrides(block, ahead),
                    "stateOverrides": overrides,
                    "calls": [*balances, _transaction(call), *balances],
                }
            ],
            "validation": False,
        }
        answer = await self._together.call("eth_simulateV1", [payload, {"blockHash": block.hash}])
        try:
            results = answer[0]["calls"]
            swap, told = results[2], [*results[:2], *results[3:5]]
            succeeded, gas, data = int(swap["status"], 16) == 1, int(swap["gasUsed"], 16), str(swap["returnData"])
        except (KeyError, IndexError, TypeError, ValueError):
            raise NodeUnavailable(f"node {self._client.node} answered a malformed simulation") from None
        asked = (call.token_in, call.token_out) * 2
        in_before, out_before, in_after, out_after = (
            _told_balance(token, result) for token, result in zip(asked, told, strict=True)
        )
        message = str((swap.get("error") or {}).get("message", ""))
        return _Execution(
            in_before=in_before,
            out_before=out_before,
            in_after=in_after,
            out_after=out_after,
            gas=gas,
            reason=None if succeeded else revert_reason(data, message),
        )

    async def _measure(self, call: SwapCall, block: BlockRef, overrides: Overrides) -> _Execution:
        """The same by ``eth_call`` and the measuring program in the sender's place."""
        program = measure.program(token_in=call.token_in, token_out=call.token_out, router=call.to)
        laid = {**overrides, call.sender: {**overrides[call.sender], "code": program}}
        request = {"from": _CALLER, "to": call.sender, "data": "0x" + call.data.hex()}
        measured = measure.read(await self._together.call("eth_call", [request, {"blockHash": block.hash}, laid]))
        if measured is None:
            raise NodeUnavailable(f"node {self._client.node} did not run the measuring program")
        return _Execution(
            in_before=measured.in_before,
            out_before=measured.out_before,
            in_after=measured.in_after,
            out_after=measured.out_after,
            # A reverted call cannot be estimated: what it burned inside and the transaction itself stand in.
            gas=None if measured.success else measured.gas + _intrinsic_gas(call.data),
            reason=None if measured.success else revert_reason(measured.answer),
        )

    async def _gas(
        self, call: SwapCall, block: BlockRef, overrides: Overrides, skills: Skills, done: _Execution
    ) -> tuple[int, GasSource]:
        if done.gas is not None and (skills.simulates_at == 0 or (skills.simulates_at == 1 and not skills.traces)):
            return done.gas, GasSource.SIMULATED
        pinned = {"blockHash": block.hash}
        if skills.traces:
            tracer = {"tracer": "callTracer", "tracerConfig": {"onlyTopCall": True}, "stateOverrides": overrides}
            trace = await self._together.call("debug_traceCall", [_transaction(call), pinned, tracer])
            return int(trace["gasUsed"], 16), GasSource.TRACED
        if done.gas is not None:
            return done.gas, GasSource.ESTIMATED
        if not skills.estimates:
            raise OverridesUnsupported(f"node {self._client.node} finds no gas of calls with state overrides")
        estimate = await self._together.call("eth_estimateGas", [_transaction(call), pinned, overrides])
        return int(estimate, 16), GasSource.ESTIMATED

    def _check_planted(self, call: SwapCall, done: _Execution) -> None:
        for token, seen in ((call.token_in, done.in_before), (call.token_out, done.out_before)):
            if seen != _held(call, token):
                self._slots.forget(token)
                raise SlotNotFound(f"token {token} does not report the balance laid over it")


def _held(call: SwapCall, token: Address) -> int:
    return call.balances.get(token, 0)


def _transaction(call: SwapCall) -> dict[str, str]:
    return {"from": call.sender, "to": call.to, "data": "0x" + call.data.hex()}


def _balance_call(call: SwapCall, token: Address) -> dict[str, str]:
    return {"from": _CALLER, "to": token, "data": erc20.balance_of(call.sender)}


def _told_balance(token: Address, result: dict[str, Any]) -> int:
    """What the token's own ``balanceOf`` returned; one that reverts or says nothing cannot be held on paper."""
    data = str(result["returnData"])
    if len(data) < 66:
        raise SlotNotFound(f"token {token} does not tell a balance")
    return int(data[2:66], 16)


def _intrinsic_gas(data: bytes) -> int:
    """EIP-2028: 16 for each non-zero byte of calldata, 4 for each zero, beside the transaction's 21,000."""
    zeros = data.count(0)
    return _INTRINSIC + 4 * zeros + 16 * (len(data) - zeros)
