"""The messages that wallets sign (EIP-4361, "Sign-In with Ethereum")."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a message says. ``origin`` is one of our own; ``statement`` is one line of the characters that EIP-4361
    allows; ``resources`` are URIs; ``address`` has its checksum."""

    origin: str
    address: str
    chain_id: int
    nonce: str
    statement: str
    issued_at: datetime
    expires_at: datetime
    resources: Sequence[str] = ()


def message_text(terms: Terms) -> str:
    """The text to sign."""
    # Half a second, which only a process that is asked for a message shall wait; its grammar defines some rules twice.
    warnings.filterwarnings("ignore", message="rule '.*' redefines")
    from siwe import ISO8601Datetime, SiweMessage  # type: ignore[import-untyped]
    from siwe.siwe import VersionEnum  # type: ignore[import-untyped]

    message = SiweMessage(
        domain=urlsplit(terms.origin).netloc,
        address=terms.address,
        uri=terms.origin,
        version=VersionEnum.one,
        chain_id=terms.chain_id,
        nonce=terms.nonce,
        statement=terms.statement,
        issued_at=ISO8601Datetime.from_datetime(terms.issued_at, timespec="seconds"),
        expiration_time=ISO8601Datetime.from_datetime(terms.expires_at, timespec="seconds"),
        resources=list(terms.resources) or None,
    )
    return str(message.prepare_message())
