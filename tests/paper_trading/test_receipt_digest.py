import hashlib
import json

import pytest

from paper_trading.models import FillReceipt, TradeSide
from paper_trading.receipt_digest import FIRST_PREVIOUS_HASH, RECEIPT_FIELDS, receipt_hash
from paper_trading.selectors import receipt_fields, verify_chain
from tests.paper_trading.world import WETH, new_world

UNHASHED = {"id", "created_at", "hash"}


def test_anyone_can_compute_a_receipts_hash_from_its_columns(db: None) -> None:
    world = new_world()
    world.buy(WETH, 3_000, 2**200)
    row = FillReceipt.objects.values(*RECEIPT_FIELDS).get()
    row |= {"account": world.account.address, "trade": 1}
    texts = {name: None if value is None else str(value) for name, value in row.items()}
    body = json.dumps(texts, sort_keys=True, separators=(",", ":")).encode()
    assert FillReceipt.objects.get().hash == "0x" + hashlib.sha256(body).hexdigest()


def test_every_column_of_a_receipt_is_hashed() -> None:
    assert {field.name for field in FillReceipt._meta.fields} - UNHASHED == set(RECEIPT_FIELDS)


def test_receipts_follow_one_another(db: None) -> None:
    world = new_world()
    world.buy(WETH, 3_000, 100)
    world.revert(TradeSide.BUY, WETH, 1_000)
    first, second = FillReceipt.objects.order_by("sequence")
    assert (first.previous_hash, second.previous_hash) == (FIRST_PREVIOUS_HASH, first.hash)
    assert verify_chain(world.account) == []


def test_another_set_of_fields_has_no_hash(db: None) -> None:
    world = new_world()
    world.buy(WETH, 3_000, 100)
    fields = receipt_fields(FillReceipt.objects.get())
    with pytest.raises(ValueError, match="extra"):
        receipt_hash(fields | {"extra": 1})
