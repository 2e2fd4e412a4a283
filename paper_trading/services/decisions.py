"""What the bot thought at a block, stored once however often the block is decided."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F

from dex.routing.plan import SwapPlan
from dex.types import Address, BlockRef
from paper_trading.intelligence.base import Decision as Thought
from paper_trading.intelligence.base import Reading
from paper_trading.models import Decision, TradeSide


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrder:
    """A plan that was decided at the tick's block and waits for the block that takes it."""

    plan: SwapPlan
    side: TradeSide
    exit_reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A thought about one token. ``row_id`` names the stored decision that it only repeats, ``repeats`` how often."""

    token: Address
    block: BlockRef
    thought: Thought
    order: NewOrder | None = None
    row_id: int | None = None
    repeats: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """Rows by token; ``known`` are the tokens whose decision at this very block was there before."""

    rows: Mapping[Address, Decision]
    known: frozenset[Address]

    @property
    def ids(self) -> dict[Address, int]:
        return {token: row.pk for token, row in self.rows.items()}


def store_decisions(session_id: int, block: BlockRef, decided: Sequence[Decided]) -> Stored:
    """One row for every new decision; those that only repeat one are counted in its row."""
    _count_repeats(decided)
    new = [item for item in decided if item.row_id is None]
    if not new:
        return Stored(rows={}, known=frozenset())
    at_block = Decision.objects.filter(session_id=session_id, block_number=block.number, block_hash=block.hash)
    known = {Address(row.token): row for row in at_block}
    rows = [_row(session_id, item) for item in new if item.token not in known]
    Decision.objects.bulk_create(rows)
    known_here = {item.token: known[item.token] for item in new if item.token in known}
    return Stored(rows=known_here | {Address(row.token): row for row in rows}, known=frozenset(known_here))


def _count_repeats(items: Sequence[Decided]) -> None:
    alike: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    for item in items:
        if item.row_id is not None:
            alike[item.block.number, item.repeats].append(item.row_id)
    for (number, repeats), ids in alike.items():
        Decision.objects.filter(pk__in=ids).update(last_block=number, repeats=F("repeats") + repeats)


def _row(session_id: int, item: Decided) -> Decision:
    thought = item.thought
    return Decision(
        session_id=session_id,
        block_number=item.block.number,
        block_hash=item.block.hash,
        last_block=item.block.number,
        token=item.token,
        action=thought.action.value,
        code=thought.code,
        edge_bps=round(thought.edge_bps),
        confidence_pct=round(100 * thought.confidence),
        reasons=list(thought.reasons),
        readings=[_reading(reading) for reading in thought.readings],
    )


def _reading(reading: Reading) -> dict[str, Any]:
    return {
        "signal": reading.signal,
        "score": reading.score,
        "confidence": reading.confidence,
        "expected_move_bps": reading.expected_move_bps,
        "reason": reading.reason,
        "evidence": [
            {"name": evidence.name, "value": evidence.value, "unit": evidence.unit} for evidence in reading.evidence
        ],
    }
