"""What the actors must remember beyond the chain's present state, folded from the journal's transactions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from chain.devnet.codec import create_address
from chain.devnet.transactions import Nonces
from dex.types import Address


class LaunchKind(StrEnum):
    FAIR = "fair"
    HONEYPOT = "honeypot"  # sells of all but the owner revert
    TAX = "tax"  # the sell tax goes up later
    RUG = "rug"  # the liquidity is pulled later


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    block: int
    kind: LaunchKind
    token: Address


@dataclass(slots=True)
class Chronicle:
    """Resuming folds the same transactions in the same order, so the actors go on as if they had never stopped."""

    nonces: Nonces = field(default_factory=Nonces)
    launches: list[Launch] = field(default_factory=list)

    def record(self, block: int, transactions: Sequence[Mapping[str, Any]]) -> None:
        """``transactions`` as the journal has them."""
        for transaction in transactions:
            sender, nonce = Address(transaction["from"]), int(transaction["nonce"], 16)
            self.nonces.set(sender, nonce + 1)
            label, _, kind = transaction.get("note", "").partition(":")
            if label == "launch":
                token = create_address(sender, nonce)
                self.launches.append(Launch(block=block, kind=LaunchKind(kind), token=token))
