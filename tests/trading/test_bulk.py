"""Rows and values written in one statement are what the ORM reads, on both databases."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from paper_trading.models import Decision, LedgerEntry, Position
from tests.paper_trading.world import WETH, World, new_world
from trading.bulk import insert_rows, insert_values, write_values
from trading.fields import UINT256_MAX

HOSTILE = 'a "quoted" \\ name\n\twith € and 𝄞 and \x1b'


@pytest.fixture
def world(books_db: str) -> World:
    return new_world()


def a_decision(world: World, number: int, **changes: Any) -> Decision:
    columns: dict[str, Any] = {"token": WETH, "action": "hold", "code": "x", "edge_bps": -3, "confidence_pct": 4}
    return Decision(
        session=world.session,
        block_number=number,
        block_hash=f"0x{number}",
        last_block=number,
        **{**columns, **changes},
    )


def a_position(world: World, token: str, **amounts: int) -> Position:
    return Position(
        session=world.session,
        account=world.account,
        generation=1,
        token=token,
        opened_block=2**62,
        opened_at=datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC),
        **amounts,
    )


def same(row: Any) -> bool:
    read = type(row)._default_manager.get(pk=row.pk)
    return all(getattr(read, field.attname) == getattr(row, field.attname) for field in row._meta.concrete_fields)


def test_inserted_rows_are_what_is_read(world: World) -> None:
    readings = [{"evidence": [{"value": 0.1, "unit": HOSTILE}], "none": None, "yes": True}]
    rows = [a_decision(world, 1, reasons=[HOSTILE], readings=readings), a_decision(world, 2, readings=readings)]
    insert_rows(rows)
    assert all(same(row) for row in rows)
    assert [row.block_number for row in Decision.objects.order_by("pk")] == [1, 2]


@pytest.mark.parametrize("amount", [0, 1, 2**53 + 1, 2**63, UINT256_MAX])
def test_amounts_stay_exact_to_the_last_unit(world: World, amount: int) -> None:
    position = a_position(world, HOSTILE[:42], quantity=amount)
    insert_rows([position])
    assert same(position)
    write_values(Position, ("quantity", "result"), {position.pk: (UINT256_MAX - amount, -amount)})
    assert Position.objects.values_list("quantity", "result").get() == (UINT256_MAX - amount, -amount)


def test_written_values_reach_their_own_row_and_no_other(world: World) -> None:
    rows = [a_position(world, token, quantity=5) for token in ("a", "b", "c")]
    insert_rows(rows)
    moment = datetime(2026, 2, 3, 4, 5, 6, 789, tzinfo=UTC)
    write_values(Position, ("closed_at", "closed_block"), {rows[0].pk: (moment, 7), rows[1].pk: (None, None)})
    stored = Position.objects.order_by("pk").values_list("closed_at", "closed_block", "quantity")
    assert list(stored) == [(moment, 7, 5), (None, None, 5), (None, None, 5)]


def test_a_value_that_a_field_refuses_is_not_written(world: World) -> None:
    position = a_position(world, WETH)
    insert_rows([position])
    for wrong, error in ((1.0, TypeError), (True, TypeError), (-1, ValueError), (UINT256_MAX + 1, ValueError)):
        with pytest.raises(error):
            write_values(Position, ("quantity",), {position.pk: (wrong,)})


def test_the_database_still_refuses_what_breaks_its_rules(world: World) -> None:
    insert_rows([a_position(world, WETH)])
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_rows([a_position(world, WETH)])


def test_many_rows_take_as_many_statements_as_one(world: World) -> None:
    def statements(count: int) -> int:
        with CaptureQueriesContext(connection) as asked:
            insert_rows([a_decision(world, 100 * count + number) for number in range(count)])
        return len(asked)

    assert statements(1) == statements(50) == 1


def test_keys_come_in_the_order_of_the_values(world: World) -> None:
    posting = world.account.postings.get()
    before = LedgerEntry.objects.count()
    columns = ("posting", "account", "book", "token", "amount", "balance_after")
    rows = [(posting.pk, world.account.pk, "market", f"token {number}", number, None) for number in range(20)]
    ids = insert_values(LedgerEntry, columns, rows)
    tokens = dict(LedgerEntry.objects.filter(pk__in=ids).values_list("pk", "token"))
    assert [tokens[pk] for pk in ids] == [token for _, _, _, token, _, _ in rows]
    assert LedgerEntry.objects.count() == before + 20


def test_nothing_is_written_without_rows(world: World) -> None:
    with CaptureQueriesContext(connection) as asked:
        insert_rows([])
        write_values(Position, ("quantity",), {})
    assert len(asked) == 0
