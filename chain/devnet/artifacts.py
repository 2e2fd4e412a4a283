"""Contracts as published: the official Uniswap builds from their npm packages, and ours from ``contracts/build``."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from chain.errors import ConfigurationError

_ROOT = Path(__file__).resolve().parents[2]
_UNISWAP = _ROOT / "node_modules" / "@uniswap"
_V3_CORE = _UNISWAP / "v3-core" / "artifacts" / "contracts"
_V3_PERIPHERY = _UNISWAP / "v3-periphery" / "artifacts" / "contracts"
_OFFICIAL = {
    "UniswapV2Factory": _UNISWAP / "v2-core" / "build" / "UniswapV2Factory.json",
    "UniswapV2Pair": _UNISWAP / "v2-core" / "build" / "UniswapV2Pair.json",
    "UniswapV2Router02": _UNISWAP / "v2-periphery" / "build" / "UniswapV2Router02.json",
    "WETH9": _UNISWAP / "v2-periphery" / "build" / "WETH9.json",
    "UniswapV3Factory": _V3_CORE / "UniswapV3Factory.sol" / "UniswapV3Factory.json",
    "UniswapV3Pool": _V3_CORE / "UniswapV3Pool.sol" / "UniswapV3Pool.json",
    "SwapRouter": _V3_PERIPHERY / "SwapRouter.sol" / "SwapRouter.json",
    "NonfungiblePositionManager": _V3_PERIPHERY / "NonfungiblePositionManager.sol" / "NonfungiblePositionManager.json",
    "QuoterV2": _V3_PERIPHERY / "lens" / "QuoterV2.sol" / "QuoterV2.json",
    "TickLens": _V3_PERIPHERY / "lens" / "TickLens.sol" / "TickLens.json",
}
_OURS = _ROOT / "contracts" / "build"


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """``bytecode`` is the creation code without constructor arguments, 0x-prefixed hex."""

    name: str
    abi: Sequence[dict[str, Any]]
    bytecode: str


@cache
def load(name: str) -> Artifact:
    """A contract by its name; raises ``ConfigurationError`` where it is unknown or its package is missing."""
    path = _OFFICIAL.get(name, _OURS / f"{name}.json")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        hint = "run `make setup`" if name in _OFFICIAL else "no such contract of ours"
        raise ConfigurationError(f"contract {name} is not there: {hint}") from None
    bytecode = content["bytecode"]
    return Artifact(name=name, abi=content["abi"], bytecode=bytecode if bytecode.startswith("0x") else "0x" + bytecode)
