"""Outside reference prices in US dollars: trends that last, noise that reverts, and jumps.

They stand for the rest of the world. Pools learn of them only through the actors' transactions. Only additions and
multiplications are used, which every platform rounds alike, so that a seed means the same market everywhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random

from chain.devnet.world import World

REVERSION = 0.97
_BLOCKS_A_MINUTE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Temper:
    """``drift`` is a trend's least and greatest move a minute; ``noise`` a block's; ``jump`` a jump's. All relative."""

    drift: tuple[float, float]
    noise: float
    jump: tuple[float, float]
    jump_chance: float


_CALM = Temper(drift=(0.0005, 0.004), noise=0.0003, jump=(0.003, 0.010), jump_chance=1 / 600)
_WILD = Temper(drift=(0.004, 0.028), noise=0.0011, jump=(0.010, 0.040), jump_chance=1 / 400)
_STILL = Temper(drift=(0.0, 0.0), noise=0.0, jump=(0.0, 0.0), jump_chance=0.0)
_TEMPERS = {"USDC": _STILL, "WETH": _CALM, "WBTC": _CALM}


@dataclass(slots=True)
class _Process:
    """``trend`` and ``wave`` multiply to the price relative to the start."""

    temper: Temper
    trend: float = 1.0
    wave: float = 0.0
    drift: float = 0.0
    blocks_left: int = 0

    def advance(self, rng: Random) -> None:
        if self.blocks_left == 0:
            self._turn(rng)
        self.blocks_left -= 1
        self.trend *= 1 + self.drift
        if rng.random() < self.temper.jump_chance:
            self.trend *= 1 + rng.choice((-1, 1)) * rng.uniform(*self.temper.jump)
        self.wave = REVERSION * self.wave + self.temper.noise * _bell(rng)

    def _turn(self, rng: Random) -> None:
        """Starts another trend; the further from home, the likelier one that leads back."""
        self.blocks_left = rng.randint(30, 200)
        homesick = max(-0.45, min(0.45, (self.trend - 1) * 0.9))
        direction = 1 if rng.random() < 0.5 - homesick else -1
        self.drift = direction * rng.uniform(*self.temper.drift) / _BLOCKS_A_MINUTE
        if rng.random() < 0.2:
            self.drift *= 0.1  # a quiet spell


@dataclass(slots=True)
class Reference:
    """Prices after any block; asking for a later block is cheap, for an earlier one an error."""

    world: World
    seed: int
    _block: int = 0
    _processes: dict[str, _Process] = field(default_factory=dict)

    def at(self, block: int) -> Mapping[str, float]:
        if block < self._block:
            raise ValueError(f"reference prices only go forward: {block} is before {self._block}")
        for symbol in self.world.tokens:
            self._processes.setdefault(symbol, _Process(_TEMPERS.get(symbol, _WILD)))
        while self._block < block:
            self._block += 1
            for symbol, process in self._processes.items():
                process.advance(Random(f"{self.seed}:{self._block}:reference:{symbol}"))
        return {
            symbol: self.world.tokens[symbol].start_price * process.trend * (1 + process.wave)
            for symbol, process in self._processes.items()
        }


def _bell(rng: Random) -> float:
    """Standard normal enough (Irwin-Hall of twelve), without logarithms or cosines."""
    return sum(rng.random() for _ in range(12)) - 6
