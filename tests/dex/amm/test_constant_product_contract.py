"""The model of a V2 pair against pair and router as published, integer for integer, revert for revert."""

from collections import Counter
from typing import Any

import pytest

from tests.dex.amm.lab import Call, Lab, Outcome, calldata
from tests.dex.amm.v2_script import MAX, Step, life

pytestmark = pytest.mark.anvil

LIVES = [f"v2 {number}" for number in range(6)]
FEE_TO = "0x00000000000000000000000000000000000000fE"
NOBODY = "0x" + "00" * 20


class Pair:
    """An empty pair, and how each step of a script is said to it."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.factory = lab.deploy("UniswapV2Factory", ["address"], [lab.account])
        self.router = lab.deploy("UniswapV2Router02", ["address", "address"], [self.factory, NOBODY])
        lab.send(self.factory, calldata("createPair(address,address)", lab.token0, lab.token1))
        asked = Call(to=self.factory, data=calldata("getPair(address,address)", lab.token0, lab.token1))
        self.address: str = lab.simulate([asked])[0].words("address")[0]
        for token in (lab.token0, lab.token1):
            lab.send(token, calldata("approve(address,uint256)", self.router, MAX))

    def calls(self, step: Step) -> list[Call]:
        """The last one of them is the step itself."""
        lab, arguments = self.lab, step.arguments
        match step.method:
            case "swap_exact_in" | "swap_exact_out" as method:
                amount, zero_for_one = arguments
                path = [lab.token0, lab.token1] if zero_for_one else [lab.token1, lab.token0]
                exact_in = method == "swap_exact_in"
                name = "swapExactTokensForTokens" if exact_in else "swapTokensForExactTokens"
                signature = f"{name}(uint256,uint256,address[],address,uint256)"
                data = calldata(signature, amount, 0 if exact_in else MAX, path, lab.account, MAX)
                return [Call(to=self.router, data=data)]
            case "swap_by_hand":
                return [self._own("swap(uint256,uint256,address,bytes)", *arguments, lab.account, b"")]
            case "donate":
                token, amount = arguments
                data = calldata("transfer(address,uint256)", self.address, amount)
                return [Call(to=(lab.token0, lab.token1)[token], data=data)]
            case "sync":
                return [self._own("sync()")]
            case "skim" | "mint" as method:
                return [self._own(f"{method}(address)", lab.account)]
            case "burn":
                give = self._own("transfer(address,uint256)", self.address, *arguments)
                return [give, self._own("burn(address)", lab.account)]
            case _:
                receiver = FEE_TO if arguments[0] else NOBODY
                return [Call(to=self.factory, data=calldata("setFeeTo(address)", receiver))]

    def state(self) -> list[Call]:
        return [self._own("getReserves()"), self._own("totalSupply()"), self._own("kLast()")]

    def _own(self, signature: str, *arguments: Any) -> Call:
        return Call(to=self.address, data=calldata(signature, *arguments))


@pytest.fixture(scope="module")
def pair(lab: Lab) -> Pair:
    return Pair(lab)


@pytest.mark.parametrize("seed", LIVES)
def test_every_step_of_a_pair_s_life_equals_the_contract(seed: str, lab: Lab, pair: Pair) -> None:
    steps = life(seed).steps
    queries = pair.state()
    groups = [[*pair.calls(step), *queries] for step in steps]
    outcomes = iter(lab.simulate([call for group in groups for call in group]))
    differences = []
    for number, (step, group) in enumerate(zip(steps, groups, strict=True)):
        *_, acted, reserves, supply, k_last = [next(outcomes) for _ in group]
        said = _said(step, acted)
        after = (*reserves.words("uint112", "uint112"), *supply.words("uint256"), *k_last.words("uint256"))
        if (said, after) != (step.expected, step.after):
            differences.append((number, step, said, after))
    assert differences == []


def test_the_steps_reach_every_revert_of_pair_and_library() -> None:
    steps = [step for seed in LIVES for step in life(seed).steps]
    reverts = Counter(step.expected for step in steps if isinstance(step.expected, str))
    assert sum(step.method.startswith("swap") for step in steps) >= 600
    assert {
        "UniswapV2: K",
        "UniswapV2: OVERFLOW",
        "UniswapV2: INSUFFICIENT_INPUT_AMOUNT",
        "UniswapV2: INSUFFICIENT_LIQUIDITY",
        "UniswapV2: INSUFFICIENT_OUTPUT_AMOUNT",
        "UniswapV2: INSUFFICIENT_LIQUIDITY_MINTED",
        "UniswapV2: INSUFFICIENT_LIQUIDITY_BURNED",
        "UniswapV2Library: INSUFFICIENT_INPUT_AMOUNT",
        "UniswapV2Library: INSUFFICIENT_OUTPUT_AMOUNT",
        "UniswapV2Library: INSUFFICIENT_LIQUIDITY",
        "ds-math-sub-underflow",
        "ds-math-mul-overflow",
        "",
    } <= set(reverts)


def _said(step: Step, outcome: Outcome) -> str | tuple[Any, ...]:
    if outcome.revert is not None:
        return outcome.revert
    match step.method:
        case "swap_exact_in" | "swap_exact_out":
            amount_in, amount_out = outcome.words("uint256[]")[0]
            return amount_in, amount_out
        case "mint":
            return outcome.words("uint256")
        case "burn":
            return outcome.words("uint256", "uint256")
        case _:
            return ()
