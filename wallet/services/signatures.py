"""Who signed a text: ``personal_sign`` of EIP-191, from a key and not from a contract."""

import re

from eth_account import Account
from eth_account.messages import encode_defunct
from eth_keys.exceptions import BadSignature
from eth_utils.exceptions import ValidationError

from wallet.errors import WrongSignature

CURVE_ORDER = 0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_BAAEDCE6_AF48A03B_BFD25E8C_D0364141
"""n of secp256k1 (SEC 2, 2.4.1)."""

MOST_SIGNATURE = 8_192
_RECOVERY_IDS = {0: 27, 1: 28, 27: 27, 28: 28}
_HEX = re.compile(r"0x([0-9a-fA-F]{2})*", re.ASCII)
_LENGTH = 65


def signer_of(*, text: str, signature: str) -> str:
    """The address, with its checksum, whose key made ``signature`` (0x hex of r, s and v) of ``text``.

    Raises ``WrongSignature`` for everything but 65 bytes with v of 0, 1, 27 or 28, 0 < r < n and 0 < s <= n/2: of the
    two signatures that can be made of each other, only the one that every wallet gives (EIP-2).
    """
    r, s, v = _parts(signature)
    try:
        return str(Account.recover_message(encode_defunct(text=text), vrs=(v, r, s)))
    except (BadSignature, ValidationError) as error:
        raise WrongSignature("this is no signature of any key") from error


def _parts(signature: str) -> tuple[int, int, int]:
    if len(signature) > MOST_SIGNATURE or _HEX.fullmatch(signature) is None:
        raise WrongSignature("a signature is 0x and hex digits")
    raw = bytes.fromhex(signature[2:])
    if len(raw) != _LENGTH:
        raise WrongSignature(
            f"a key's signature has {_LENGTH} bytes, this one {len(raw)}: wallets that are contracts cannot log in here"
        )
    r, s, v = int.from_bytes(raw[:32]), int.from_bytes(raw[32:64]), raw[64]
    if v not in _RECOVERY_IDS:
        raise WrongSignature("the last byte of a signature is 0, 1, 27 or 28")
    if not (0 < r < CURVE_ORDER and 0 < s <= CURVE_ORDER // 2):
        raise WrongSignature("the numbers of this signature are out of range")
    return r, s, _RECOVERY_IDS[v]
