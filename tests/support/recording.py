"""Reads the recorded pool beside the project, row by row."""

import csv
import json
import lzma
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dex.amm import ConcentratedPool

_ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("DEXPROJECT_DATA", _ROOT.parent / "shared" / "data"))
FOLDER = DATA / "weth-op-optimism"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One event. For a mint or burn ``liquidity`` is the delta and the price fields are None."""

    seq: int
    kind: str
    amount0: int
    amount1: int
    sqrt_price_x96: int | None
    liquidity: int
    tick: int | None
    tick_lower: int | None
    tick_upper: int | None
    fee_pips: int
    replay_mode: str


def start() -> ConcentratedPool:
    facts = json.loads((FOLDER / "pool.json").read_text(encoding="utf-8"))
    return ConcentratedPool(
        sqrt_price_x96=int(facts["initial_sqrt_price_x96"]),
        tick=facts["initial_tick"],
        liquidity=0,
        fee_pips=facts["fee_schedule"][0]["fee_pips"],
        tick_spacing=facts["tick_spacing"],
        ticks={},
    )


def rows() -> Iterator[Row]:
    with lzma.open(FOLDER / "events.csv.xz", "rt", newline="") as file:
        for row in csv.DictReader(file):
            yield Row(
                seq=int(row["seq"]),
                kind=row["type"],
                amount0=int(row["amount0"]),
                amount1=int(row["amount1"]),
                sqrt_price_x96=_optional(row["sqrt_price_x96"]),
                liquidity=int(row["liquidity"]),
                tick=_optional(row["tick"]),
                tick_lower=_optional(row["tick_lower"]),
                tick_upper=_optional(row["tick_upper"]),
                fee_pips=int(row["fee_pips"]),
                replay_mode=row["replay_mode"],
            )


def _optional(text: str) -> int | None:
    return int(text) if text else None
