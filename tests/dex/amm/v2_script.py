"""Random but seeded lives of a V2 pair, by router and by hand: each step with what the model says of it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random

from dex.amm import ConstantProductPool
from dex.amm.errors import PoolError

MAX = (1 << 256) - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """``expected`` is a revert reason or the returned integers; ``after`` the reserves, supply and kLast then."""

    method: str
    arguments: tuple[int, ...]
    expected: str | tuple[int, ...]
    after: tuple[int, int, int, int]


class V2Script:
    """Acts on a model and on the token balances that the pair has beside its reserves, and writes down every step."""

    def __init__(self, seed: str) -> None:
        self.random = Random(seed)
        self.pool = ConstantProductPool(reserve0=0, reserve1=0, fee_pips=3000, total_supply=0)
        self.balance0 = self.balance1 = 0
        self.shares_given = 0
        self.steps: list[Step] = []

    def swap_exact_in(self, amount_in: int, zero_for_one: bool) -> None:
        def act() -> tuple[int, ...]:
            amount_out = self.pool.quote_exact_in(amount_in, zero_for_one)
            self._routed(amount_in, amount_out, zero_for_one)
            return amount_in, amount_out

        self._record("swap_exact_in", (amount_in, int(zero_for_one)), act)

    def swap_exact_out(self, amount_out: int, zero_for_one: bool) -> None:
        def act() -> tuple[int, ...]:
            amount_in = self.pool.quote_exact_out(amount_out, zero_for_one)
            self._routed(amount_in, amount_out, zero_for_one)
            return amount_in, amount_out

        self._record("swap_exact_out", (amount_out, int(zero_for_one)), act)

    def swap_by_hand(self, amount0_out: int, amount1_out: int) -> None:
        """The pair's own swap, paid with whatever was donated before."""

        def act() -> tuple[int, ...]:
            self._swap(amount0_out, amount1_out, self.balance0 - amount0_out, self.balance1 - amount1_out)
            return ()

        self._record("swap_by_hand", (amount0_out, amount1_out), act)

    def donate(self, amount0: int, amount1: int) -> None:
        self.balance0 += amount0
        self.balance1 += amount1
        for token, amount in enumerate((amount0, amount1)):
            self.steps.append(Step(method="donate", arguments=(token, amount), expected=(), after=self._state()))

    def sync(self) -> None:
        def act() -> tuple[int, ...]:
            self.pool = self.pool.sync(self.balance0, self.balance1)
            return ()

        self._record("sync", (), act)

    def skim(self) -> None:
        def act() -> tuple[int, ...]:
            amount0, amount1 = self.pool.skim(self.balance0, self.balance1)
            self.balance0 -= amount0
            self.balance1 -= amount1
            return ()

        self._record("skim", (), act)

    def mint(self) -> None:
        """Mint for whatever the pair was given beyond its reserves."""

        def act() -> tuple[int, ...]:
            given = self.balance0 - self.pool.reserve0, self.balance1 - self.pool.reserve1
            self.pool, shares = self.pool.mint(*given)
            return (shares,)

        self._record("mint", (), act)

    def burn(self, shares: int) -> None:
        """Give shares to the pair and burn all that it has been given, by burns that reverted too."""
        self.shares_given += shares

        def act() -> tuple[int, ...]:
            self.pool, amount0, amount1 = self.pool.burn(self.shares_given, self.balance0, self.balance1)
            self.shares_given = 0
            self.balance0, self.balance1 = self.pool.reserve0, self.pool.reserve1
            return amount0, amount1

        self._record("burn", (shares,), act)

    def turn_fee(self, *, on: bool) -> None:
        self.pool = replace(self.pool, fee_on=on)
        self.steps.append(Step(method="turn_fee", arguments=(int(on),), expected=(), after=self._state()))

    def _routed(self, amount_in: int, amount_out: int, zero_for_one: bool) -> None:
        out0, out1 = (0, amount_out) if zero_for_one else (amount_out, 0)
        in0, in1 = (amount_in, 0) if zero_for_one else (0, amount_in)
        self._swap(out0, out1, self.balance0 + in0 - out0, self.balance1 + in1 - out1)

    def _swap(self, out0: int, out1: int, balance0: int, balance1: int) -> None:
        self.pool, _ = self.pool.swap_with_balances(out0, out1, balance0, balance1)
        self.balance0, self.balance1 = balance0, balance1

    def _state(self) -> tuple[int, int, int, int]:
        return self.pool.reserve0, self.pool.reserve1, self.pool.total_supply or 0, self.pool.k_last

    def _record(self, method: str, arguments: tuple[int, ...], act: Callable[[], tuple[int, ...]]) -> None:
        expected: str | tuple[int, ...]
        try:
            expected = act()
        except PoolError as error:
            expected = error.revert
        self.steps.append(Step(method=method, arguments=arguments, expected=expected, after=self._state()))


