"""How the books name what is not an ERC-20."""

from dex.types import Address

NATIVE = Address("0x0000000000000000000000000000000000000000")
"""The chain's native token (gas), in wei. No ERC-20 can live at the zero address."""
