"""A recording of a handful of rows, made with the pool model, in the format of the recorded data."""

import json
import lzma
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chain.recording_rows import COLUMNS
from dex.amm import ConcentratedPool

POOL = "0x1e60272caDcFb575247a666c11DBEA146299A2c4"
TOKEN0 = "0x4200000000000000000000000000000000000006"
TOKEN1 = "0x4200000000000000000000000000000000000042"
FIRST_BLOCK = 117_070_977
ONE = 10**18


@dataclass(slots=True)
class SmallRecording:
    """Rows are added in order; ``write`` puts both files into a folder. Change ``header`` or ``lines`` to spoil it."""

    pool: ConcentratedPool = field(
        default_factory=lambda: ConcentratedPool(
            sqrt_price_x96=2**96, tick=0, liquidity=0, fee_pips=3000, tick_spacing=200, ticks={}
        )
    )
    lines: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=lambda: {"mint": 0, "swap": 0, "burn": 0})
    blocks: list[int] = field(default_factory=list)
    header: dict[str, Any] = field(default_factory=dict)
    fee_schedule: list[dict[str, int]] = field(default_factory=lambda: [{"from_block": 0, "fee_pips": 3000}])

    def mint(self, block: int, liquidity: int = 1000 * ONE, lower: int = -2000, upper: int = 2000) -> None:
        self.pool, amount0, amount1 = self.pool.mint(lower, upper, liquidity)
        self._add(block, "mint", f"{amount0},{amount1},,{liquidity},,{lower},{upper}", "")

    def burn(self, block: int, liquidity: int, lower: int = -2000, upper: int = 2000) -> None:
        self.pool, amount0, amount1 = self.pool.burn(lower, upper, liquidity)
        self._add(block, "burn", f"{amount0},{amount1},,{liquidity},,{lower},{upper}", "")

    def swap(self, block: int, amount_in: int, *, zero_for_one: bool = True) -> None:
        self.pool, done = self.pool.swap(amount_in, zero_for_one=zero_for_one)
        state = f"{done.sqrt_price_x96},{done.liquidity},{done.tick}"
        self._add(block, "swap", f"{done.amount0},{done.amount1},{state},,", "in")

    def write(self, folder: Path) -> Path:
        header: dict[str, Any] = {
            "chain_id": 10,
            "pool": POOL,
            "token0": TOKEN0,
            "token1": TOKEN1,
            "symbols": ["WETH", "OP"],
            "decimals": [18, 18],
            "tick_spacing": 200,
            "initial_sqrt_price_x96": str(2**96),
            "initial_tick": 0,
            "fee_schedule": self.fee_schedule,
            "first_block": self.blocks[0] if self.blocks else FIRST_BLOCK,
            "last_block": self.blocks[-1] if self.blocks else FIRST_BLOCK,
            "counts": self.counts,
        }
        (folder / "pool.json").write_text(json.dumps(header | self.header), encoding="utf-8")
        text = "\n".join([COLUMNS, *self.lines]) + "\n"
        (folder / "events.csv.xz").write_bytes(lzma.compress(text.encode()))
        return folder

    def _add(self, block: int, kind: str, middle: str, mode: str) -> None:
        self.lines.append(f"{len(self.lines)},{block},{len(self.lines)},{kind},{middle},{self.pool.fee_pips},{mode}")
        self.counts[kind] += 1
        self.blocks.append(block)


def three_blocks() -> SmallRecording:
    """Mint; two swaps; after a long pause, a burn."""
    recording = SmallRecording()
    recording.mint(FIRST_BLOCK)
    recording.swap(FIRST_BLOCK + 1, ONE)
    recording.swap(FIRST_BLOCK + 1, 2 * ONE, zero_for_one=False)
    recording.burn(FIRST_BLOCK + 500, 400 * ONE)
    return recording