def life(seed: str) -> V2Script:
    script = V2Script(seed)
    random = script.random
    script.swap_exact_in(1000, True)
    script.donate(999, 1000)
    script.mint()
    script.donate(1, 0)
    script.mint()
    script.donate(10 ** random.randrange(4, 30), 10 ** random.randrange(4, 30))
    script.mint()
    for number in range(100):
        if number in (30, 70):
            script.turn_fee(on=number == 30)
        if number % 5 == 4:
            _random_upkeep(script)
        _random_swap(script)
    _overreach(script)
    return script


def _random_swap(script: V2Script) -> None:
    random = script.random
    zero_for_one = random.random() < 0.5
    reserve_in, reserve_out = script.pool.reserve0, script.pool.reserve1
    if not zero_for_one:
        reserve_in, reserve_out = reserve_out, reserve_in
    kind = random.random()
    if kind < 0.06:
        script.swap_exact_in(random.choice([0, 1, 2, 1 << 200, 1 << 247]), zero_for_one)
    elif kind < 0.12:
        script.swap_exact_out(random.choice([0, 1, reserve_out - 1, reserve_out, reserve_out + 1]), zero_for_one)
    elif kind < 0.5:
        script.swap_exact_in(max(1, int(reserve_in * 10 ** random.uniform(-8, 0.5))), zero_for_one)
    elif kind < 0.85:
        script.swap_exact_out(max(1, int(reserve_out * 10 ** random.uniform(-8, -0.1))), zero_for_one)
    else:
        _swap_by_hand(script, reserve_in, zero_for_one)


def _swap_by_hand(script: V2Script, reserve_in: int, zero_for_one: bool) -> None:
    """Pay first, then ask for what is due, for one unit more, or for a part in each token."""
    random = script.random
    amount_in = max(2, reserve_in // random.randrange(2, 1000))
    script.donate(*((amount_in, 0) if zero_for_one else (0, amount_in)))
    in0, in1 = script.balance0 - script.pool.reserve0, script.balance1 - script.pool.reserve1
    paid = in0 if zero_for_one else in1
    due = script.pool.quote_exact_in(paid, zero_for_one) if paid > 0 else 0
    asked = due + random.choice([0, 0, 1, -1, -due])
    back = amount_in // 7 if random.random() < 0.3 else 0
    script.swap_by_hand(*((back, max(0, asked)) if zero_for_one else (max(0, asked), back)))


def _random_upkeep(script: V2Script) -> None:
    random, pool = script.random, script.pool
    kind = random.random()
    if kind < 0.45:
        script.donate(pool.reserve0 // random.randrange(2, 500), pool.reserve1 // random.randrange(2, 500))
        script.mint()
    elif kind < 0.75:
        # the first 1000 shares are locked away, and the protocol's belong to another owner
        script.burn(random.choice([0, 1, (pool.total_supply or 0) // random.randrange(10, 100)]))
    else:
        script.donate(random.randrange(10**6), random.randrange(10**6))
        random.choice([script.sync, script.skim])()


def _overreach(script: V2Script) -> None:
    """Ask for everything, for something unpaid, and leave more than a reserve can count."""
    script.swap_by_hand(script.pool.reserve0, 0)
    script.skim()
    script.swap_by_hand(1, 0)
    script.donate(1 << 112, 0)
    script.sync()
    script.swap_exact_in(10**6, True)
    script.skim()
