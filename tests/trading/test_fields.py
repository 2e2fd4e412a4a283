import pytest
from django.core.exceptions import FieldError, ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from hypothesis import given
from hypothesis import strategies as st

from paper_trading.models import Book, LedgerEntry, Position
from paper_trading.models.ledger import LedgerPosting
from tests.paper_trading.world import World, block_at, new_world
from trading.aggregates import ExactSum
from trading.fields import UINT256_MAX, SignedAmountField, Uint256Field

EDGES = [0, 1, 2**53 + 1, 2**63, 2**128 - 1, 10**77 + 7, UINT256_MAX]
SIGNED_EDGES = [-UINT256_MAX, -(10**77), -(2**64) - 1, -1, 0, 1, 2**53 + 1, UINT256_MAX]


def position_of(world: World, quantity: int) -> Position:
    return Position.objects.create(
        session=world.session,
        account=world.account,
        generation=1,
        token=f"token {quantity % 10**9}",
        quantity=quantity,
        opened_block=1,
        opened_at=world.session.created_at,
    )


def write_entries(world: World, amounts: list[int]) -> None:
    posting = LedgerPosting.objects.create(
        account=world.account, kind="opening", generation=1, block_number=1, block_hash=block_at(1).hash
    )
    LedgerEntry.objects.bulk_create(
        LedgerEntry(posting=posting, account=world.account, book=Book.MARKET, token=f"token {index}", amount=amount)
        for index, amount in enumerate(amounts)
    )


@given(st.integers(0, UINT256_MAX), st.integers(0, UINT256_MAX))
def test_unsigned_text_orders_as_the_numbers_do(a: int, b: int) -> None:
    assert (Uint256Field.encode(a) < Uint256Field.encode(b)) == (a < b)
    assert Uint256Field.decode(Uint256Field.encode(a)) == a


@given(st.integers(-UINT256_MAX, UINT256_MAX), st.integers(-UINT256_MAX, UINT256_MAX))
def test_signed_text_orders_as_the_numbers_do(a: int, b: int) -> None:
    assert (SignedAmountField.encode(a) < SignedAmountField.encode(b)) == (a < b)
    assert SignedAmountField.decode(SignedAmountField.encode(a)) == a


def test_unsigned_values_come_back_to_the_unit(books_db: str) -> None:
    world = new_world()
    for value in EDGES:
        pk = position_of(world, value).pk
        assert Position.objects.get(pk=pk).quantity == value


def test_signed_values_come_back_to_the_unit(books_db: str) -> None:
    write_entries(new_world(), SIGNED_EDGES)
    read = LedgerEntry.objects.filter(book=Book.MARKET).order_by("pk").values_list("amount", flat=True)
    assert list(read) == SIGNED_EDGES


def test_the_database_sorts_by_value(books_db: str) -> None:
    write_entries(new_world(), SIGNED_EDGES[::-1])
    read = LedgerEntry.objects.filter(book=Book.MARKET).order_by("amount").values_list("amount", flat=True)
    assert list(read) == SIGNED_EDGES


def test_the_database_compares_by_value(books_db: str) -> None:
    write_entries(new_world(), SIGNED_EDGES)
    entries = LedgerEntry.objects.filter(book=Book.MARKET)
    for value in SIGNED_EDGES:
        assert entries.filter(amount=value).count() == 1
        assert entries.filter(amount__lt=value).count() == sum(edge < value for edge in SIGNED_EDGES)
        assert entries.filter(amount__gte=value).count() == sum(edge >= value for edge in SIGNED_EDGES)
    assert entries.filter(amount__in=SIGNED_EDGES[:3]).count() == 3
    assert entries.filter(amount__range=(-1, 1)).count() == 3


def test_an_exact_sum_loses_no_digit(books_db: str) -> None:
    amounts = [UINT256_MAX, UINT256_MAX, 1, -5, -UINT256_MAX]
    write_entries(new_world(), amounts)
    total = LedgerEntry.objects.filter(book=Book.MARKET).aggregate(total=ExactSum("amount"))["total"]
    assert total == sum(amounts)


def test_an_exact_sum_of_unsigned_amounts_loses_no_digit(books_db: str) -> None:
    world = new_world()
    for value in EDGES:
        position_of(world, value)
    assert Position.objects.aggregate(total=ExactSum("quantity"))["total"] == sum(EDGES)


def test_an_exact_sum_over_no_rows_is_none(books_db: str) -> None:
    assert LedgerEntry.objects.aggregate(total=ExactSum("amount"))["total"] is None


def test_exact_sums_are_compared_by_value(books_db: str) -> None:
    write_entries(new_world(), [-3, 2, UINT256_MAX])
    sums = LedgerEntry.objects.filter(book=Book.MARKET).values("token").annotate(total=ExactSum("amount"))
    assert [row["total"] for row in sums.order_by("-total")] == [UINT256_MAX, 2, -3]
    assert sums.filter(total__lt=0).count() == 1


@pytest.mark.parametrize("value", [1.0, True, "1", b"1"])
def test_only_int_is_taken(db: None, value: object) -> None:
    with pytest.raises(TypeError, match="takes int"):
        Position.objects.filter(quantity=value).exists()


@pytest.mark.parametrize("value", [-1, UINT256_MAX + 1])
def test_values_out_of_range_are_refused(db: None, value: int) -> None:
    with pytest.raises(ValueError, match="cannot hold"):
        position_of(new_world(), value)


def test_the_database_itself_refuses_a_value_out_of_range(books_db: str) -> None:
    position = position_of(new_world(), 5)
    bad = "5" if books_db == "sqlite" else "-5"
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE paper_trading_position SET quantity = '{bad}' WHERE id = %s", [position.pk])  # noqa: S608


def test_arithmetic_in_the_database_is_refused(books_db: str) -> None:
    position_of(new_world(), 5)
    with pytest.raises(TypeError, match="not computed in the database"):
        Position.objects.update(quantity=F("quantity") + 1)


def test_a_column_can_be_copied_in_the_database(books_db: str) -> None:
    position = position_of(new_world(), 5)
    Position.objects.update(cost=F("quantity"))
    position.refresh_from_db()
    assert position.cost == 5


def test_text_lookups_are_refused(db: None) -> None:
    with pytest.raises(FieldError):
        Position.objects.filter(quantity__contains=5).exists()


def test_a_form_may_give_decimal_text() -> None:
    assert Uint256Field().to_python(str(UINT256_MAX)) == UINT256_MAX


@pytest.mark.parametrize("value", ["1.5", "", "-1", str(UINT256_MAX + 1), 1.0, True, "0x10"])
def test_a_form_gets_a_validation_error_for_anything_else(value: object) -> None:
    with pytest.raises(ValidationError):
        Uint256Field().to_python(value)
