"""Amounts for reading are the same whether the server or a script of the page writes them: one table for both."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from api.amounts import plain_text
from dex.amounts import short_units
from tests.support.program import ROOT

CASES: list[dict[str, Any]] = json.loads((Path(__file__).parent / "tables/amounts.json").read_text())
MODULE = ROOT / "dashboard/static/dashboard/js/lib/amounts.js"
NODE = shutil.which("node", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
PROGRAM = """
import { readFileSync } from "node:fs";
const { readable, exact } = await import(process.argv[1]);
const told = JSON.parse(readFileSync(0, "utf8")).map((one) => [readable(one), exact({ text: one.exact, symbol: "T" })]);
console.log(JSON.stringify(told));
"""


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['raw']}e-{case['decimals']}")
def test_the_server_rounds_towards_zero_and_keeps_every_digit_beside_it(case: dict[str, Any]) -> None:
    assert short_units(int(case["raw"]), case["decimals"]) == case["shown"]
    assert plain_text(int(case["raw"]), case["decimals"]) == case["exact"]


@pytest.mark.skipif(NODE is None and "CI" not in os.environ, reason="needs node; in CI it is there or this fails")
def test_the_page_says_the_same(tmp_path: Path) -> None:
    assert NODE is not None
    module = tmp_path / "amounts.mjs"
    module.write_bytes(MODULE.read_bytes())
    told = subprocess.run(
        [NODE, "--input-type=module", "--eval", PROGRAM, "--", str(module)],
        input=json.dumps(CASES),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert json.loads(told.stdout) == [[case["shown"], f"{case['exact']} T"] for case in CASES]
