"""Addresses as people give them, and as we keep them: with the checksum of EIP-55."""

import re

from eth_utils.address import is_checksum_address, to_checksum_address

from wallet.errors import WrongAddress

PATTERN = r"0x[0-9a-fA-F]{40}"
_ADDRESS = re.compile(PATTERN, re.ASCII)
_ZERO = "0x" + "0" * 40


def checksummed(text: str) -> str:
    """``text`` in EIP-55 form; raises ``WrongAddress``, also where its capitals say that a letter was mistyped.

    >>> checksummed("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed")
    '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed'
    """
    if _ADDRESS.fullmatch(text) is None:
        raise WrongAddress("an address is 0x and 40 hex digits")
    digits = text.removeprefix("0x")
    if digits not in (digits.lower(), digits.upper()) and not is_checksum_address(text):
        raise WrongAddress(f"{text} has a typing mistake: its capital letters do not fit (EIP-55)")
    if text.lower() == _ZERO:
        raise WrongAddress("nobody has the zero address")
    return str(to_checksum_address(text))
