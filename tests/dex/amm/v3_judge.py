"""Lets the contract live through a script and compares every step and the final state."""

from typing import Any

from tests.dex.amm.lab import Call, Lab, Outcome, calldata
from tests.dex.amm.v3_script import TIERS, Step, V3Script


class V3Judge:
    """Holds an uninitialised pool of each fee tier; a script is simulated on the one of its fee and then forgotten."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        factory = lab.deploy("UniswapV3Factory")
        fees = [fee for fee, _ in TIERS]
        # The factory is deployed with the other three; its owner added this one later on mainnet too.
        lab.send(factory, calldata("enableFeeAmount(uint24,int24)", 100, 1))
        for fee in fees:
            lab.send(factory, calldata("createPool(address,address,uint24)", lab.token0, lab.token1, fee))
        ask = "getPool(address,address,uint24)"
        found = lab.simulate([Call(to=factory, data=calldata(ask, lab.token0, lab.token1, fee)) for fee in fees])
        self.pools: dict[int, str] = {
            fee: outcome.words("address")[0] for fee, outcome in zip(fees, found, strict=True)
        }

    def assert_agrees(self, script: V3Script) -> None:
        pool = self.pools[script.pool.fee_pips]
        calls = [_call(self.lab, pool, step) for step in script.steps]
        outcomes = self.lab.simulate([*calls, *_state_queries(pool, script)])
        differences = [
            (number, step, said)
            for number, (step, outcome) in enumerate(zip(script.steps, outcomes, strict=False))
            if (said := _said(step, outcome)) != step.expected
        ]
        assert differences == []
        _assert_same_state(script, outcomes[len(calls) :])


def _call(lab: Lab, pool: str, step: Step) -> Call:
    arguments = step.arguments
    match step.method:
        case "swap":
            signature = "swap(address,bool,int256,uint160,bytes)"
            return lab.pay(pool, calldata(signature, lab.payer, *arguments, b""))
        case "mint":
            return lab.pay(pool, calldata("mint(address,int24,int24,uint128,bytes)", lab.payer, *arguments, b""))
        case "burn":
            return lab.pay(pool, calldata("burn(int24,int24,uint128)", *arguments))
        case "initialize":
            return Call(to=pool, data=calldata("initialize(uint160)", *arguments))
        case _:
            return Call(to=pool, data=calldata("setFeeProtocol(uint8,uint8)", *arguments))


def _said(step: Step, outcome: Outcome) -> str | tuple[Any, ...]:
    if outcome.revert is not None:
        return outcome.revert
    if step.method == "swap":
        return outcome.swap_event()
    if step.method in ("mint", "burn"):
        return outcome.words("uint256", "uint256")
    return ()


def _state_queries(pool: str, script: V3Script) -> list[Call]:
    views = [calldata(view) for view in ("slot0()", "liquidity()", "protocolFees()")]
    ticks = [calldata("ticks(int24)", tick) for tick in script.pool.ticks]
    return [Call(to=pool, data=data) for data in [*views, *ticks]]


def _assert_same_state(script: V3Script, outcomes: list[Outcome]) -> None:
    pool = script.pool
    slot0, liquidity, protocol_fees, *ticks = outcomes
    price, tick, *_, fee_protocol, _unlocked = slot0.words(
        *("uint160", "int24", "uint16", "uint16", "uint16", "uint8", "bool")
    )
    assert (price, tick) == (pool.sqrt_price_x96, pool.tick)
    assert (fee_protocol % 16, fee_protocol >> 4) == (pool.fee_protocol0, pool.fee_protocol1)
    assert liquidity.words("uint128") == (pool.liquidity,)
    assert protocol_fees.words("uint128", "uint128") == (pool.protocol_fees0, pool.protocol_fees1)
    assert [tick.words("uint128", "int128") for tick in ticks] == [
        (info.liquidity_gross, info.liquidity_net) for info in pool.ticks.values()
    ]
