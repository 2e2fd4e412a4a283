"""Each way of cooking the books, done behind the ORM's back, is found."""

import pytest
from django.db import connection

from paper_trading.models import TradeSide
from paper_trading.selectors import check_ledger
from paper_trading.services.booking import unbook_trade
from tests.paper_trading.world import DEPOSITS, WETH, World, new_world
from trading.fields import SignedAmountField, Uint256Field

ALL = "1 = 1"
WALLET = "book = 'wallet'"
ENTRIES = "paper_trading_ledgerentry"


def signed(amount: int) -> str:
    return f"'{SignedAmountField.encode(amount)}'"


def unsigned(amount: int) -> str:
    return f"'{Uint256Field.encode(amount)}'"


@pytest.fixture
def world(db: None) -> World:
    """Two buys, a sale, a revert, an un-booked buy."""
    world = new_world(deposits=DEPOSITS | {WETH: 500})
    world.buy(WETH, 3_000, 100, gas_quote=7)
    world.buy(WETH, 2_000, 60, gas_quote=7)
    world.sell(WETH, 40, 1_500, gas_quote=7)
    world.revert(TradeSide.SELL, WETH, 40)
    unbook_trade(trade=world.buy(WETH, 1_000, 30), block=world.next_block())
    return world


def tamper(table: str, change: str, where: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA defer_foreign_keys=ON")
        cursor.execute(f"UPDATE paper_trading_{table} SET {change} WHERE {where}")  # noqa: S608
        assert cursor.rowcount > 0


def forget(table: str, where: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA defer_foreign_keys=ON")
        cursor.execute(f"DELETE FROM paper_trading_{table} WHERE {where}")  # noqa: S608
        assert cursor.rowcount > 0


def found(world: World) -> set[str]:
    return {problem.check for problem in check_ledger(world.account)}


def test_honest_books_have_no_problem(world: World) -> None:
    assert check_ledger(world.account) == []


def test_a_changed_entry_is_found(world: World) -> None:
    tamper("ledgerentry", f"amount = {signed(101)}", f"amount = {signed(100)}")
    assert {"balance", "positions"} <= found(world)


def test_a_wallet_that_owed_for_a_moment_is_found(world: World) -> None:
    tamper("ledgerentry", "book = 'capital', balance_after = NULL", f"amount = {signed(DEPOSITS_USDC)}")
    assert "wallet" in found(world)


@pytest.mark.parametrize("where", [f"amount = {signed(100)}", f"id = (SELECT MAX(id) FROM {ENTRIES} WHERE {WALLET})"])  # noqa: S608
def test_a_balance_that_is_not_the_sum_of_its_entries_is_found(world: World, where: str) -> None:
    tamper("ledgerentry", f"balance_after = {unsigned(10**30)}", f"{WALLET} AND {where}")
    assert found(world) == {"wallet"}


def test_a_session_that_hides_its_gas_is_found(world: World) -> None:
    tamper("botsession", f"gas_quote = {unsigned(20)}", ALL)
    assert [str(problem) for problem in check_ledger(world.account)] == [
        f"sessions: session {world.session.pk}: gas_quote is 20, its trades give 21"
    ]


def test_a_trade_that_says_more_than_was_posted_is_found(world: World) -> None:
    tamper("papertrade", f"amount_out = {unsigned(101)}", f"amount_out = {unsigned(100)}")
    assert {"trades", "receipts", "positions"} <= found(world)


def test_a_booked_trade_that_pretends_to_be_cancelled_is_found(world: World) -> None:
    tamper("papertrade", "status = 'cancelled'", "status = 'reverted'")
    assert {"trades", "receipts"} <= found(world)


@pytest.mark.parametrize("column", ["quantity", "bought", "cost", "proceeds", "fees_quote"])
def test_a_changed_position_is_found(world: World, column: str) -> None:
    tamper("position", f"{column} = {unsigned(1)}", ALL)
    assert "positions" in found(world)


def test_an_open_position_that_pretends_to_be_closed_is_found(world: World) -> None:
    tamper("position", "status = 'closed'", ALL)
    assert "positions" in found(world)


def test_a_win_that_is_made_up_is_found(world: World) -> None:
    world.sell(WETH, 120, 5_000)
    assert check_ledger(world.account) == []
    tamper("position", f"result = {signed(999_999)}", ALL)
    assert "positions" in found(world)


def test_a_trade_taken_from_its_position_is_found(world: World) -> None:
    tamper("papertrade", "position_id = NULL", "sequence = 1")
    assert "positions" in found(world)


@pytest.mark.parametrize(
    "change", ["amount_out = amount_in", "gas_source = 'estimated'", "witness = 'node_only'", "base_fee = NULL"]
)
def test_a_changed_receipt_is_found(world: World, change: str) -> None:
    tamper("fillreceipt", change, "sequence = 2")
    assert [str(problem) for problem in check_ledger(world.account) if problem.subject == "receipt 2"] == [
        "receipts: receipt 2: was changed after it was written"
    ]


@pytest.mark.parametrize("sequence", [1, 3, 6])
def test_a_deleted_receipt_is_found(world: World, sequence: int) -> None:
    forget("fillreceipt", f"sequence = {sequence}")
    assert "receipts" in found(world)


def test_a_receipt_that_was_rewritten_whole_breaks_the_chain(world: World) -> None:
    tamper("fillreceipt", f"hash = '0x{'ab' * 32}'", "sequence = 2")
    assert "receipts: receipt 3: does not follow the one before" in [str(p) for p in check_ledger(world.account)]


DEPOSITS_USDC = 10_000_000_000
