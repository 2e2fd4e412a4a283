"""The beginning of the recorded pool as a recording of its own."""

import json
import lzma
from pathlib import Path

from tests.support import recording


def shorten(target: Path, rows: int) -> Path:
    """Writes the first ``rows`` rows, and those that share the last one's block, into ``target``."""
    header = json.loads((recording.FOLDER / "pool.json").read_text(encoding="utf-8"))
    counts = dict.fromkeys(header["counts"], 0)
    kept, last = [], ""
    with lzma.open(recording.FOLDER / "events.csv.xz", "rt", encoding="ascii") as file:
        kept.append(next(file))
        for line in file:
            _, block, _, kind, *_ = line.split(",")
            if len(kept) > rows and block != last:
                break
            last = block
            counts[kind] += 1
            kept.append(line)
    target.mkdir(parents=True, exist_ok=True)
    (target / "pool.json").write_text(
        json.dumps(header | {"counts": counts, "last_block": int(last)}), encoding="utf-8"
    )
    (target / "events.csv.xz").write_bytes(lzma.compress("".join(kept).encode("ascii"), preset=0))
    return target
