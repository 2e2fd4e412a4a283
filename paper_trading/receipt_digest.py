"""The hash that chains an account's receipts. Pure, so that anyone can compute it from an export.

To check a receipt by hand: take ``RECEIPT_FIELDS`` as one JSON object with its keys sorted and no spaces, integers as
decimal strings, absent values as null, everything outside ASCII as \\uXXXX escapes; its hash is ``0x`` and the SHA-256
of those bytes. ``previous_hash`` is the hash of the receipt before it, or ``FIRST_PREVIOUS_HASH`` in the first.
``account`` is the account's address and ``trade`` the trade's number within the account.
"""

import hashlib
import json
from collections.abc import Mapping

RECEIPT_FIELDS = (
    "account",
    "sequence",
    "trade",
    "kind",
    "reverses",
    "chain_id",
    "block_number",
    "block_hash",
    "decision_block",
    "decision_hash",
    "sender",
    "router",
    "calldata",
    "token_in",
    "token_out",
    "amount_in",
    "amount_out",
    "minimum_out",
    "balance_in",
    "balance_out",
    "native_balance",
    "model_amount_out",
    "node_amount_out",
    "witness",
    "status",
    "revert_reason",
    "gas_used",
    "gas_source",
    "base_fee",
    "tip",
    "l1_fee",
    "fee_paid",
    "previous_hash",
)
FIRST_PREVIOUS_HASH = "0x" + "00" * 32

ReceiptValue = int | str | None


def receipt_hash(fields: Mapping[str, ReceiptValue]) -> str:
    """The hash of one receipt, from exactly ``RECEIPT_FIELDS``; ValueError for any other set of fields."""
    if set(fields) != set(RECEIPT_FIELDS):
        raise ValueError(f"a receipt has other fields: {sorted(set(fields) ^ set(RECEIPT_FIELDS))}")
    return "0x" + hashlib.sha256(canonical_json(fields)).hexdigest()


def canonical_json(fields: Mapping[str, ReceiptValue]) -> bytes:
    """
    >>> canonical_json({"b": 7, "a": None})
    b'{"a":null,"b":"7"}'
    """
    texts = {name: str(value) if isinstance(value, int) else value for name, value in fields.items()}
    return json.dumps(texts, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode("ascii")
