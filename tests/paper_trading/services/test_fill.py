from dataclasses import replace
from typing import Any

import pytest

from paper_trading.services.fill import Fill, FillStatus, Witness
from tests.paper_trading.world import FEE, block_at, fill_of, revert_in

FILL = fill_of(block_at(1), 100, 200)
REVERT = revert_in(block_at(1))


@pytest.mark.parametrize(
    ("fill", "changes"),
    [
        (FILL, {"fee_paid": FEE + 1}),
        (FILL, {"l1_fee": 1}),
        (FILL, {"amount_in": 0}),
        (FILL, {"amount_out": -1}),
        (FILL, {"revert_reason": "no"}),
        (FILL, {"status": FillStatus.REVERTED, "revert_reason": "no"}),
        (REVERT, {"revert_reason": None}),
        (FILL, {"model_amount_out": None}),
        (FILL, {"witness": Witness.MODEL_ONLY}),
        (FILL, {"model_amount_out": 199}),
        (FILL, {"witness": Witness.DISPUTED, "node_amount_out": None}),
    ],
)
def test_a_fill_that_contradicts_itself_cannot_be_made(fill: Fill, changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        replace(fill, **changes)
