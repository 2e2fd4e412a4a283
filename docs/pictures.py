"""Pictures as small as a page of documentation wants them: 256 colours, packed tightly."""

import base64
import struct
import zlib
from pathlib import Path

from playwright.sync_api import Browser

PALETTE = Path(__file__).with_name("palette.js")
SIGNATURE = b"\x89PNG\r\n\x1a\n"
EIGHT_BITS, INDEXED, NO_FILTER = 8, 3, b"\0"


def smaller(browser: Browser, png: bytes) -> bytes:
    """``png`` again, as an indexed PNG (its specification, third edition: chapters 5, 11.2)."""
    page = browser.new_page()
    script = PALETTE.read_text().strip().removesuffix(";")
    address = f"data:image/png;base64,{base64.b64encode(png).decode()}"
    made = page.evaluate(script, address)
    page.close()
    width, height = int(made["width"]), int(made["height"])
    indices = base64.b64decode(made["indices"])
    rows = (indices[start : start + width] for start in range(0, width * height, width))
    header = struct.pack(">IIBBBBB", width, height, EIGHT_BITS, INDEXED, 0, 0, 0)
    packed = zlib.compress(b"".join(NO_FILTER + row for row in rows), 9)
    chunks = ((b"IHDR", header), (b"PLTE", bytes(made["palette"])), (b"IDAT", packed), (b"IEND", b""))
    return SIGNATURE + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
