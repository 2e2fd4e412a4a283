"""New tokens all the time: some fair, some that cannot be sold, some taxed later, some whose liquidity is pulled."""

from collections.abc import Iterator
from random import Random

from chain.devnet import calls
from chain.devnet.chronicle import Launch, LaunchKind
from chain.devnet.codec import call, create_address, creation, v2_pair_address
from chain.devnet.miner import is_quiet
from chain.devnet.transactions import Wish
from chain.devnet.view import View
from dex.types import Address

EVERY = 25
_SUPPLY = 10**9 * 10**18
_KINDS = (LaunchKind.FAIR,) * 8 + (LaunchKind.HONEYPOT,) * 4 + (LaunchKind.TAX,) * 4 + (LaunchKind.RUG,) * 4
_CONTRACTS = {LaunchKind.HONEYPOT: "HoneypotToken", LaunchKind.TAX: "TaxToken"}
_SYLLABLES = ("bo", "na", "ki", "zu", "mo", "pep", "shi", "do", "gra", "lum", "vex", "ta")


def act(view: View, rng: Random) -> Iterator[Wish]:
    if view.number % EVERY == 0:
        yield from _deploy(view, rng)
    for launch in view.chronicle.launches[-8:]:
        age = view.number - launch.block
        if age == 1:
            yield from _open(view, launch, rng)
        elif age == turn_age(view.seed, launch):
            yield from _turn(view, launch)


def turn_age(seed: int, launch: Launch) -> int:
    """After how many blocks a bad launch shows what it is."""
    age = Random(f"{seed}:{launch.block}:turn").randint(20, 90)
    return age + 1 if is_quiet(launch.block + age) else age


def pair_of(view: View, launch: Launch) -> Address:
    tokens = sorted((launch.token, view.world.contracts.weth), key=lambda address: int(address, 16))
    return v2_pair_address(view.world.contracts.v2_factory, tokens[0], tokens[1])


def _deploy(view: View, rng: Random) -> Iterator[Wish]:
    kind = rng.choice(_KINDS)
    name = "".join(rng.choices(_SYLLABLES, k=3))
    code = creation(
        _CONTRACTS.get(kind, "DevToken"),
        ["string", "string", "uint8", "uint256"],
        *(name.capitalize(), name.upper(), 18, _SUPPLY),
    )
    launcher = view.world.roles.launcher
    token = create_address(launcher, view.chronicle.nonces.peek(launcher))
    yield Wish(sender=launcher, to=None, data=code, gas=900_000, note=f"launch:{kind}")
    data = calls.approve(view.world.contracts.v2_router)
    yield Wish(sender=launcher, to=token, data=data, gas=60_000, note="approve")


def _open(view: View, launch: Launch, rng: Random) -> Iterator[Wish]:
    launcher, contracts = view.world.roles.launcher, view.world.contracts
    amounts = _SUPPLY * 8 // 10, rng.randint(5, 40) * 10**18
    data = calls.v2_add(launch.token, contracts.weth, *amounts, launcher)
    yield Wish(sender=launcher, to=contracts.v2_router, data=data, gas=2_730_000, note="open")
    if launch.kind in _CONTRACTS:
        data = call("setPair(address)", pair_of(view, launch))
        yield Wish(sender=launcher, to=launch.token, data=data, gas=50_000, note="set pair")


def _turn(view: View, launch: Launch) -> Iterator[Wish]:
    launcher, contracts = view.world.roles.launcher, view.world.contracts
    if launch.kind is LaunchKind.TAX:
        data = call("setSellTax(uint256)", 9_000)
        yield Wish(sender=launcher, to=launch.token, data=data, gas=60_000, note="raise tax")
    elif launch.kind is LaunchKind.RUG:
        pair = pair_of(view, launch)
        (shares,) = view.read(pair, "balanceOf(address)", ["uint256"], launcher)
        yield Wish(sender=launcher, to=pair, data=calls.approve(contracts.v2_router), gas=60_000, note="approve")
        data = calls.v2_remove(launch.token, contracts.weth, shares, launcher)
        yield Wish(sender=launcher, to=contracts.v2_router, data=data, gas=250_000, note="pull liquidity")
