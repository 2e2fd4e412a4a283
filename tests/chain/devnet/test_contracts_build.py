import os
import shutil
import subprocess
from pathlib import Path

import pytest

CONTRACTS = Path(__file__).resolve().parents[3] / "contracts"


@pytest.mark.skipif(
    shutil.which("node") is None and "CI" not in os.environ, reason="needs node; in CI it is there or this fails"
)
def test_our_contracts_compile_to_what_is_committed(tmp_path: Path) -> None:
    subprocess.run(["node", str(CONTRACTS / "build.mjs"), str(tmp_path)], check=True)
    committed = {path.name: path.read_text() for path in (CONTRACTS / "build").iterdir()}
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == committed
