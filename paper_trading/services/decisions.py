"""What the bot thought at a block, stored once however often the block is decided."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F

from dex.routing.plan import SwapPlan
from dex.types import Address, BlockRef
from paper_trading.intelligence.base import Decision as Thought
from paper_trading.intelligence.base import Reading
from paper_trading.models import BotSession, Decision, TradeSide
from paper_trading.services.announcements import decision_stored
from trading.bulk import insert_rows


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Thoughts:
    """What one session decided at one block. A ``user_id`` that is known spares a query for the session's owner."""

    session_id: int
    block: BlockRef
    decided: Sequence[Decided]
    user_id: int | None = None


def store_thoughts(thoughts: Sequence[Thoughts]) -> list[Stored]:
    """One row for every new decision, those that only repeat one are counted in its row; in the order of ``thoughts``.

    The number of statements does not grow with the number of sessions.
    """
    _count_repeats([item for each in thoughts for item in each.decided])
    new = {_key(each, item): item for each in thoughts for item in each.decided if item.row_id is None}
    known = _known(new)
    shared: dict[int, list[dict[str, Any]]] = {}
    rows = {key: _row(key[0], item, shared) for key, item in new.items() if key not in known}
    insert_rows(list(rows.values()))
    _announce(thoughts, rows.values())
    return [_stored(each, known, rows) for each in thoughts]


def _announce(thoughts: Sequence[Thoughts], rows: Collection[Decision]) -> None:
    users = {each.session_id: each.user_id for each in thoughts if each.user_id is not None}
    if unknown := {row.session_id for row in rows} - users.keys():
        users |= dict(BotSession.objects.filter(pk__in=unknown).values_list("pk", "user_id"))
    for row in rows:
        decision_stored(decision=row, user_id=users[row.session_id])


_Key = tuple[int, str, Address]


def _key(thoughts: Thoughts, item: Decided) -> _Key:
    return thoughts.session_id, thoughts.block.hash, item.token


def _known(new: Mapping[_Key, Decided]) -> dict[_Key, Decision]:
    if not new:
        return {}
    rows = Decision.objects.filter(
        session_id__in={session_id for session_id, _, _ in new},
        block_number__in={item.block.number for item in new.values()},
        block_hash__in={block_hash for _, block_hash, _ in new},
    )
    found = {(row.session_id, row.block_hash, Address(row.token)): row for row in rows}
    return {key: row for key, row in found.items() if key in new}


def _stored(thoughts: Thoughts, known: Mapping[_Key, Decision], rows: Mapping[_Key, Decision]) -> Stored:
    keys = {item.token: _key(thoughts, item) for item in thoughts.decided if item.row_id is None}
    here = {token: known[key] for token, key in keys.items() if key in known}
    written = {token: rows[key] for token, key in keys.items() if key in rows}
    return Stored(rows=here | written, known=frozenset(here))


def _count_repeats(items: Sequence[Decided]) -> None:
    alike: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    for item in items:
        if item.row_id is not None:
            alike[item.block.number, item.repeats].append(item.row_id)
    for (number, repeats), ids in alike.items():
        Decision.objects.filter(pk__in=ids).update(last_block=number, repeats=F("repeats") + repeats)


def _row(session_id: int, item: Decided, shared: dict[int, list[dict[str, Any]]]) -> Decision:
    """``shared`` are readings by the identity of what they were made of: many sessions think with the same ones."""
    thought = item.thought
    readings = shared.get(id(thought.readings))
    if readings is None:
        readings = shared[id(thought.readings)] = [_reading(reading) for reading in thought.readings]
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
        readings=readings,
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
