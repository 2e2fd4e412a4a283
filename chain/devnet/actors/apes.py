"""People who buy what was launched minutes ago and try to sell it again; what a token is shows in their receipts."""

from collections.abc import Iterator
from random import Random

from chain.devnet import calls
from chain.devnet.codec import call
from chain.devnet.transactions import GWEI, Wish
from chain.devnet.view import View
from dex.types import Address

_FIRST_AGE, _LAST_AGE = 2, 120


def act(view: View, rng: Random) -> Iterator[Wish]:
    recent = [x for x in view.chronicle.launches[-6:] if _FIRST_AGE <= view.number - x.block <= _LAST_AGE]
    if not recent:
        return
    token = rng.choice(recent).token
    ape = rng.choice(view.world.roles.apes)
    dice = rng.random()
    if dice < 0.35:
        yield _buy(view, ape, token, rng)
    elif dice < 0.50:
        yield from _sell(view, ape, token, rng)


def _buy(view: View, ape: Address, token: Address, rng: Random) -> Wish:
    contracts = view.world.contracts
    amount = rng.randint(2, 100) * 10**16
    data = calls.v2_swap(amount, 0, (contracts.weth, token), ape)
    return Wish(sender=ape, to=contracts.v2_router, data=data, gas=200_000, tip=GWEI, note="ape in")


def _sell(view: View, ape: Address, token: Address, rng: Random) -> Iterator[Wish]:
    contracts = view.world.contracts
    (balance,) = view.read(token, "balanceOf(address)", ["uint256"], ape)
    if balance == 0:
        return
    yield Wish(sender=ape, to=token, data=calls.approve(contracts.v2_router), gas=60_000, tip=GWEI, note="approve")
    data = call(
        "swapExactTokensForTokensSupportingFeeOnTransferTokens(uint256,uint256,address[],address,uint256)",
        *(balance * rng.randint(30, 100) // 100, 0, (token, contracts.weth), ape, calls.NO_DEADLINE),
    )
    yield Wish(sender=ape, to=contracts.v2_router, data=data, gas=220_000, tip=GWEI, note="ape out")
