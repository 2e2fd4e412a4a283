"""Random but seeded lives of a V3 pool: each step with what the model says of it, to be judged by the contract."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from random import Random
from typing import Any

from dex.amm import ConcentratedPool, tick_math
from dex.amm.errors import PoolError
from dex.amm.ticks import max_liquidity_per_tick


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """``expected`` is a revert reason, or the integers of the Swap event or of the returned amounts."""

    method: str
    arguments: tuple[Any, ...]
    expected: str | tuple[int, ...]
    ticks_crossed: int = 0
    words_crossed: int = 0
    partial: bool = False
    limited: bool = False
    empty_range: bool = False


class V3Script:
    """Acts on a model and writes down every step. All positions belong to one owner."""

    def __init__(self, seed: str, *, fee_pips: int, tick_spacing: int) -> None:
        self.random = Random(seed)
        self.pool = ConcentratedPool.uninitialized(fee_pips=fee_pips, tick_spacing=tick_spacing)
        self.steps: list[Step] = []
        self.positions: dict[tuple[int, int], int] = {}

    def initialize(self, sqrt_price_x96: int) -> None:
        def act() -> tuple[int, ...]:
            self.pool = self.pool.initialize(sqrt_price_x96)
            return ()

        self._record("initialize", (sqrt_price_x96,), act)

    def mint(self, lower: int, upper: int, liquidity: int) -> None:
        def act() -> tuple[int, ...]:
            self.pool, amount0, amount1 = self.pool.mint(lower, upper, liquidity)
            self.positions[lower, upper] = self.positions.get((lower, upper), 0) + liquidity
            return amount0, amount1

        self._record("mint", (lower, upper, liquidity), act)

    def burn(self, lower: int, upper: int, liquidity: int) -> None:
        def act() -> tuple[int, ...]:
            self.pool, amount0, amount1 = self.pool.burn(lower, upper, liquidity)
            self.positions[lower, upper] -= liquidity
            return amount0, amount1

        self._record("burn", (lower, upper, liquidity), act)

    def set_fee_protocol(self, fee0: int, fee1: int) -> None:
        self.pool = replace(self.pool, fee_protocol0=fee0, fee_protocol1=fee1)
        self.steps.append(Step(method="setFeeProtocol", arguments=(fee0, fee1), expected=()))

    def swap(self, amount: int, zero_for_one: bool, limit: int | None = None) -> None:
        before = self.pool
        used = limit
        if used is None:
            used = tick_math.MIN_SQRT_RATIO + 1 if zero_for_one else tick_math.MAX_SQRT_RATIO - 1
        expected: str | tuple[int, ...]
        partial = False
        try:
            self.pool, result = self.pool.swap(amount, zero_for_one, limit)
        except PoolError as error:
            expected = error.revert
        else:
            after = self.pool
            expected = (result.amount0, result.amount1, after.sqrt_price_x96, after.liquidity, after.tick)
            partial = amount not in (result.amount0, result.amount1)
        low, high = sorted((before.tick, self.pool.tick))
        word = 256 * self.pool.tick_spacing
        self.steps.append(
            Step(
                method="swap",
                arguments=(zero_for_one, amount, used),
                expected=expected,
                ticks_crossed=sum(low < tick <= high for tick in self.pool.ticks),
                words_crossed=high // word - low // word,
                partial=partial,
                limited=limit is not None,
                empty_range=self.pool.liquidity == 0 or before.liquidity == 0,
            )
        )

    def random_swap(self) -> None:
        zero_for_one = self.random.random() < 0.5
        amount = self.random_amount()
        if self.random.random() < 0.5:
            amount = -amount
        self.swap(amount, zero_for_one, self.random_limit(zero_for_one))

    def random_amount(self) -> int:
        kind = self.random.random()
        if kind < 0.03:
            return 0
        if kind < 0.12:
            return self.random.randrange(1, 20)
        if kind < 0.18:
            return 1 << self.random.randrange(1, 255)
        depth = max(self.pool.liquidity, 10**6)
        return max(1, int(depth * self.pool.tick_spacing * 10 ** self.random.uniform(-7, -2.5)))

    def random_limit(self, zero_for_one: bool) -> int | None:
        kind = self.random.random()
        spacing = self.pool.tick_spacing
        if kind < 0.55:
            return None
        if kind < 0.60:
            return self.random.choice([0, tick_math.MIN_SQRT_RATIO, tick_math.MAX_SQRT_RATIO, self.pool.sqrt_price_x96])
        if kind < 0.65:
            zero_for_one = not zero_for_one
        way = -1 if zero_for_one else 1
        if kind < 0.75 and len(self.pool.ticks) > 0:
            return tick_math.get_sqrt_ratio_at_tick(self.random.choice(list(self.pool.ticks)))
        if kind < 0.82:
            word = (self.pool.tick // spacing // 256 + self.random.choice([0, way, 2 * way])) * 256 * spacing
            return tick_math.get_sqrt_ratio_at_tick(_clamped(word)) + self.random.choice([-1, 0, 1])
        return tick_math.get_sqrt_ratio_at_tick(_clamped(self.pool.tick + way * self.random.randrange(1, 60 * spacing)))

    def random_liquidity_change(self) -> None:
        spacing = self.pool.tick_spacing
        kind = self.random.random()
        owned = [(range_, held) for range_, held in self.positions.items() if held > 0]
        near = self.pool.tick // spacing
        lower = (near + self.random.randrange(-30, 30)) * spacing
        upper = lower + self.random.randrange(1, 40) * spacing
        if kind < 0.05 and not {lower, upper} <= set(self.pool.ticks):
            self.burn(lower, upper, 0)
            return
        if kind < 0.4 and owned:
            (lower, upper), held = self.random.choice(owned)
            self.burn(lower, upper, self.random.choice([held, held // 2 + 1, 0]))
            return
        if kind < 0.8:
            self.mint(lower, upper, 10 ** self.random.randrange(12, 22))
        elif kind < 0.84:
            self.mint(upper, self.random.choice([lower, upper]), 10**18)
        elif kind < 0.88:
            self.mint(lower + (spacing > 1), upper, self.random.choice([0, 10**18]))
        elif kind < 0.92:
            self.mint(lower, upper, max_liquidity_per_tick(spacing) + self.random.choice([0, 1]))
        elif kind < 0.96:
            self.burn(lower, upper, 1 << 127 if kind < 0.94 else max_liquidity_per_tick(spacing) + 1)
        else:
            self.mint(*self.random.choice([(-887273, 0), (0, 887273), (-887272, 0)]), 1)

    def _record(self, method: str, arguments: tuple[int, ...], act: Callable[[], tuple[int, ...]]) -> None:
        expected: str | tuple[int, ...]
        try:
            expected = act()
        except PoolError as error:
            expected = error.revert
        self.steps.append(Step(method=method, arguments=arguments, expected=expected))


def _clamped(tick: int) -> int:
    return max(tick_math.MIN_TICK + 1, min(tick, tick_math.MAX_TICK - 1))


def crowded(seed: str, fee_pips: int, tick_spacing: int) -> V3Script:
    """Many short positions side by side: swaps cross up to all of their ticks."""
    script = V3Script(seed, fee_pips=fee_pips, tick_spacing=tick_spacing)
    script.swap(10, True)
    script.initialize(
        script.random.randrange(tick_math.get_sqrt_ratio_at_tick(-60_000), tick_math.get_sqrt_ratio_at_tick(60_000))
    )
    script.initialize(1 << 96)
    centre = script.pool.tick // tick_spacing
    for slot in range(-40, 40):
        width = script.random.randrange(1, 6)
        script.mint(
            (centre + slot) * tick_spacing,
            (centre + slot + width) * tick_spacing,
            10**18 + script.random.randrange(10**18),
        )
    for number in range(110):
        if number % 10 == 9:
            script.random_liquidity_change()
        if number == 55:
            script.set_fee_protocol(4, 10)
        script.random_swap()
        if number % 20 == 10:
            sweep = script.pool.liquidity * tick_spacing // 100 + 10**15
            script.swap(sweep * (1 if number % 40 == 10 else -1), number % 80 < 40)
    return script


def sparse(seed: str, fee_pips: int, tick_spacing: int) -> V3Script:
    """Few positions words apart with nothing in between, and neighbours whose net cancels out at the shared tick."""
    script = V3Script(seed, fee_pips=fee_pips, tick_spacing=tick_spacing)
    start = script.random.randrange(-200, 200) * tick_spacing
    script.initialize(tick_math.get_sqrt_ratio_at_tick(start) + script.random.choice([0, 0, 1, 10**15]))
    word = 256 * tick_spacing
    liquidity = script.random.randrange(10**17, 10**20)
    for lower, upper in ((-3, -2), (-1, 1), (2, 3)):
        script.mint(_inside(lower * word - tick_spacing, tick_spacing), _inside(upper * word, tick_spacing), liquidity)
    script.mint(start - 7 * tick_spacing, start, liquidity)
    script.mint(start, start + 9 * tick_spacing, liquidity)
    for number in range(110):
        if number == 30:
            script.set_fee_protocol(0, 7)
        if number % 12 == 11:
            script.random_liquidity_change()
        script.random_swap()
    return script


def at_the_ends(seed: str, fee_pips: int, tick_spacing: int) -> V3Script:
    """Liquidity over the whole range, prices driven to both ends of it."""
    script = V3Script(seed, fee_pips=fee_pips, tick_spacing=tick_spacing)
    last = tick_math.MAX_TICK // tick_spacing * tick_spacing
    script.initialize(
        script.random.randrange(tick_math.MIN_SQRT_RATIO, tick_math.MAX_SQRT_RATIO) >> script.random.randrange(100)
    )
    script.mint(-last, last, script.random.randrange(1, 10**15))
    script.mint(-last, -last + tick_spacing, 10**9)
    script.mint(last - tick_spacing, last, 10**9)
    for _ in range(30):
        script.random_swap()
        script.swap(script.random.choice([1, -1]) << script.random.randrange(1, 200), script.random.random() < 0.5)
    return script


def _inside(tick: int, spacing: int) -> int:
    last = tick_math.MAX_TICK // spacing * spacing
    return max(-last, min(tick, last))


TIERS = ((100, 1), (500, 10), (3000, 60), (10000, 200))
KINDS = {"crowded": crowded, "sparse": sparse, "at_the_ends": at_the_ends}


def names() -> list[str]:
    """Three lives of the two main kinds on every fee tier and two that reach the ends of the price range; one each at
    spacing 1, where words are short and roads through empty ranges long."""
    lives = {"crowded": 3, "sparse": 3, "at_the_ends": 2}
    return [
        f"{kind}-{fee}-{number}"
        for kind, count in lives.items()
        for fee, spacing in TIERS
        for number in range(1 if spacing == 1 else count)
    ]


@cache
def script(name: str) -> V3Script:
    kind, fee, _ = name.split("-")
    return KINDS[kind](name, int(fee), dict(TIERS)[int(fee)])
