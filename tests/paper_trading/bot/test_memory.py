"""A thought that only repeats is one row; what a commit has not counted yet is due."""

from dataclasses import replace

from paper_trading.bot.memory import DecisionMemory
from paper_trading.intelligence.base import Action, Decision
from paper_trading.models import TradeSide
from paper_trading.services.ticks import Decided, NewOrder, Tick, Written
from tests.support.small_desk import ALT, DOLLAR, FIRST, USD, WETH, block, plan

HOLD = Decision(
    action=Action.HOLD,
    code="edge_below_bar",
    reasons=("the edge is 3 bps",),
    edge_bps=3.0,
    cost_bps=60.0,
    confidence=0.6,
    size=0,
    tolerance_bps=50,
    readings=(),
)
BUY = replace(HOLD, action=Action.BUY, code="edge_over_bar", size=DOLLAR)
ORDER = NewOrder(plan=plan(USD, WETH, amount_in=DOLLAR), side=TradeSide.BUY, exit_reason="")


def commit(memory: DecisionMemory, *decided: Decided, number: int = FIRST, row_id: int = 7) -> None:
    tick = Tick(block=block(number), decided=decided)
    rows = {item.token: row_id for item in decided if item.row_id is None}
    memory.stored(tick, Written(decisions=rows, orders={}))


def standing(thought: Decision = HOLD, order: NewOrder | None = None) -> DecisionMemory:
    """A memory whose thought on WETH is row 7."""
    memory = DecisionMemory()
    commit(memory, memory.note(WETH.address, block(FIRST), thought, order))
    return memory


def test_a_first_thought_is_new() -> None:
    noted = DecisionMemory().note(WETH.address, block(FIRST), HOLD, None)
    assert (noted.row_id, noted.thought, noted.order) == (None, HOLD, None)


def test_the_same_thought_again_belongs_to_the_row_of_the_first() -> None:
    noted = standing().note(WETH.address, block(FIRST + 1), replace(HOLD, edge_bps=4.0), None)
    assert noted.row_id == 7


def test_a_thought_that_was_not_committed_is_still_new() -> None:
    memory = DecisionMemory()
    memory.note(WETH.address, block(FIRST), HOLD, None)
    assert memory.note(WETH.address, block(FIRST + 1), HOLD, None).row_id is None


def test_another_reason_is_a_new_thought() -> None:
    noted = standing().note(WETH.address, block(FIRST + 1), replace(HOLD, code="cooldown"), None)
    assert noted.row_id is None


def test_another_action_is_a_new_thought() -> None:
    noted = standing().note(WETH.address, block(FIRST + 1), replace(HOLD, action=Action.SELL), None)
    assert noted.row_id is None


def test_another_token_has_thoughts_of_its_own() -> None:
    assert standing().note(ALT.address, block(FIRST + 1), HOLD, None).row_id is None


def test_an_order_is_always_new() -> None:
    noted = standing(BUY).note(WETH.address, block(FIRST + 1), BUY, ORDER)
    assert (noted.row_id, noted.order) == (None, ORDER)


def test_nothing_repeats_a_thought_that_ordered() -> None:
    assert standing(BUY, ORDER).note(WETH.address, block(FIRST + 1), BUY, None).row_id is None


def test_repetitions_are_due_with_their_count_and_the_newest_thought() -> None:
    memory = standing()
    for number in (1, 2, 3):
        memory.note(WETH.address, block(FIRST + number), replace(HOLD, edge_bps=float(number)), None)
    [due] = memory.due(block(FIRST + 3))
    assert (due.row_id, due.repeats, due.block, due.thought.edge_bps) == (7, 3, block(FIRST + 3), 3.0)


def test_nothing_is_due_before_a_thought_repeats() -> None:
    assert standing().due(block(FIRST + 1)) == ()


def test_what_a_commit_counted_is_not_due_again() -> None:
    memory = standing()
    memory.note(WETH.address, block(FIRST + 1), HOLD, None)
    commit(memory, *memory.due(block(FIRST + 1)), number=FIRST + 1)
    assert memory.due(block(FIRST + 2)) == ()


def test_after_that_the_row_goes_on() -> None:
    memory = standing()
    memory.note(WETH.address, block(FIRST + 1), HOLD, None)
    commit(memory, *memory.due(block(FIRST + 1)), number=FIRST + 1)
    memory.note(WETH.address, block(FIRST + 2), HOLD, None)
    [due] = memory.due(block(FIRST + 2))
    assert (due.row_id, due.repeats) == (7, 1)


def test_a_new_thought_ends_the_old_row() -> None:
    memory = standing()
    other = memory.note(WETH.address, block(FIRST + 1), replace(HOLD, code="cooldown"), None)
    commit(memory, other, number=FIRST + 1, row_id=8)
    assert memory.note(WETH.address, block(FIRST + 2), HOLD, None).row_id is None
