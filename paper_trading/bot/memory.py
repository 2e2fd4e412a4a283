"""Which thought is new and which only repeats the one before, so that a quiet market does not fill the database."""

from dataclasses import dataclass

from dex.types import Address, BlockRef
from paper_trading.intelligence.base import Decision
from paper_trading.services.ticks import Decided, NewOrder, Tick, Written


@dataclass(slots=True)
class _Standing:
    action: str
    code: str
    thought: Decision
    row_id: int | None = None
    unwritten: int = 0


class DecisionMemory:
    """The standing thought of every token. One with the same action and code stands on; an order is always new."""

    def __init__(self) -> None:
        self._standing: dict[Address, _Standing] = {}

    def note(self, token: Address, block: BlockRef, thought: Decision, order: NewOrder | None) -> Decided:
        """The thought as a tick carries it; one that only repeats has its row's id and is written when it is due."""
        standing = self._standing.get(token)
        if (
            order is None
            and standing is not None
            and standing.row_id is not None
            and standing.code == thought.code
            and standing.action == thought.action.value
        ):
            standing.unwritten += 1
            standing.thought = thought
            return Decided(token=token, block=block, thought=thought, row_id=standing.row_id)
        return Decided(token=token, block=block, thought=thought, order=order)

    def due(self, block: BlockRef) -> tuple[Decided, ...]:
        """Every repetition that no commit has counted yet."""
        return tuple(
            Decided(
                token=token, block=block, thought=standing.thought, row_id=standing.row_id, repeats=standing.unwritten
            )
            for token, standing in self._standing.items()
            if standing.unwritten > 0 and standing.row_id is not None
        )

    def stored(self, tick: Tick, written: Written) -> None:
        """Take over what a commit wrote."""
        for item in tick.decided:
            if item.row_id is not None:
                standing = self._standing.get(item.token)
                if standing is not None and standing.row_id == item.row_id:
                    standing.unwritten = 0
                continue
            self._standing[item.token] = _Standing(
                action=item.thought.action.value,
                code=item.thought.code,
                thought=item.thought,
                row_id=None if item.order is not None else written.decisions[item.token],
            )
